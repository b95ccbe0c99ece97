using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Diagnosis;

/// <summary>
/// Why authentication failed (RFC 7296 §2.21.2). On the wire a wrong key and a wrong identity look alike, on purpose: what the responder
/// knows is for its own events only.
/// </summary>
static class AuthenticationReasons
{
    public static ImmutableArray<Reason> PeerRefused(NotifyPayload error, Identity local, ConnectionConfiguration connection)
    {
        if (error.NotifyType != NotifyType.AuthenticationFailed)
            return [Reasons.Known(Reasons.Code(error.NotifyType), $"The peer refused IKE_AUTH with {MessageNames.Notify(error.NotifyType)}.")];
        ImmutableArray<Reason>.Builder reasons = ImmutableArray.CreateBuilder<Reason>();
        reasons.Add(Reasons.Known("authentication-failed", "The peer answered IKE_AUTH with AUTHENTICATION_FAILED."));
        reasons.Add(Reasons.Likely("authentication-failed", "The pre-shared keys of the two sides differ."));
        reasons.Add(Reasons.Likely("authentication-failed", $"The peer expects another identity than {local}"
            + (connection.RemoteIdentity is Identity remote ? $", or is not {remote}." : ".")));
        return reasons.DrainToImmutable();
    }

    public static Reason UnknownIdentity(Identity remote, Identity? asked) => Reasons.Known("authentication-failed",
        $"No connection from this address is for the identity {remote}{(asked is null ? "" : $" asking for {asked}")}. It is configured here under another identity, or not at all.");

    public static Reason NoKey(Identity local, Identity remote) => Reasons.Known("authentication-failed", $"There is no pre-shared key for {local} and {remote}.");

    public static Reason WrongKey(Identity remote) => Reasons.Known("authentication-failed",
        $"AUTH of {remote} does not verify: its pre-shared key is not the one configured here.");

    public static Reason Duplicate(Identity remote) => Reasons.Known("authentication-failed",
        $"{remote} already has an IKE SA, and the duplicate policy keeps the older one.");

    public static Reason NotForUs(string text) => Reasons.Known("authentication-failed", text);
}
