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
        SwanctlCommands.Write(text, device, chosen);
        WriteSections(text, topology, device, chosen, new SwanctlCredentials(), SwanctlCommands.InterfaceId);
        return text.ToString();
    }

    /// <param name="credentials">Is told the files of certificates and raw keys that the connections name.</param>
    /// <param name="interfaceId">Of a tunnel and its index: the number of its XFRM interface; null for policies.</param>
    internal static void WriteSections(SettingsText text, TopologyModel topology, NodeDefinition node, ImmutableArray<TunnelConfiguration> tunnels,
        SwanctlCredentials credentials, Func<TunnelConfiguration, int, int?> interfaceId)
    {
        text.Open("connections");
        foreach ((int index, TunnelConfiguration tunnel) in tunnels.Index())
            WriteConnection(text, topology, node, tunnel, credentials, interfaceId(tunnel, index));
        text.Close();
        text.Open("secrets");
        foreach (TunnelConfiguration tunnel in tunnels)
            WriteSecret(text, topology, node, tunnel.Connection);
        text.Close();
    }

    static void WriteConnection(SettingsText text, TopologyModel topology, NodeDefinition device, TunnelConfiguration tunnel, SwanctlCredentials credentials,
        int? id)
    {
        ConnectionConfiguration connection = tunnel.Connection;
        text.Open(NameOf(connection.Name));
        text.Set("version", "2");
        text.Set("local_addrs", (connection.LocalAddress ?? device.OuterAddress).ToString());
        text.Set("remote_addrs", connection.RemoteAddress?.ToString() ?? connection.RemoteName
            ?? (connection.AcceptedRemoteAddresses.IsEmpty ? "%any" : string.Join(", ", connection.AcceptedRemoteAddresses)));
        if (connection.RemoteIkePort != 500)
            text.Set("remote_port", Number(connection.RemoteIkePort));
        // strongSwan has one list for both roles.
        text.Set("proposals", Proposals([.. connection.InitiatorProposals.Union(connection.ResponderProposals)]));
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
        credentials.WriteLocal(text, connection);
        credentials.WriteRemote(text, connection, DeviceConfigurator.RemoteIdentity(topology, connection));
        text.Open("children");
        foreach (ChildConfiguration child in ChildrenOf(topology, connection, id is not null))
            SwanctlChildText.Write(text, connection, child, id);
        text.Close();
        text.Close();
    }

    /// <summary>
    /// One for each pair of networks where nothing else tells what belongs into the tunnel; towards another site, which has one child for all, just that.
    /// </summary>
    internal static IEnumerable<ChildConfiguration> ChildrenOf(TopologyModel topology, ConnectionConfiguration connection, bool isRouteBased)
    {
        bool isPeerSite = topology.Nodes.Any(node => node.Kind == NodeKind.Device && (node.NatAddress ?? node.OuterAddress) == connection.RemoteAddress);
        return isRouteBased || isPeerSite ? connection.Children : connection.Children.SelectMany(SwanctlChildText.Pairs);
    }

    static void WriteSecret(SettingsText text, TopologyModel topology, NodeDefinition device, ConnectionConfiguration connection)
    {
        if (DeviceConfigurator.KeyOf(device, connection) is not byte[] key)
            return;
        text.Open($"ike-{NameOf(connection.Name)}");
        // Which of several keys, strongSwan finds by who the peer says it is: its address, where nothing else is known.
        string? address = device.Endpoint.Tunnels.Length > 1 ? connection.RemoteAddress?.ToString() : null;
        if ((DeviceConfigurator.RemoteIdentity(topology, connection) ?? address) is string identity)
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
