using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Swanctl;

/// <summary>What swanctl.conf has no setting for, as commands in comments.</summary>
static class SwanctlCommands
{
    /// <summary>Of the XFRM interface of a route-based connection; null for policies of the kernel.</summary>
    public static int? InterfaceId(TunnelConfiguration tunnel, int index) => tunnel.Connection.Children.SelectMany(child => child.LocalSelectors)
        .Any(selector => selector == TrafficSelector.AnyV4 || selector == TrafficSelector.AnyV6) ? index + 1 : null;

    public static void Write(SettingsText text, NodeDefinition device, ImmutableArray<TunnelConfiguration> tunnels)
    {
        foreach ((int index, TunnelConfiguration tunnel) in tunnels.Index())
            CommentCommands(text, device, tunnel, InterfaceId(tunnel, index));
        CommentRoutes(text, tunnels);
        CommentSharedSelectors(text, tunnels);
    }

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
            text.Comment($"{string.Join(" and ", names)} have the same selectors, and only one of them carries traffic at a time; with vpnType: RouteBased " +
                "all do.");
    }

    static string Selectors(ChildConfiguration child) => string.Join(" === ",
        SwanctlWriter.Selectors(child.LocalSelectors, child.DynamicLocalSelectors),
            SwanctlWriter.Selectors(child.RemoteSelectors, child.DynamicRemoteSelectors));
}
