using System.Collections.Frozen;
using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Esp.Associations;
using Ipsec.Esp.Inner;
using Ipsec.Esp.Inner.Nat;
using Ipsec.Net;

namespace Ipsec.Esp.Routing;

/// <summary>What workers look at for one packet: a route table, and what outlives a table because packets have left their traces in it.</summary>
sealed class RouteSnapshot
{
    readonly RouteTable _table;
    readonly FrozenDictionary<int, RoutedTunnel> _tunnels;
    readonly FlowHash? _flowHash;

    readonly TokenBucket? _shaper;

    RouteSnapshot(RouteTable table, FrozenDictionary<int, RoutedTunnel> tunnels, FlowHash? flowHash, TokenBucket? shaper) =>
        (_table, _tunnels, _flowHash, _shaper) = (table, tunnels, flowHash, shaper);

    public static RouteSnapshot Empty { get; } = new(RouteTable.Empty, FrozenDictionary<int, RoutedTunnel>.Empty, flowHash: null, shaper: null);

    public bool AllowsTransit => _table.Transit;

    /// <param name="previous">The one that this one replaces.</param>
    /// <param name="associations">Where the tunnels have their state.</param>
    /// <param name="random">For the key of the flow hash, drawn when there is the first use for it.</param>
    public static RouteSnapshot Build(RouteTable table, RouteSnapshot previous, SaDirectory associations, IRandomSource random)
    {
        FlowHash? flowHash = previous._flowHash;
        if (flowHash is null && (table.HasGroups || table.Tunnels.Any(tunnel => tunnel.Nat.Any(rule => rule.Kind == NatKind.Dynamic))))
            flowHash = DrawKey(random);
        TokenBucket? shaper = table.Shaper is not ShaperSettings settings ? null
            : previous._shaper?.Settings == settings ? previous._shaper : new TokenBucket(settings);
        Dictionary<int, RoutedTunnel> tunnels = table.RoutedTunnels.ToDictionary(tunnel => tunnel, tunnel => new RoutedTunnel(associations.Tunnel(tunnel)));
        foreach (TunnelSettings tunnel in table.Tunnels)
            tunnels[tunnel.Tunnel] = Treat(tunnel);
        return new RouteSnapshot(table, tunnels.ToFrozenDictionary(), flowHash, shaper);

        RoutedTunnel Treat(TunnelSettings tunnel) =>
            new(associations.Tunnel(tunnel.Tunnel), tunnel.MssClamp, TunnelNat.Build(tunnel.Nat, previous.Find(tunnel.Tunnel)?.Nat, flowHash));
    }

    /// <summary>
    /// Where a packet goes, <see cref="RouteKind.Discard"/> if there is no route, and into which tunnel: of several the one that its flow is on.
    /// </summary>
    public RouteKind Route(in IpPacket packet, out int tunnel)
    {
        tunnel = 0;
        if (!_table.TryLookup(packet.Destination, out RouteTarget target))
            return RouteKind.Discard;
        tunnel = target.Group is TunnelGroup group && _flowHash is FlowHash hash ? group.Choose(hash.Compute(packet)) : target.Tunnel;
        return target.Kind;
    }

    /// <summary>Null for a tunnel that no route leads into and that has no settings.</summary>
    public RoutedTunnel? Find(int tunnel) => _tunnels.GetValueOrDefault(tunnel);

    /// <summary>False if the endpoint's tunnels carry as much as they may at the moment.</summary>
    public bool TryPass(int octets, TimeSpan now) => _shaper?.TryTake(octets, now) ?? true;

    public ImmutableArray<NatCounters> NatCounters(int tunnel) => Find(tunnel)?.Nat?.Counters ?? [];

    static FlowHash DrawKey(IRandomSource random)
    {
        Span<byte> key = stackalloc byte[FlowHash.KeyLength];
        random.Fill(key);
        return new FlowHash(key);
    }
}

/// <summary>One tunnel as routes know it: its state, and its inner stage. All of it is found together, because of many tunnels none is in the processor's cache.</summary>
sealed record RoutedTunnel(TunnelState State, int? MssClamp = null, TunnelNat? Nat = null);
