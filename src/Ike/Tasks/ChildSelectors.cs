using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tasks;

/// <summary>Traffic selectors as one side sees them. On the wire they are named by the initiator of the exchange (RFC 7296 §2.9).</summary>
sealed record ChildSelectors(ImmutableArray<TrafficSelector> Local, ImmutableArray<TrafficSelector> Remote)
{
    public IEnumerable<Payload> ToPayloads(bool weInitiate) =>
    [
        new TrafficSelectorPayload(PayloadType.TrafficSelectorInitiator, weInitiate ? Local : Remote),
        new TrafficSelectorPayload(PayloadType.TrafficSelectorResponder, weInitiate ? Remote : Local),
    ];

    /// <summary>RFC 7296 §2.9: the selectors of the packet that asks for the SA come first, so that a peer that narrows knows what must be in it.</summary>
    public ChildSelectors StartingWith(PacketFlow packet) => new(Prepend(packet.SourceSelector, Local), Prepend(packet.DestinationSelector, Remote));

    // What is not allowed anyway, an opaque port or a packet from before a change of addresses, is no example.
    static ImmutableArray<TrafficSelector> Prepend(TrafficSelector packet, ImmutableArray<TrafficSelector> allowed) =>
        allowed.Length < SelectorNarrowing.MaximumSelectors && allowed.Any(selector => selector.Contains(packet)) && allowed[0] != packet
            ? [packet, .. allowed] : allowed;

    /// <summary>Null where a TS payload is missing.</summary>
    public static ChildSelectors? From(IkeMessage message, bool weInitiate)
    {
        ImmutableArray<TrafficSelector>? initiator = message.Find<TrafficSelectorPayload>(PayloadType.TrafficSelectorInitiator)?.Selectors;
        ImmutableArray<TrafficSelector>? responder = message.Find<TrafficSelectorPayload>(PayloadType.TrafficSelectorResponder)?.Selectors;
        return initiator is not { } tsi || responder is not { } tsr ? null : weInitiate ? new ChildSelectors(tsi, tsr) : new ChildSelectors(tsr, tsi);
    }

    /// <summary>
    /// The part for the first address on each side, which is that of the packet that asks for the SA where there is one (RFC 7296 §2.9). Null where there is
    /// no smaller part, or no pair of one family.
    /// </summary>
    public ChildSelectors? OnlyPair()
    {
        foreach (TrafficSelector local in Local)
        {
            IpAddress source = local.Addresses.First;
            foreach (TrafficSelector remote in Remote)
            {
                if (remote.Addresses.First.IsV6 != source.IsV6)
                    continue;
                ChildSelectors pair = new(At(Local, source), At(Remote, remote.Addresses.First));
                return ValueEquality.Same(pair.Local, Local) && ValueEquality.Same(pair.Remote, Remote) ? null : pair;
            }
        }
        return null;
    }

    public override string ToString() => $"{string.Join(' ', Local)} === {string.Join(' ', Remote)}";

    static ImmutableArray<TrafficSelector> At(ImmutableArray<TrafficSelector> selectors, IpAddress address) =>
        [.. selectors.Where(selector => selector.Addresses.Contains(address))
            .Select(selector => selector with { Addresses = new IpAddressRange(address, address) }).Distinct()];
}
