using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Lab.DeviceConfig;
using Ipsec.Lab.Topology;
using Ipsec.Lab.Topology.Sites;
using Ipsec.Net;

namespace Ipsec.Lab.Swanctl;

/// <summary>
/// Writes a device of a topology as a complete swanctl.conf, with its pre-shared keys. What swanctl.conf has no setting for stands as commands in
/// its first lines.
/// </summary>
public static class SwanctlWriter
{
    /// <summary>Why strongSwan cannot be told what a connection of a device wants by this file alone, as a sentence; null if it can.</summary>
    public static string? WhyNot(ConnectionConfiguration connection)
    {
        bool isByKey = connection.LocalAuthentication == LocalAuthentication.PresharedKey && connection.RemoteAuthentication.AllowsPresharedKey;
        string? what = !isByKey ? "authenticates with certificates or raw keys"
            : !connection.PostquantumKeys.IsEmpty ? "has a post-quantum preshared key"
            : !connection.Pools.IsEmpty ? "gives its peers addresses from pools"
            : connection.RedirectTo is not null ? "redirects its peers"
            : null;
        return what is null ? null : $"Connection {connection.Name} {what}, which is not written to a swanctl.conf.";
    }

    /// <param name="tunnels">Of the device; none of them one that <see cref="WhyNot"/> refuses.</param>
    public static string Write(TopologyModel topology, NodeDefinition device, IEnumerable<TunnelConfiguration> tunnels)
    {
        ImmutableArray<TunnelConfiguration> chosen = [.. tunnels];
        SettingsText text = new();
        text.Comment($"{device.Name} of {topology.Name} as strongSwan, profile {device.Profile}. This file holds pre-shared keys.");
        foreach ((int index, TunnelConfiguration tunnel) in chosen.Index())
            CommentCommands(text, device, tunnel, InterfaceId(tunnel, index));
        CommentRoutes(text, chosen);
        CommentSharedSelectors(text, chosen);
        text.Open("connections");
        foreach ((int index, TunnelConfiguration tunnel) in chosen.Index())
            WriteConnection(text, topology, device, tunnel, InterfaceId(tunnel, index));
        text.Close();
        text.Open("secrets");
        foreach (TunnelConfiguration tunnel in chosen)
            WriteSecret(text, topology, device, tunnel.Connection);
        text.Close();
        return text.ToString();
    }

    /// <summary>Of the XFRM interface of a route-based connection; null for policies of the kernel.</summary>
    static int? InterfaceId(TunnelConfiguration tunnel, int index) => tunnel.Connection.Children.SelectMany(child => child.LocalSelectors)
        .Any(selector => selector == TrafficSelector.AnyV4 || selector == TrafficSelector.AnyV6) ? index + 1 : null;

    static void CommentCommands(SettingsText text, NodeDefinition device, TunnelConfiguration tunnel, int? id)
    {
        string clamp = tunnel.MssClamp is int size ? $"-p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss {size}" : "";
        if (id is not null)
        {
            text.Comment($"{tunnel.Connection.Name} is route-based. Its interface{(clamp.Length > 0 ? " and its TCP MSS" : "")}:");
            text.Comment($"  ip link add ipsec{id} type xfrm if_id {id} && ip link set ipsec{id} mtu {device.Endpoint.Inner.Mtu} up");
            if (clamp.Length > 0)
            {
                text.Comment($"  iptables -t mangle -A FORWARD -o ipsec{id} {clamp}");
                text.Comment($"  iptables -t mangle -A FORWARD -i ipsec{id} {clamp}");
            }
        }
        else if (clamp.Length > 0)
        {
            text.Comment($"{tunnel.Connection.Name} needs its TCP MSS clamped:");
            text.Comment($"  iptables -t mangle -A FORWARD -m policy --dir out --pol ipsec {clamp}");
            text.Comment($"  iptables -t mangle -A FORWARD -m policy --dir in --pol ipsec {clamp}");
        }
    }

    /// <summary>Prefixes into interfaces; several tunnels with the same prefix and metric share it.</summary>
    static void CommentRoutes(SettingsText text, ImmutableArray<TunnelConfiguration> tunnels)
    {
        ILookup<TunnelRoute, int> interfaces = (from numbered in tunnels.Index()
                                                let id = InterfaceId(numbered.Item, numbered.Index)
                                                where id is not null
                                                from route in numbered.Item.Routes
                                                select (route, id.Value)).ToLookup(pair => pair.route, pair => pair.Value);
        if (interfaces.Count > 0)
            text.Comment("Routes:");
        foreach (IGrouping<TunnelRoute, int> route in interfaces)
        {
            string metric = route.Key.Metric > 0 ? $" metric {route.Key.Metric}" : "";
            string where = route.Count() == 1 ? $"dev ipsec{route.First()}" : string.Join(' ', route.Select(id => $"nexthop dev ipsec{id}"));
            text.Comment($"  ip route add {route.Key.Prefix}{metric} {where}");
        }
    }

