using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Ipsec.Crypto.Signatures;

/// <summary>EMSA-PKCS1-v1_5 (RFC 8017 §9.2): 00 01 FF … FF 00 DigestInfo.</summary>
static class RsaEncodedMessage
{
    /// <param name="length">Octets of the modulus, at least 128.</param>
    internal static byte[] Pkcs1(SignatureHash hash, ReadOnlySpan<byte> data, int length)
    {
        byte[] digestInfo = DigestInfo(hash, data);
        byte[] message = new byte[length];
        message[1] = 1;
        message.AsSpan(2, length - digestInfo.Length - 3).Fill(0xFF);
        digestInfo.CopyTo(message, length - digestInfo.Length);
        return message;
    }

    static byte[] DigestInfo(SignatureHash hash, ReadOnlySpan<byte> data)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(hash.ObjectIdentifier());
                writer.WriteNull();
            }
            writer.WriteOctetString(Digest(hash, data));
        }
        return writer.Encode();
    }

    static byte[] Digest(SignatureHash hash, ReadOnlySpan<byte> data) => hash switch
    {
        SignatureHash.Sha1 => SHA1.HashData(data),
        SignatureHash.Sha256 => SHA256.HashData(data),
        SignatureHash.Sha384 => SHA384.HashData(data),
        SignatureHash.Sha512 => SHA512.HashData(data),
        _ => throw new ArgumentOutOfRangeException(nameof(hash), hash, "not a hash that is known here"),
    };
}
