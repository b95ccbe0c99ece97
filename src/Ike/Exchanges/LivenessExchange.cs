using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>An empty INFORMATIONAL: is the peer still there (RFC 7296 §2.4)? The answer is all that matters, or that there is none.</summary>
sealed class LivenessExchange : InitiatedExchange
{
    public override ExchangeType Exchange => ExchangeType.Informational;

    public override RequestContent Begin(EstablishedIkeSa ike, Instant now) => new([.. ike.Mobility.LivenessPayloads()], ["is the peer alive?"]);

    public override void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
        trace.Note("alive");
        ike.Mobility.HandleLivenessAnswered(response, trace, now);
    }
}
