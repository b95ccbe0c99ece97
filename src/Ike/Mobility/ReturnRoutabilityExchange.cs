using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Mobility;

/// <summary>Does the peer receive what is sent to its new address? Only who has read our COOKIE2 can return it (RFC 4555 §3.7).</summary>
sealed class ReturnRoutabilityExchange : InitiatedExchange
{
    NotifyPayload? _cookie;
    ulong _moves;

    public override ExchangeType Exchange => ExchangeType.Informational;

    public override RequestContent? Begin(EstablishedIkeSa ike, Instant now)
    {
        if (!ike.Mobility.IsChecking)
            return null;
        _moves = ike.Sa.Mobility.Moves;
        _cookie = AddressNotifies.NewCookie(ike.Sa);
        return new RequestContent([_cookie], [$"does the peer receive at {ike.Sa.Path.Remote}?"]);
    }

    public override void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
        if (!AddressNotifies.ReturnsCookie(response, _cookie!))
        {
            ike.Close(MobilityReasons.WrongCookie, Farewell.Delete, now);
            return;
        }
        // RFC 4555 §3.7: a request that went to several addresses does not tell which of them works.
        if (ike.Sa.Mobility.Moves != _moves)
        {
            trace.Note("the peer moved on meanwhile");
            ike.Mobility.Check(now);
            return;
        }
        trace.Note("the peer receives there");
        ike.Mobility.HandleRoutable(now);
    }
}
