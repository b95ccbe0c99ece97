using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// Tells the peer that a child SA which it made for us is not used: the redundant one of a collision (RFC 7296 §2.8.1), or one whose
/// response was not acceptable (§2.21). It was never installed here; its SPI is given back when the peer has answered.
/// </summary>
sealed class DeleteSpiExchange(uint inboundSpi, string why) : InitiatedExchange
{
    bool _isReleased;

    public override ExchangeType Exchange => ExchangeType.Informational;

    public override RequestContent Begin(EstablishedIkeSa ike, Instant now) => new([new DeletePayload(ProtocolId.Esp, [inboundSpi])], [why]);

    public override void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now) => Release(ike);

    public override void Abandon(EstablishedIkeSa ike) => Release(ike);

    void Release(EstablishedIkeSa ike)
    {
        if (!_isReleased)
            ike.Sa.Context.Spis.Release(inboundSpi);
        _isReleased = true;
    }
}
