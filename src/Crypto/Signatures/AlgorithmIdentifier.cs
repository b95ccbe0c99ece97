using System.Formats.Asn1;

namespace Ipsec.Crypto.Signatures;

/// <summary>
/// AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY DEFINED BY algorithm OPTIONAL } of a signature
/// (RFC 7427 appendix A, RFC 8420 appendix A, RFC 4055, RFC 8017 appendix A.2.3).
/// </summary>
static class AlgorithmIdentifier
{
    const string RsaPss = "1.2.840.113549.1.1.10";
    const string Mgf1 = "1.2.840.113549.1.1.8";
    const string Ed25519 = "1.3.101.112";
    const string Ed448 = "1.3.101.113";

    // More than the longest modulus that is taken (PublicKey) could hold is a lie, whatever the key (CVE-2018-6459, CVE-2021-41990).
    const int LongestSalt = 1024;

    static readonly (string ObjectIdentifier, SignatureMethod Method)[] WithHash =
    [
        ("1.2.840.113549.1.1.5", SignatureMethod.RsaPkcs1(SignatureHash.Sha1)),
        ("1.2.840.113549.1.1.11", SignatureMethod.RsaPkcs1(SignatureHash.Sha256)),
        ("1.2.840.113549.1.1.12", SignatureMethod.RsaPkcs1(SignatureHash.Sha384)),
        ("1.2.840.113549.1.1.13", SignatureMethod.RsaPkcs1(SignatureHash.Sha512)),
        ("1.2.840.10045.4.1", SignatureMethod.Ecdsa(SignatureHash.Sha1)),
        ("1.2.840.10045.4.3.2", SignatureMethod.Ecdsa(SignatureHash.Sha256)),
        ("1.2.840.10045.4.3.3", SignatureMethod.Ecdsa(SignatureHash.Sha384)),
        ("1.2.840.10045.4.3.4", SignatureMethod.Ecdsa(SignatureHash.Sha512)),
        (Ed25519, SignatureMethod.Ed25519),
        (Ed448, SignatureMethod.Ed448),
    ];

    /// <summary>Null for anything but one whole identifier of a known method.</summary>
    internal static SignatureMethod? Parse(ReadOnlySpan<byte> der)
    {
        try
        {
            AsnReader outer = new(der.ToArray(), AsnEncodingRules.DER);
            AsnReader fields = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            string objectIdentifier = fields.ReadObjectIdentifier();
            if (objectIdentifier == RsaPss)
                return ReadPss(fields);

            SignatureMethod? method = WithHash.FirstOrDefault(entry => entry.ObjectIdentifier == objectIdentifier).Method;
            // RFC 4055 §5: NULL for RSA, and its absence must be accepted. RFC 5758 §3.2, RFC 8410 §3: absent for the others.
            if (method?.Scheme == SignatureScheme.RsaPkcs1 && fields.HasData)
                fields.ReadNull();
            fields.ThrowIfNotEmpty();
            return method;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    internal static byte[] Write(SignatureMethod method)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            if (method.Scheme == SignatureScheme.RsaPss)
            {
                writer.WriteObjectIdentifier(RsaPss);
                WritePss(writer, method);
            }
            else
            {
                writer.WriteObjectIdentifier(WithHash.First(entry => entry.Method == method).ObjectIdentifier);
                if (method.Scheme == SignatureScheme.RsaPkcs1)
                    writer.WriteNull();
            }
        }
        return writer.Encode();
    }

    /// <summary>
    /// RSASSA-PSS-params: [0] hash, [1] mask generation, [2] salt length, [3] trailer field, each with a default (RFC 8017 appendix A.2.3).
    /// Defaults that are written out are taken too: RFC 7427 appendix A.4.2 writes them.
    /// </summary>
    static SignatureMethod? ReadPss(AsnReader fields)
    {
        AsnReader parameters = fields.ReadSequence();
        fields.ThrowIfNotEmpty();
        SignatureHash? hash = SignatureHash.Sha1;
        SignatureHash? maskHash = SignatureHash.Sha1;
        int saltLength = 20;
        if (Optional(parameters, 0) is AsnReader hashField)
            hash = ReadHash(hashField);
        if (Optional(parameters, 1) is AsnReader maskField)
            maskHash = ReadMask(maskField);
        if (Optional(parameters, 2) is AsnReader saltField && !(ReadOnlyNumber(saltField, out saltLength) && saltLength is >= 0 and <= LongestSalt))
            return null;
        if (Optional(parameters, 3) is AsnReader trailerField && !(ReadOnlyNumber(trailerField, out int trailer) && trailer == 1))
            return null;
        parameters.ThrowIfNotEmpty();
        return hash is null || maskHash is null ? null : SignatureMethod.RsaPss(hash.Value, maskHash.Value, saltLength);
    }

    static AsnReader? Optional(AsnReader parameters, int number)
    {
        Asn1Tag tag = new(TagClass.ContextSpecific, number, isConstructed: true);
        return parameters.HasData && parameters.PeekTag() == tag ? parameters.ReadSequence(tag) : null;
    }

    static SignatureHash? ReadHash(AsnReader field)
    {
        AsnReader identifier = field.ReadSequence();
        field.ThrowIfNotEmpty();
        SignatureHash? hash = SignatureHashes.FromObjectIdentifier(identifier.ReadObjectIdentifier());
        // RFC 8017 appendix B.1: NULL should be written, its absence must be accepted.
        if (identifier.HasData)
            identifier.ReadNull();
        identifier.ThrowIfNotEmpty();
        return hash;
    }

    /// <summary>MGF1 has a hash as its parameter: without one there is nothing to compute (CVE-2021-41990's kind).</summary>
    static SignatureHash? ReadMask(AsnReader field)
    {
        AsnReader identifier = field.ReadSequence();
        field.ThrowIfNotEmpty();
        return identifier.ReadObjectIdentifier() == Mgf1 && identifier.HasData ? ReadHash(identifier) : null;
    }

    static bool ReadOnlyNumber(AsnReader field, out int value)
    {
        bool fits = field.TryReadInt32(out value);
        return fits && !field.HasData;
    }

    static void WritePss(AsnWriter writer, SignatureMethod method)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                WriteHash(writer, method.Hash);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Mgf1);
                WriteHash(writer, method.MaskHash);
            }
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2)))
                writer.WriteInteger(method.SaltLength);
            // RFC 7427 appendix A.4.3 writes it although it is the default.
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3)))
                writer.WriteInteger(1);
        }
    }

    static void WriteHash(AsnWriter writer, SignatureHash hash)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(hash.ObjectIdentifier());
            writer.WriteNull();
        }
    }
}
