using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>Until when the authentication of an IKE SA, and of those that rekey it, is good (RFC 4478). Monotonic times.</summary>
sealed class AuthenticationLifetime
{
    /// <summary>As original initiator: when we authenticate again.</summary>
    public TimeSpan? RenewAt { get; set; }

    /// <summary>As original responder: when the IKE SA is closed unless the peer has authenticated again.</summary>
    public TimeSpan? EndsAt { get; set; }

    /// <summary>Another IKE SA has been authenticated in its place.</summary>
    public bool IsRenewed { get; set; }
}

/// <summary>
/// Reauthentication of one IKE SA: make before break, so that traffic never stops. A second IKE SA is set up with everything that authentication means,
/// its child SAs take over, and then the first one is deleted.
/// </summary>
sealed class Reauthentication(EstablishedIkeSa ike)
{
    // RFC 4478 §3: well before the peer's limit. What is drawn off keeps many tunnels of one peer apart.
    const double LatestPart = 0.9;
    const double JitterPart = 0.1;

    // How much longer than what we announced an IKE SA lives, for an initiator that begins at the very end.
    const double Patience = 1.1;

    // A bound of ours: no peer makes us authenticate more often.
    static TimeSpan ShortestLifetime => ConnectionConfiguration.ShortestReauthenticationTime;

    EngineTimer? _timer;

    AuthenticationLifetime Lifetime => ike.Origin.Authentication;

    EngineContext Context => ike.Sa.Context;

    /// <summary>This IKE SA is authenticated anew; its configuration says for how long.</summary>
    public void Plan(Instant now)
    {
        if (ike.Connection.Configuration.ReauthenticationTime is not TimeSpan time)
            return;
        if (ike.Origin.IsInitiator)
            Lifetime.RenewAt = now.Monotonic + Drawn(time);
        else
            Lifetime.EndsAt = now.Monotonic + time * Patience;
        Start(now);
    }

    /// <summary>The peer, original responder, says how long the authentication is good for (RFC 4478 §3).</summary>
    public void HandlePeerLimit(TimeSpan limit, Instant now)
    {
        if (!ike.Origin.IsInitiator)
            return;
        TimeSpan renewAt = now.Monotonic + Drawn(limit > ShortestLifetime ? limit : ShortestLifetime);
        if (Lifetime.RenewAt is not TimeSpan planned || renewAt < planned)
            Lifetime.RenewAt = renewAt;
        Start(now);
    }

    /// <summary>A rekey has made this IKE SA: what was planned for the one before holds for it.</summary>
    public void Start(Instant now)
    {
        Stop();
        TimeSpan? due = ike.Origin.IsInitiator ? Lifetime.RenewAt : Lifetime.EndsAt;
        if (due is TimeSpan at && !Lifetime.IsRenewed)
            _timer = Context.Timers.Schedule(now, at > now.Monotonic ? at - now.Monotonic : TimeSpan.Zero, HandleDue);
    }

    public void Stop()
    {
        Context.Timers.Cancel(_timer);
        _timer = null;
    }

    /// <summary>A new IKE SA of ours is authenticated. The one that it renews goes once everything that it carries is there.</summary>
    public static void HandleSuccessor(EstablishedIkeSa successor, Instant now)
    {
        foreach (EstablishedIkeSa old in successor.Connection.IkeSas)
        {
            AuthenticationLifetime lifetime = old.Origin.Authentication;
            if (old == successor || !IsDue(old, now))
                continue;
            lifetime.IsRenewed = true;
            foreach (ChildSa child in old.Children.Current.ToArray())
                successor.ChildUpkeep.CarryOn(child, now);
            Handover.Begin(old, successor, successor.Sa.Context.Options.ReplacedInboundGrace, Reasons.Reauthenticated, now, RenewAgain);
        }
    }

    static void RenewAgain(EstablishedIkeSa old, Instant now)
    {
        old.Origin.Authentication.IsRenewed = false;
        old.Reauthentication.Start(now);
    }

    /// <summary>It is to be renewed by another IKE SA of ours, and has not been yet.</summary>
    public static bool IsDue(EstablishedIkeSa ike, Instant now) =>
        ike.Origin.IsInitiator && !ike.Origin.Authentication.IsRenewed && ike.Origin.Authentication.RenewAt <= now.Monotonic;

    TimeSpan Drawn(TimeSpan time) => time * (LatestPart - JitterPart * Context.NextFraction());

    void HandleDue(Instant now)
    {
        _timer = null;
        if (!ike.Origin.IsInitiator)
        {
            ike.Close(Reasons.AuthenticationExpired, Farewell.Delete, now);
            return;
        }
        ike.Connection.Manager.Reauthenticate(ike, now);
        // Until it succeeds, or until the peer closes what is not renewed.
        _timer = Context.Timers.Schedule(now, ike.Connection.Configuration.RetryDelay, at =>
        {
            if (!Lifetime.IsRenewed)
                HandleDue(at);
        });
    }
}
