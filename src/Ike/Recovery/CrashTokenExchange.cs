using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Recovery;

/// <summary>Tells the peer our token for an IKE SA whose rekey we initiated (RFC 6290 §4.3): the response to that carried only the peer's.</summary>
sealed class CrashTokenExchange : InitiatedExchange
{
    public override ExchangeType Exchange => ExchangeType.Informational;

    public override RequestContent Begin(EstablishedIkeSa ike, Instant now) => new([.. CrashTokens.Make(ike.Sa)], ["our token for quick crash detection"]);

    public override void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
    }
}
