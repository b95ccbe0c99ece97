using System.Formats.Asn1;

namespace Ipsec.Crypto.Signatures;

/// <summary>
/// SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING } (RFC 5280 §4.1). We read it ourselves: only what is one
/// whole DER object with a sensible key of a known kind reaches libcrypto.
/// </summary>
static class SubjectPublicKeyInfo
{
    const string Rsa = "1.2.840.113549.1.1.1";
    const string EllipticCurve = "1.2.840.10045.2.1";

    internal static SignatureKeyKind? KindOf(ReadOnlySpan<byte> der)
    {
        try
        {
            AsnReader outer = new(der.ToArray(), AsnEncodingRules.DER);
            AsnReader fields = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            AsnReader algorithm = fields.ReadSequence();
            byte[] key = fields.ReadBitString(out int unusedBits);
            fields.ThrowIfNotEmpty();
            string objectIdentifier = algorithm.ReadObjectIdentifier();
            // RFC 5480 §2.1.1: the curve has a name; parameters spelled out are refused.
            string? curve = objectIdentifier == EllipticCurve ? algorithm.ReadObjectIdentifier() : null;
            if (objectIdentifier == Rsa)
                algorithm.ReadNull();
            algorithm.ThrowIfNotEmpty();
            return unusedBits != 0 ? null : (objectIdentifier, curve) switch
            {
                (Rsa, _) when RsaKeyCheck.IsAcceptable(key) => SignatureKeyKind.Rsa,
                (_, "1.2.840.10045.3.1.7") when IsPoint(key, 32) => SignatureKeyKind.EcdsaP256,
                (_, "1.3.132.0.34") when IsPoint(key, 48) => SignatureKeyKind.EcdsaP384,
                (_, "1.3.132.0.35") when IsPoint(key, 66) => SignatureKeyKind.EcdsaP521,
                ("1.3.101.112", _) => SignatureKeyKind.Ed25519,
                ("1.3.101.113", _) => SignatureKeyKind.Ed448,
                _ => null,
            };
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>RFC 5480 §2.2: uncompressed or compressed. libcrypto would take the point at infinity (one octet 0) and the hybrid form too.</summary>
    static bool IsPoint(ReadOnlySpan<byte> key, int coordinateLength) => key switch
    {
        [4, ..] => key.Length == 1 + 2 * coordinateLength,
        [2 or 3, ..] => key.Length == 1 + coordinateLength,
        _ => false,
    };
}
