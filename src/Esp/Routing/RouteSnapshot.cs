using System.Collections.Frozen;
using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Esp.Inner;
using Ipsec.Esp.Inner.Nat;
using Ipsec.Net;

namespace Ipsec.Esp.Routing;

/// <summary>What workers look at for one packet: a route table, and what outlives a table because packets have left their traces in it.</summary>
sealed class RouteSnapshot
{
    readonly RouteTable _table;
    readonly FrozenDictionary<int, TunnelTreatment> _treatments;
    readonly FlowHash? _flowHash;

    readonly TokenBucket? _shaper;

    RouteSnapshot(RouteTable table, FrozenDictionary<int, TunnelTreatment> treatments, FlowHash? flowHash, TokenBucket? shaper) =>
        (_table, _treatments, _flowHash, _shaper) = (table, treatments, flowHash, shaper);

    public static RouteSnapshot Empty { get; } = new(RouteTable.Empty, FrozenDictionary<int, TunnelTreatment>.Empty, flowHash: null, shaper: null);

    public bool AllowsTransit => _table.Transit;

    /// <param name="previous">The one that this one replaces.</param>
    /// <param name="random">For the key of the flow hash, drawn when there is the first use for it.</param>
    public static RouteSnapshot Build(RouteTable table, RouteSnapshot previous, IRandomSource random)
    {
        FlowHash? flowHash = previous._flowHash;
        if (flowHash is null && (table.HasGroups || table.Tunnels.Any(tunnel => tunnel.Nat.Any(rule => rule.Kind == NatKind.Dynamic))))
            flowHash = DrawKey(random);
        TokenBucket? shaper = table.Shaper is not ShaperSettings settings ? null
            : previous._shaper?.Settings == settings ? previous._shaper : new TokenBucket(settings);
        return new RouteSnapshot(table, table.Tunnels.ToFrozenDictionary(tunnel => tunnel.Tunnel, Treat), flowHash, shaper);

        TunnelTreatment Treat(TunnelSettings tunnel) =>
            new(tunnel.MssClamp, TunnelNat.Build(tunnel.Nat, previous.Treatment(tunnel.Tunnel)?.Nat, flowHash));
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

    /// <summary>Null for a tunnel whose packets stay as they are.</summary>
    public TunnelTreatment? Treatment(int tunnel) => _treatments.GetValueOrDefault(tunnel);

    /// <summary>False if the endpoint's tunnels carry as much as they may at the moment.</summary>
    public bool TryPass(int octets, TimeSpan now) => _shaper?.TryTake(octets, now) ?? true;

    public ImmutableArray<NatCounters> NatCounters(int tunnel) => Treatment(tunnel)?.Nat?.Counters ?? [];

    static FlowHash DrawKey(IRandomSource random)
    {
        Span<byte> key = stackalloc byte[FlowHash.KeyLength];
        random.Fill(key);
        return new FlowHash(key);
    }
}

/// <summary>The inner stage of one tunnel.</summary>
sealed record TunnelTreatment(int? MssClamp, TunnelNat? Nat);
