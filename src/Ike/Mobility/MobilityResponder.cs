using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Mobility;

/// <summary>What a reply to INFORMATIONAL carries because of MOBIKE, and what is done once it is on its way.</summary>
sealed record MobilityAnswer(ImmutableArray<Payload> Payloads, ImmutableArray<string> Notes, Action<Instant>? Then = null)
{
    public static MobilityAnswer None { get; } = new([], []);
}

/// <summary>Reads the addresses in a peer's INFORMATIONAL request (RFC 4555 §3.5 to §3.9).</summary>
static class MobilityResponder
{
    public static MobilityAnswer Answer(EstablishedIkeSa ike, IkeMessage request, Instant now)
    {
        if (!ike.Mobility.IsEnabled)
            return MobilityAnswer.None;
        NetworkPath path = ike.Channel.InboundPath;
        // RFC 4555 §3.7: returned as it came.
        ImmutableArray<Payload> cookie = request.FindNotify(NotifyType.Cookie2) is NotifyPayload sent ? [new NotifyPayload(NotifyType.Cookie2, sent.Data)] : [];
        // RFC 4555 §3.5: only the original initiator decides where the SAs are.
        bool updates = request.FindNotify(NotifyType.UpdateSaAddresses) is not null && !ike.Mobility.WeDecide;
        ImmutableArray<IpAddress>? list = AddressNotifies.ReadList(request);
        if ((updates || list is not null) && AddressNotifies.IsUnexpectedlyTranslated(request, path))
        {
            ike.Sa.Context.CountFault("unexpected-nat", path);
            return new MobilityAnswer([new NotifyPayload(NotifyType.UnexpectedNatDetected), .. cookie],
                ["the addresses were changed on the way, which the peer does not allow"]);
        }
        if (updates && !IsAcceptable(ike, path))
        {
            ike.Sa.Context.CountFault("unacceptable-addresses", path);
            return new MobilityAnswer([new NotifyPayload(NotifyType.UnacceptableAddresses), .. cookie], [$"the peer may not move to {path.Remote.Address}"]);
        }
        if (list is ImmutableArray<IpAddress> addresses)
            ike.Sa.Mobility.PeerAddresses = addresses;
        ImmutableArray<Payload> nat = request.FindNotify(NotifyType.NatDetectionSourceIp) is not null ? [.. AddressNotifies.NatDetectionFor(ike.Sa, path)] : [];
        Action<Instant>? then = updates ? Follow(ike, request, path, now) : list is not null ? at => LeaveWithdrawn(ike, path, at) : null;
        return new MobilityAnswer([.. nat, .. cookie], updates ? [Note(ike, path)] : [], then);
    }

    /// <summary>RFC 4555 §3.5: the addresses of the IP header become those of the IKE SA, and of the child SAs once they are checked.</summary>
    static Action<Instant> Follow(EstablishedIkeSa ike, IkeMessage request, NetworkPath path, Instant now)
    {
        IkeSa sa = ike.Sa;
        NetworkPath esp = ike.Mobility.EspPath;
        bool moved = path != sa.Path;
        ike.Mobility.Tell(path);
        sa.Path = path;
        ike.Mobility.ReadNat(request, now);
        if (path.Remote.Address != esp.Remote.Address && Options(ike).CheckReturnRoutability)
        {
            sa.Mobility.EspPath = esp;
            sa.Mobility.IsChecking = true;
        }
        else
        {
            ike.Mobility.Settle();
        }
        return at =>
        {
            if (moved)
                ike.Channel.RepeatRequest(at);
            if (ike.Mobility.IsChecking)
                ike.Mobility.Check(at);
        };
    }

    /// <summary>The responder does not have the address any more to which we send (RFC 4555 §3.5): it can be reached where it wrote from.</summary>
    static void LeaveWithdrawn(EstablishedIkeSa ike, NetworkPath path, Instant now)
    {
        IpAddress current = ike.Sa.Path.Remote.Address;
        if (ike.Mobility.WeDecide && current != path.Remote.Address && !ike.Sa.Mobility.PeerAddresses.Contains(current) && IsAcceptable(ike, path))
            ike.Mobility.Move(path, now);
    }

    static bool IsAcceptable(EstablishedIkeSa ike, NetworkPath path) => Options(ike).Accepts(path.Remote.Address);

    static MobikeOptions Options(EstablishedIkeSa ike) => ike.Connection.Configuration.Mobike ?? new MobikeOptions();

    static string Note(EstablishedIkeSa ike, NetworkPath path) =>
        ike.Mobility.IsChecking ? $"the peer is at {path.Remote} now, which is checked before ESP goes there" : $"the peer is at {path.Remote} now";
}
