using System.Collections.Immutable;
using System.Security.Cryptography;
using Ipsec.Crypto;
using Ipsec.Crypto.Certificates;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Diagnosis.Forecast;

/// <summary>Whether two sides will find and believe each other (RFC 7296 §2.15, D10), from their configurations.</summary>
public static class AuthenticationForecast
{
    const string Code = "authentication-failed";

    /// <summary>Why the responder does not answer whatever reaches it; null if it does.</summary>
    public static Reason? WhyNotAnswered(ForecastSide initiator, ForecastSide responder)
    {
        if (!initiator.SpeaksIkev2 || !responder.SpeaksIkev2)
            return Reasons.Known("invalid-major-version",
                $"{(responder.SpeaksIkev2 ? initiator : responder).Name} is configured for IKEv1 only, the other side speaks IKEv2.");
        return responder.Connection.MayRespond ? null : Reasons.Known("peer-not-responding", $"{responder.Name} does not answer: it only initiates.");
    }

    /// <summary>Why the initiator does not reach the responder where no NAT stands between them that the configurations do not show; null if it does.</summary>
    public static Reason? WhyNotReached(ForecastSide initiator, ForecastSide responder)
    {
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
    /// <param name="utc">For the validity of certificates.</param>
    public static Reason? WhyRefused(ForecastSide prover, ForecastSide verifier, DateTimeOffset utc)
    {
        if (prover.LocalIdentity is Identity identity && verifier.Connection.RemoteIdentity is Identity expected && !IdentityMatching.Fits(expected, identity))
            return Reasons.Known(Code, $"{prover.Name} calls itself {identity}, and {verifier.Name} expects {expected}: one of the two identities must " +
                "change.");
        if (!verifier.Demands.IsEmpty && !verifier.Demands.Contains(prover.Proves))
        {
            return Reasons.Known(Code, $"{prover.Name} proves itself by {Name(prover.Proves)}, and {verifier.Name} demands "
                + $"{string.Join(" or ", verifier.Demands.Select(Name))}.");
        }
        return prover.Proves == ProofKind.PresharedKey ? WhyKeysDiffer(prover, verifier) : WhyNotTrusted(prover, verifier, utc);
    }

    /// <summary>Where both sides' credentials are known: every certificate that the prover may send is refused.</summary>
    static Reason? WhyNotTrusted(ForecastSide prover, ForecastSide verifier, DateTimeOffset utc)
    {
        RemoteAuthentication demanded = verifier.Connection.RemoteAuthentication;
        if (prover.Connection.LocalAuthentication is not LocalAuthentication.SignatureAuthentication own || !demanded.AllowsSignature)
            return null;
        string? why = null;
        foreach (LocalSigner signer in own.Signers)
        {
            if (demanded.Trusts(signer.Key.PublicKey))
                return null;
            if (signer.Certificate is not Certificate certificate || demanded.Trust is null)
            {
                why ??= $"{verifier.Name} does not know the public key of {prover.Name}.";
                continue;
            }
            CertificateVerdict verdict = demanded.Trust.Validate(certificate, [.. signer.Chain.Skip(1)], demanded.Revocation, utc);
            if (verdict.IsTrusted)
                return null;
            why ??= $"{verifier.Name} will not trust the certificate of {prover.Name}: {verdict.Text}";
        }
        return why is null ? null : Reasons.Known(Code, why);
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
