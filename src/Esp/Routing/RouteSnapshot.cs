using System.Collections.Frozen;
using Ipsec.Crypto;
using Ipsec.Net;

namespace Ipsec.Esp.Routing;

/// <summary>What workers look at for one packet: a route table, and what outlives a table because packets have left their traces in it.</summary>
sealed class RouteSnapshot
{
    readonly RouteTable _table;
    readonly FrozenDictionary<int, TunnelTreatment> _treatments;
    readonly FlowHash? _flowHash;

    RouteSnapshot(RouteTable table, FrozenDictionary<int, TunnelTreatment> treatments, FlowHash? flowHash) =>
        (_table, _treatments, _flowHash) = (table, treatments, flowHash);

    public static RouteSnapshot Empty { get; } = new(RouteTable.Empty, FrozenDictionary<int, TunnelTreatment>.Empty, flowHash: null);

    public bool AllowsTransit => _table.Transit;

    /// <param name="previous">The one that this one replaces.</param>
    /// <param name="random">For the key of the flow hash, when there is the first use for it.</param>
    public static RouteSnapshot Build(RouteTable table, RouteSnapshot previous, IRandomSource random)
    {
        FlowHash? flowHash = previous._flowHash;
        if (flowHash is null && table.HasGroups)
            flowHash = DrawKey(random);
        return new RouteSnapshot(table, table.Tunnels.ToFrozenDictionary(settings => settings.Tunnel, settings => new TunnelTreatment(settings.MssClamp)), flowHash);
    }

    /// <summary>Where a packet goes, <see cref="RouteKind.Discard"/> if there is no route, and into which tunnel: of several the one that its flow is on.</summary>
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

    static FlowHash DrawKey(IRandomSource random)
    {
        Span<byte> key = stackalloc byte[FlowHash.KeyLength];
        random.Fill(key);
        return new FlowHash(key);
    }
}

/// <summary>The inner stage of one tunnel.</summary>
sealed record TunnelTreatment(int? MssClamp);
