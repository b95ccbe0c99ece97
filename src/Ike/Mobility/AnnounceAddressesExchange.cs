using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Mobility;

/// <summary>The complete list of our additional addresses, after it changed (RFC 4555 §3.6).</summary>
sealed class AnnounceAddressesExchange : InitiatedExchange
{
    NotifyPayload? _cookie;

    public override ExchangeType Exchange => ExchangeType.Informational;

    public override RequestContent? Begin(EstablishedIkeSa ike, Instant now)
    {
        Payload[] list = [.. ike.Mobility.TakeUnannounced()];
        if (list.Length == 0)
            return null;
        _cookie = AddressNotifies.NewCookie(ike.Sa);
        return new RequestContent([.. list, .. ike.Mobility.ProhibitNats(), _cookie], ["our addresses changed"]);
    }

    public override void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
        if (!AddressNotifies.ReturnsCookie(response, _cookie!))
            ike.Close(MobilityReasons.WrongCookie, Farewell.Delete, now);
        else if (response.FindNotify(NotifyType.UnexpectedNatDetected) is not null)
            ike.Mobility.HandleUnexpectedNat(now);
    }

    /// <summary>The peer may not know them: they are announced again on the IKE SA that replaces this one.</summary>
    public override void Abandon(EstablishedIkeSa ike) => ike.Sa.Mobility.Announced = [];
}
