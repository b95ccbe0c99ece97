using System.Collections.Immutable;

namespace Ipsec.Crypto.Certificates;

/// <summary>
/// How much the revocation lists must say (strongSwan's words: strict, ifuri, relaxed). Lists come from the configuration; none is ever fetched.
/// </summary>
public enum RevocationPolicy
{
    /// <summary>Refuse a certificate that a list names; without a list that is good now its status stays unknown, and it is taken.</summary>
    Relaxed,

    /// <summary>As <see cref="Strict"/> for a certificate that names a distribution point or an OCSP server, else as <see cref="Relaxed"/>.</summary>
    IfUri,

    /// <summary>Every certificate of the path below the trust anchor needs its issuer's list, good now, and must not be on it.</summary>
    Strict,

    /// <summary>Lists are not looked at.</summary>
    Off,
}

/// <summary>Why a certificate is not trusted.</summary>
public enum CertificateProblem
{
    None,
    UnknownIssuer,
    Expired,
    NotYetValid,
    Revoked,
    RevocationUnknown,
    NameConstraint,
    PathLength,
    NotAnAuthority,
    Usage,
    Weak,
    Signature,
    Malformed,
}

/// <summary>The outcome of a check.</summary>
/// <param name="Problem"><see cref="CertificateProblem.None"/> if the certificate is trusted.</param>
/// <param name="Text">The problem as a sentence, or the trust anchor's name.</param>
/// <param name="Path">From the certificate itself up to its trust anchor; empty if it is not trusted. They belong to the validator and the caller.</param>
public sealed record CertificateVerdict(CertificateProblem Problem, string Text, ImmutableArray<Certificate> Path)
{
    public bool IsTrusted => Problem == CertificateProblem.None;
}
