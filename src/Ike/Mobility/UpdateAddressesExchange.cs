using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Mobility;

/// <summary>UPDATE_SA_ADDRESSES: the original initiator tells where the IKE SA and its child SAs are now (RFC 4555 §3.5).</summary>
sealed class UpdateAddressesExchange : InitiatedExchange
{
    NotifyPayload? _cookie;
    ulong _moves;

    public override ExchangeType Exchange => ExchangeType.Informational;

    public override RequestContent? Begin(EstablishedIkeSa ike, Instant now)
    {
        ike.Mobility.IsUpdatePending = false;
        _moves = ike.Sa.Mobility.Moves;
        _cookie = AddressNotifies.NewCookie(ike.Sa);
        return new RequestContent(
        [
            new NotifyPayload(NotifyType.UpdateSaAddresses),
            .. ike.Mobility.Protect(),
            .. ike.Mobility.TakeUnannounced(),
            _cookie,
        ], [$"now at {ike.Sa.Path.Local.Address}"]);
    }

    public override void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
        if (!AddressNotifies.ReturnsCookie(response, _cookie!))
        {
            ike.Close(MobilityReasons.WrongCookie, Farewell.Delete, now);
            return;
        }
        // RFC 4555 §3.5: no processing for an update that another one follows.
        if (ike.Mobility.IsUpdatePending || ike.Sa.Mobility.Moves != _moves)
        {
            trace.Note("the addresses changed again meanwhile");
            ike.Mobility.Update(now);
            return;
        }
        // §3.7: the peer took the path on which the request reached it first, and answers each repetition where that came from.
        if (ike.Channel.WentElsewhere)
        {
            trace.Note("the request also went elsewhere: the peer is asked again here");
            ike.Mobility.Update(now);
            return;
        }
        ike.Mobility.HandleUpdateAnswered(response, trace, now);
    }

    /// <summary>The peer may not know of it: it is told again on the IKE SA that replaces this one.</summary>
    public override void Abandon(EstablishedIkeSa ike)
    {
        ike.Mobility.IsUpdatePending = true;
        ike.Sa.Mobility.Announced = [];
    }
}
