using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>Deletes a child SA: the request names our inbound half, the answer the peer's (RFC 7296 §1.4.1).</summary>
sealed class DeleteChildExchange(ChildSa child, ImmutableArray<Reason> reasons) : InitiatedExchange
{
    public override ExchangeType Exchange => ExchangeType.Informational;

    public override RequestContent? Begin(EstablishedIkeSa ike, Instant now)
    {
        if (!child.Slot.Members.Contains(child))
            return null;
        child.Stage = ChildSaStage.DeleteSent;
        return new RequestContent([new DeletePayload(ProtocolId.Esp, [child.InboundSpi])], [.. reasons.Take(1).Select(reason => reason.Text)]);
    }

    /// <summary>Whatever the answer says, both halves are gone here: the peer either named its half or had deleted it already.</summary>
    public override void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now) =>
        child.Slot.Remove(child, reasons);
}
