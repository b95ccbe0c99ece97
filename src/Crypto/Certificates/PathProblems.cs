using System.Globalization;
using System.Runtime.InteropServices;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto.Certificates;

/// <summary>What is wrong with a path, in words that name the certificate, the date and the other certificate.</summary>
static class PathProblems
{
    /// <param name="subject">The certificate at which the check stopped.</param>
    /// <param name="issued">What it issued in this path, if it is an authority.</param>
    internal static CertificateVerdict Describe(int error, Certificate subject, Certificate? issued, PathCheck check)
    {
        (CertificateProblem problem, string text) = error switch
        {
            VerificationError.UnableToGetIssuer or VerificationError.UnableToGetIssuerLocally or VerificationError.UnableToVerifyFirst =>
                (CertificateProblem.UnknownIssuer,
                    $"The issuer of {subject} is {subject.Issuer}, which is neither a trusted certification authority nor an intermediate certificate that " +
                        "is known here."),
            VerificationError.SelfSigned =>
                (CertificateProblem.UnknownIssuer, $"{subject} is self-signed and not among the trusted certificates."),
            VerificationError.SelfSignedInPath =>
                (CertificateProblem.UnknownIssuer, $"The path ends at {subject}, which is not a trusted certification authority."),
            VerificationError.Expired =>
                (CertificateProblem.Expired, $"The certificate of {subject} expired on {Time(subject.NotAfter)}."),
            VerificationError.NotYetValid =>
                (CertificateProblem.NotYetValid, $"The certificate of {subject} is not valid before {Time(subject.NotBefore)}; it is {Time(check.Utc)}."),
            VerificationError.Revoked =>
                (CertificateProblem.Revoked, $"The certificate of {subject} was revoked{On(check.RevokedAt(subject))} by {subject.Issuer}."),
            VerificationError.UnableToGetRevocationList =>
                (CertificateProblem.RevocationUnknown, $"There is no revocation list of {subject.Issuer}, and the revocation policy needs one for {subject}."),
            VerificationError.RevocationListExpired =>
                (CertificateProblem.RevocationUnknown,
                    $"The revocation list of {subject.Issuer} expired{On(check.ListFor(subject)?.NextUpdate)}, and the revocation policy needs a current " +
                        $"one for {subject}."),
            VerificationError.RevocationListNotYetValid =>
                (CertificateProblem.RevocationUnknown,
                    $"The revocation list of {subject.Issuer} is not valid before{At(check.ListFor(subject)?.ThisUpdate)}; it is {Time(check.Utc)}."),
            VerificationError.RevocationListScope =>
                (CertificateProblem.RevocationUnknown,
                    $"The revocation list of {subject.Issuer} does not cover {subject}, and the revocation policy needs one that does."),
            VerificationError.UnableToGetRevocationListIssuer or VerificationError.RevocationListSignature or VerificationError.MayNotSignRevocationLists =>
                (CertificateProblem.RevocationUnknown, $"The revocation list of {subject.Issuer} is not signed by an authority that may sign it."),
            VerificationError.PathTooLong =>
                (CertificateProblem.PathLength,
                    $"The path of {check.Subject} is longer than {CertificatePathValidator.MostIntermediates} intermediate certificates."),
            VerificationError.PathLengthExceeded =>
                (CertificateProblem.PathLength, $"There are more certification authorities below {subject} than its path length constraint allows."),
            VerificationError.NotPermitted or VerificationError.Excluded =>
                (CertificateProblem.NameConstraint, $"A name of {subject} violates the name constraints of a certification authority above it."),
            VerificationError.SubtreeRange or VerificationError.ConstraintType or VerificationError.ConstraintSyntax or VerificationError.NameSyntax =>
                (CertificateProblem.NameConstraint, $"The name constraints above {subject} cannot be applied to its names ({LibraryText(error)})."),
            VerificationError.InvalidAuthority or VerificationError.MayNotSignCertificates => Authority(subject, issued),
            VerificationError.InvalidPurpose =>
                (CertificateProblem.Usage, $"{subject} may not be used for this."),
            VerificationError.KeyTooSmall or VerificationError.AuthorityKeyTooSmall =>
                (CertificateProblem.Weak, $"The key of {subject} has {subject.PublicKey.Bits} bits, which is too few: RSA needs 2048."),
            VerificationError.DigestTooWeak =>
                (CertificateProblem.Weak, $"The certificate of {subject} is signed over a hash that is too weak: SHA-1 or MD5."),
            VerificationError.CertificateSignature or VerificationError.UnableToDecryptSignature or VerificationError.UnableToDecodeIssuerKey =>
                (CertificateProblem.Signature, $"The signature on the certificate of {subject} is not its issuer's."),
            VerificationError.UnknownCriticalExtension =>
                (CertificateProblem.Malformed, $"{subject} has a critical extension that is not known here."),
            _ => (CertificateProblem.Malformed, $"The certificate of {subject} is refused: {LibraryText(error)}."),
        };
        return new CertificateVerdict(problem, text, []);
    }

    internal static CertificateVerdict NotAnAuthority(Certificate subject, Certificate issued)
    {
        (CertificateProblem problem, string text) = Authority(subject, issued);
        return new CertificateVerdict(problem, text, []);
    }

    static (CertificateProblem Problem, string Text) Authority(Certificate subject, Certificate? issued) =>
        (CertificateProblem.NotAnAuthority, $"{subject} signed {(issued is null ? "a certificate" : issued)} and is no certification authority.");

    static string On(DateTimeOffset? time) => time is null ? "" : $" on {Time(time.Value)}";

    static string At(DateTimeOffset? time) => time is null ? " now" : $" {Time(time.Value)}";

    static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    static string LibraryText(int error) =>
        error > 0 ? Marshal.PtrToStringUTF8(CertificateFunctions.X509_verify_cert_error_string(error)) ?? $"error {error}" : "the path could not be checked";
}
