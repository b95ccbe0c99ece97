using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Redirection;

/// <summary>REDIRECT_SUPPORTED, or REDIRECTED_FROM where we have been redirected (RFC 5685 §3): only an initiator announces it.</summary>
sealed class RedirectSupportTask : InitTask
{
    public override IEnumerable<Payload> ToPayloads(InitSituation situation)
    {
        if (situation.Request is null && situation.Connections.Any(connection => connection.FollowRedirects))
        {
            yield return situation.Sa.RedirectedFrom is Ipsec.Net.IpAddress gateway
                ? RedirectTarget.Of(gateway).ToNotify(NotifyType.RedirectedFrom)
                : new NotifyPayload(NotifyType.RedirectSupported);
        }
    }

    public override void Read(InitSituation situation, IkeMessage message)
    {
        if (situation.Request is not null && IsAnnouncedIn(message))
            situation.Sa.Capabilities = situation.Sa.Capabilities with { Redirect = true };
    }

    public static bool IsAnnouncedIn(IkeMessage request) =>
        request.FindNotify(NotifyType.RedirectSupported) is not null || request.FindNotify(NotifyType.RedirectedFrom) is not null;
}

/// <summary>REDIRECT in IKE_AUTH (RFC 5685 §6): both sides are authenticated, and there is no child SA.</summary>
sealed class AuthRedirectTask : AuthTask
{
    public override IEnumerable<Payload> Answer(AuthAnswerSituation situation)
    {
        ConnectionConfiguration connection = situation.Ike.Connection.Configuration;
        IkeSa sa = situation.Ike.Sa;
        // Also what was to be told in IKE_SA_INIT, where another connection could have been meant as well.
        if (connection.RedirectTo is not RedirectTarget target || !sa.Capabilities.Redirect || target.Address == sa.Path.Local.Address)
            yield break;
        situation.IsRedirected = true;
        situation.Notes.Add($"redirects the peer to {target}");
        yield return target.ToNotify(NotifyType.Redirect);
    }

    public override void ReadAnswer(AuthAnswerSituation situation) =>
        situation.IsRedirected = Target(situation) is not null && situation.Message.Find<SecurityAssociationPayload>() is null;

    /// <summary>The client deletes the IKE SA and goes on to the other gateway; the gateway gives it time to.</summary>
    public override void Finish(AuthAnswerSituation situation)
    {
        if (!situation.IsRedirected)
            return;
        if (situation.Ike.Sa.IsInitiator)
            Redirections.Follow(situation.Ike, Target(situation)!, situation.Now);
        else
            Redirections.EndLater(situation.Ike, situation.Now);
    }

    // RFC 5685 §9.2: no nonce here.
    static RedirectTarget? Target(AuthAnswerSituation situation) => situation.Ike.Connection.Configuration.FollowRedirects
        && situation.Message.FindNotify(NotifyType.Redirect) is NotifyPayload notify
            && RedirectTarget.TryRead(notify.Data.Span, out ReadOnlySpan<byte> nonce) is RedirectTarget target
        && nonce.IsEmpty ? target : null;
}