    /// <summary>A kernel has one policy for one pair of selectors.</summary>
    static void CommentSharedSelectors(SettingsText text, ImmutableArray<TunnelConfiguration> tunnels)
    {
        foreach (string[] names in tunnels.Where(tunnel => InterfaceId(tunnel, 0) is null)
            .GroupBy(tunnel => string.Join("; ", tunnel.Connection.Children.Select(Selectors)))
            .Select(alike => alike.Select(tunnel => tunnel.Connection.Name).ToArray()).Where(names => names.Length > 1))
            text.Comment($"{string.Join(" and ", names)} have the same selectors, and only one of them carries traffic at a time; with vpnType: RouteBased all do.");
    }

    static string Selectors(ChildConfiguration child) => string.Join(" === ",
        Selectors(child.LocalSelectors, child.DynamicLocalSelectors), Selectors(child.RemoteSelectors, child.DynamicRemoteSelectors));

    static void WriteConnection(SettingsText text, TopologyModel topology, NodeDefinition device, TunnelConfiguration tunnel, int? id)
    {
        ConnectionConfiguration connection = tunnel.Connection;
        text.Open(NameOf(connection.Name));
        text.Set("version", "2");
        text.Set("local_addrs", (connection.LocalAddress ?? device.OuterAddress).ToString());
        text.Set("remote_addrs", connection.RemoteAddress?.ToString() ?? connection.RemoteName
            ?? (connection.AcceptedRemoteAddresses.IsEmpty ? "%any" : string.Join(", ", connection.AcceptedRemoteAddresses)));
        if (connection.RemoteIkePort != 500)
            text.Set("remote_port", Number(connection.RemoteIkePort));
        text.Set("proposals", Proposals(connection.InitiatorProposals));
        text.Set("rekey_time", Seconds(connection.Lifetime.RekeyTime));
        text.Set("over_time", Seconds(connection.Lifetime.HardTime - connection.Lifetime.RekeyTime));
        text.Set("rand_time", Seconds(connection.Lifetime.RekeyJitter));
        if (connection.ReauthenticationTime is TimeSpan reauthentication)
            text.Set("reauth_time", Seconds(reauthentication));
        text.Set("dpd_delay", Seconds(connection.DeadPeerDetectionDelay));
        text.Set("mobike", connection.Mobike is null ? "no" : "yes");
        text.Set("fragmentation", connection.Fragmentation.ToString().ToLowerInvariant());
        text.Set("childless", connection.Childless.ToString().ToLowerInvariant());
        text.Set("unique", connection.DuplicatePolicy.ToString().ToLowerInvariant());
        if (connection.ForceUdpEncapsulation)
            text.Set("encap", "yes");
        if (connection.StartAction == StartAction.Start)
            text.Set("keyingtries", "0");
        if (!connection.VirtualIps.IsEmpty)
            text.Set("vips", string.Join(", ", connection.VirtualIps));
        WriteRound(text, "local", connection.LocalIdentity?.ToString());
        WriteRound(text, "remote", DeviceConfigurator.RemoteIdentity(topology, connection));
        text.Open("children");
        bool isPeerSite = topology.Nodes.Any(node => node.Kind == NodeKind.Device && (node.NatAddress ?? node.OuterAddress) == connection.RemoteAddress);
        foreach (ChildConfiguration child in connection.Children)
            SwanctlChildText.Write(text, connection, child, id, inPairs: id is null && !isPeerSite);
        text.Close();
        text.Close();
    }

    static void WriteRound(SettingsText text, string name, string? identity)
    {
        text.Open(name);
        text.Set("auth", "psk");
        if (identity is not null)
            text.Set("id", identity);
        text.Close();
    }

    static void WriteSecret(SettingsText text, TopologyModel topology, NodeDefinition device, ConnectionConfiguration connection)
    {
        if (DeviceConfigurator.KeyOf(device, connection) is not byte[] key)
            return;
        text.Open($"ike-{NameOf(connection.Name)}");
        if (DeviceConfigurator.RemoteIdentity(topology, connection) is string identity)
            text.Set("id", identity);
        text.Set("secret", Secret(key));
        text.Close();
    }

    /// <summary>As text where that can be nothing else than this text; otherwise in base64.</summary>
    static string Secret(byte[] key)
    {
        bool isPlain = key.All(octet => octet is > 0x20 and < 0x7F and not ((byte)'"' or (byte)'\\')) && key is not [(byte)'0', (byte)'x' or (byte)'s', ..];
        return isPlain ? Encoding.ASCII.GetString(key) : $"0s{Convert.ToBase64String(key)}";
    }

    /// <summary>A dot is strongSwan's separator of sections, and a slash stands between a connection and its instance here.</summary>
    internal static string NameOf(string name) => name.Replace('.', '-').Replace('/', '-');

    internal static string Proposals(ImmutableArray<AlgorithmProposal> proposals) => string.Join(", ", proposals.Select(ProposalText.Print));

    internal static string Selectors(ImmutableArray<TrafficSelector> selectors, ImmutableArray<DynamicSelector> dynamic) =>
        string.Join(", ", [.. selectors.Select(selector => selector.ToString()), .. dynamic.Select(SelectorText.Print)]);

    internal static string Seconds(TimeSpan time) => $"{Number((int)Math.Round(time.TotalSeconds))}s";

    internal static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
