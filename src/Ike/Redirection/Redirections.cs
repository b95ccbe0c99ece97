using System.Collections.Immutable;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Redirection;

/// <summary>What becomes of an established IKE SA that is redirected (RFC 5685 §5, §6).</summary>
static class Redirections
{
    /// <summary>An INFORMATIONAL of the gateway, which has been answered. Only the original responder may redirect (§10).</summary>
    public static void HandleRequest(EstablishedIkeSa ike, IkeMessage request, Instant now)
    {
        if (ike.Origin.IsInitiator && ike.IsLive && ike.Connection.Configuration.FollowRedirects
            && request.FindNotify(NotifyType.Redirect) is NotifyPayload notify
            && RedirectTarget.TryRead(notify.Data.Span, out ReadOnlySpan<byte> nonce) is RedirectTarget target && nonce.IsEmpty)
            Follow(ike, target, now);
    }

    /// <summary>The client deletes what it has with this gateway, and goes to the other one.</summary>
    public static void Follow(EstablishedIkeSa ike, RedirectTarget target, Instant now)
    {
        IpAddress from = ike.Sa.Path.Remote.Address;
        bool isFollowed = ike.Connection.TryRedirect(target, from, now);
        ike.Close(isFollowed ? RedirectReasons.To(target) : RedirectReasons.Loop, Farewell.Delete, now);
        if (isFollowed)
            ike.Connection.Manager.HandleRedirected(ike.Connection, now);
    }

    /// <summary>
    /// The gateway: a client that does not delete the IKE SA by then is not going to. It may be rekeyed meanwhile: whichever IKE SA then has this origin.
    /// </summary>
    public static void EndLater(EstablishedIkeSa ike, Instant now) =>
        ike.Sa.Context.Timers.Schedule(now, ike.Sa.Context.Options.RedirectGrace, at => ike.Connection.With(ike.RemoteIdentity)
            .FirstOrDefault(candidate => candidate.Origin == ike.Origin)?.Close(RedirectReasons.Sent, Farewell.Delete, at));
}

/// <summary>In words.</summary>
static class RedirectReasons
{
    public static ImmutableArray<Reason> Sent { get; } = [Reasons.Known("redirected", "The peer has been redirected to another gateway.")];

    public static ImmutableArray<Reason> To(RedirectTarget target) => [Reasons.Known("redirected", $"The peer redirected us to {target} (RFC 5685).")];

    public static ImmutableArray<Reason> Loop { get; } =
        [Reasons.Known("redirect-loop",
            $"Gateways redirected us {RedirectLimit.Maximum} times within {RedirectLimit.Period.TotalSeconds:0} s; the next redirection is not followed.")];
}
