using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Redirection;

/// <summary>A gateway sends a client away in the middle of a session (RFC 5685 §5).</summary>
sealed class RedirectExchange(RedirectTarget target) : InitiatedExchange
{
    public override ExchangeType Exchange => ExchangeType.Informational;

    public override bool OutlivesIkeSa => true;

    public override RequestContent Begin(EstablishedIkeSa ike, Instant now) =>
        new([target.ToNotify(NotifyType.Redirect)], [$"redirects the peer to {target}"]);

    public override void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now) =>
        Redirections.EndLater(ike, now);
}
