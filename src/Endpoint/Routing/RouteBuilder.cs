using System.Collections.Immutable;
using Ipsec.Esp;
using Ipsec.Ike.Addresses;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint.Routing;

/// <summary>
/// Builds the route snapshot of the data path and the list of networks that the host leads to the inner side, at most once per
/// engine turn and only after a change.
/// </summary>
/// <remarks>
/// Local networks are delivered here, and the addresses that peers have given us; our outer addresses too where a child SA ends at them. A route-based tunnel
/// has its routes as long as it is configured, up or down: a packet for a tunnel that is down is dropped (and may start it,
/// <see cref="StartAction.Traffic"/>); it never leaves in clear. A policy-based tunnel has, per child, the remote selectors that were negotiated while an SA
/// is up; while none is, the configured ones, for the same reason, if this side is to bring it up (<see cref="StartAction.Start"/>,
/// <see cref="StartAction.Traffic"/>). Where several route-based tunnels have the same prefix, <see cref="TunnelRoutes"/> chooses among those that are up.
/// Otherwise the earlier one of the configuration has it, route-based before policy-based.
/// </remarks>
sealed class RouteBuilder
{
    /// <summary>A peer whose selectors are taken as they come could otherwise fill the table: 255 selectors of 254 prefixes each.</summary>
    public const int MaximumNegotiatedPrefixes = 1024;

    (int Tunnels, int ChildSas, int UpAndDowns, ImmutableArray<VirtualAddresses> VirtualAddresses)? _seen;

    public RouteTable Table { get; private set; } = RouteTable.Empty;

    /// <summary>Complete, without duplicates, sorted by address and length.</summary>
    public ImmutableArray<IpPrefix> InnerRoutes { get; private set; } = [];

    /// <summary>Whether the last rebuild changed <see cref="InnerRoutes"/>.</summary>
    public bool InnerRoutesDiffer { get; private set; }

    /// <summary>False if nothing has changed since the last call.</summary>
    public bool TryRebuild(EndpointConfiguration configuration, TunnelTable tunnels, ISendingChildSas childSas,
        ImmutableArray<VirtualAddresses> virtualAddresses)
    {
        int upAndDowns = tunnels.SharesPrefixes ? childSas.UpAndDowns : 0;
        (int, int, int, ImmutableArray<VirtualAddresses>) current = (tunnels.Version, childSas.Version, upAndDowns, virtualAddresses);
        if (_seen == current)
            return false;
        _seen = current;

        Dictionary<IpPrefix, RouteTarget> targets = [];
        foreach (IpPrefix network in configuration.LocalNetworks)
            targets.TryAdd(network, RouteTarget.Local);
        foreach (AssignedAddress address in virtualAddresses.SelectMany(one => one.Configuration.Addresses))
            targets.TryAdd(IpPrefix.Host(address.Address), RouteTarget.Local);
        if (tunnels.All.Any(tunnel => EndsHere(tunnel.Configuration.Connection)))
        {
            foreach (IpAddress address in configuration.LocalAddresses)
                targets.TryAdd(IpPrefix.Host(address), RouteTarget.Local);
        }
        foreach ((IpPrefix prefix, RouteTarget target) in TunnelRoutes.Choose(tunnels, childSas))
            targets.TryAdd(prefix, target);
        foreach (Tunnel tunnel in tunnels.All.Where(tunnel => tunnel.Configuration.Routes.IsEmpty))
        {
            foreach (IpPrefix prefix in PolicyRoutes(tunnel, childSas, configuration.LocalNetworks))
                targets.TryAdd(prefix, RouteTarget.Into(tunnel.Number));
        }

        Route[] routes = [.. targets.Select(pair => new Route(pair.Key, pair.Value))
            .OrderBy(route => route.Prefix.Address).ThenBy(route => route.Prefix.Length)];
        Table = new RouteTable(routes, tunnels.All.Select(Settings)) { Transit = configuration.Transit, Shaper = configuration.Shaper };
        ImmutableArray<IpPrefix> inner = [.. routes.Where(route => route.Target.Kind == RouteKind.Tunnel).Select(route => route.Prefix)];
        InnerRoutesDiffer = !inner.SequenceEqual(InnerRoutes);
        InnerRoutes = inner;
        return true;
    }

    /// <summary>Tunnel mode to our own outer address, which a dynamic selector stands for where no peer gives us another one.</summary>
    static bool EndsHere(ConnectionConfiguration connection) => connection.VirtualIps.IsEmpty
        && connection.Children.Any(child => child.Mode == ChildMode.Tunnel && !child.DynamicLocalSelectors.IsEmpty);

    static TunnelSettings Settings(Tunnel tunnel) => new(tunnel.Number, tunnel.Configuration.MssClamp) { Nat = tunnel.Configuration.Nat };

    static IEnumerable<IpPrefix> PolicyRoutes(Tunnel tunnel, ISendingChildSas childSas, ImmutableArray<IpPrefix> localNetworks)
    {
        ConnectionConfiguration connection = tunnel.Configuration.Connection;
        IReadOnlyCollection<InstalledChildSa> installed = childSas.SendingIn(tunnel.Number);
        foreach (ChildConfiguration child in connection.Children)
        {
            bool isUp = installed.Any(sa => sa.Child == child.Name);
            // Where packets start tunnels, they also start what the peer has left out of one that is up (RFC 7296 §2.9).
            if (!connection.MayStart || isUp && !connection.MayTrap)
                continue;
            foreach (IpPrefix prefix in ToPrefixes(child.RemoteSelectors))
                yield return prefix;
            if (connection.RemoteAddress is IpAddress peer && (child.Mode == ChildMode.Transport || !child.DynamicRemoteSelectors.IsEmpty))
                yield return IpPrefix.Host(peer);
        }
        // A peer whose selectors are taken as they come must not draw our own networks into its tunnel.
        foreach (IpPrefix prefix in installed.SelectMany(sa => ToPrefixes(sa.RemoteSelectors))
            .Where(prefix => !localNetworks.Any(network => network.Contains(prefix)))
            .Take(MaximumNegotiatedPrefixes))
            yield return prefix;
    }

    static IEnumerable<IpPrefix> ToPrefixes(ImmutableArray<TrafficSelector> selectors) =>
        selectors.SelectMany(selector => selector.Addresses.ToPrefixes());
}
