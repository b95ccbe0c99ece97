using System.Collections.Immutable;
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

    /// <summary>Null where a TS payload is missing.</summary>
    public static ChildSelectors? From(IkeMessage message, bool weInitiate)
    {
        ImmutableArray<TrafficSelector>? initiator = message.Find<TrafficSelectorPayload>(PayloadType.TrafficSelectorInitiator)?.Selectors;
        ImmutableArray<TrafficSelector>? responder = message.Find<TrafficSelectorPayload>(PayloadType.TrafficSelectorResponder)?.Selectors;
        return initiator is not { } tsi || responder is not { } tsr ? null : weInitiate ? new ChildSelectors(tsi, tsr) : new ChildSelectors(tsr, tsi);
    }

    public override string ToString() => $"{string.Join(' ', Local)} === {string.Join(' ', Remote)}";
}
