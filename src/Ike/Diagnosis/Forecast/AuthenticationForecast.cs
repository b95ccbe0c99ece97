using System.Collections.Immutable;
using System.Security.Cryptography;
using Ipsec.Crypto;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Diagnosis.Forecast;

/// <summary>Whether two sides will find and believe each other (RFC 7296 §2.15, D10), from their configurations.</summary>
public static class AuthenticationForecast
{
    const string Code = "authentication-failed";

    /// <summary>Why what the initiator sends does not reach the responder or is not answered; null if it is.</summary>
    public static Reason? WhyNotReached(ForecastSide initiator, ForecastSide responder)
    {
        if (!responder.Connection.MayRespond)
            return Reasons.Known("peer-not-responding", $"{responder.Name} does not answer: it only initiates.");
        if (initiator.Connection.RemoteAddress is IpAddress dialled && responder.PublicAddress is IpAddress there && dialled != there)
            return Reasons.Known("peer-not-responding", $"{initiator.Name} dials {dialled}, and {responder.Name} is {there}.");
        ImmutableArray<IpPrefix> accepted = responder.Connection.AcceptedRemoteAddresses;
        if (initiator.PublicAddress is IpAddress from && !accepted.IsEmpty && !accepted.Any(prefix => prefix.Contains(from)))
        {
            return Reasons.Known("peer-not-responding",
                $"{initiator.Name} comes from {from}, and {responder.Name} answers this connection for {string.Join(", ", accepted)} only.");
        }
        return null;
    }

    /// <summary>Why the verifier refuses the prover; null if it does not, as far as the two configurations tell.</summary>
    public static Reason? WhyRefused(ForecastSide prover, ForecastSide verifier)
    {
        if (prover.LocalIdentity is Identity identity && verifier.Connection.RemoteIdentity is Identity expected && !IdentityMatching.Fits(expected, identity))
            return Reasons.Known(Code, $"{prover.Name} calls itself {identity}, and {verifier.Name} expects {expected}: one of the two identities must change.");
        if (!verifier.Demands.IsEmpty && !verifier.Demands.Contains(prover.Proves))
        {
            return Reasons.Known(Code, $"{prover.Name} proves itself by {Name(prover.Proves)}, and {verifier.Name} demands "
                + $"{string.Join(" or ", verifier.Demands.Select(Name))}.");
        }
        return prover.Proves == ProofKind.PresharedKey ? WhyKeysDiffer(prover, verifier) : null;
    }

    static Reason? WhyKeysDiffer(ForecastSide prover, ForecastSide verifier)
    {
        if (FindKey(prover, verifier) is not Secret proving)
            return Reasons.Known(Code, $"{prover.Name} has no pre-shared key for {verifier.Name}.");
        if (FindKey(verifier, prover) is not Secret verifying)
            return Reasons.Known(Code, $"{verifier.Name} has no pre-shared key for {prover.Name}.");
        return CryptographicOperations.FixedTimeEquals(proving.Span, verifying.Span) ? null
            : Reasons.Known(Code, $"The pre-shared keys differ: that of {prover.Name} for {verifier.Name} is not that of {verifier.Name} for {prover.Name}.");
    }

    /// <summary>The key that a side will take for the other one.</summary>
    static Secret? FindKey(ForecastSide side, ForecastSide peer)
    {
        Identity anybody = Identity.From(IpAddress.AnyV4);
        Identity remote = peer.LocalIdentity ?? side.Connection.RemoteIdentity ?? anybody;
        return PresharedKeySelection.Find(side.PresharedKeys, side.LocalIdentity ?? anybody, remote, peer.PublicAddress ?? IpAddress.AnyV4);
    }

    static string Name(ProofKind kind) => kind switch
    {
        ProofKind.PresharedKey => "a pre-shared key",
        ProofKind.Signature => "a signature (certificate or public key)",
        _ => "EAP",
    };
}
