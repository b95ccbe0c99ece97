namespace Ipsec.Crypto.Certificates;

/// <summary>X509_V_ERR_* of openssl/x509_vfy.h, those that are told apart.</summary>
static class VerificationError
{
    internal const int UnableToGetIssuer = 2;
    internal const int UnableToGetRevocationList = 3;
    internal const int UnableToDecryptSignature = 4;
    internal const int UnableToDecodeIssuerKey = 6;
    internal const int CertificateSignature = 7;
    internal const int RevocationListSignature = 8;
    internal const int NotYetValid = 9;
    internal const int Expired = 10;
    internal const int RevocationListNotYetValid = 11;
    internal const int RevocationListExpired = 12;
    internal const int SelfSigned = 18;
    internal const int SelfSignedInPath = 19;
    internal const int UnableToGetIssuerLocally = 20;
    internal const int UnableToVerifyFirst = 21;
    internal const int PathTooLong = 22;
    internal const int Revoked = 23;
    internal const int PathLengthExceeded = 25;
    internal const int InvalidPurpose = 26;
    internal const int MayNotSignCertificates = 32;
    internal const int UnableToGetRevocationListIssuer = 33;
    internal const int UnknownCriticalExtension = 34;
    internal const int MayNotSignRevocationLists = 35;
    internal const int RevocationListScope = 44;
    internal const int NotPermitted = 47;
    internal const int Excluded = 48;
    internal const int SubtreeRange = 49;
    internal const int ConstraintType = 51;
    internal const int ConstraintSyntax = 52;
    internal const int NameSyntax = 53;
    internal const int KeyTooSmall = 66;
    internal const int AuthorityKeyTooSmall = 67;
    internal const int DigestTooWeak = 68;
    internal const int InvalidAuthority = 79;

    /// <summary>The status of a certificate is not known: no list, or none that is good now.</summary>
    internal static bool IsMissingRevocation(int error) =>
        error is UnableToGetRevocationList or RevocationListNotYetValid or RevocationListExpired or RevocationListScope;
}
