using System.Buffers.Binary;
using System.Security.Cryptography;
using Ipsec.Crypto;

namespace Ipsec.Esp.Tests.Kit;

/// <summary>ESP once more, written from the RFCs over .NET's own algorithms: makes what a peer might send and reads what we sent.</summary>
static class ReferenceEsp
{
    /// <param name="payload">Content, padding, Pad Length and Next Header as they shall be encrypted.</param>
    public static byte[] Seal(EspTransforms transforms, byte[] key, byte[] integrityKey, uint spi, ulong sequence, ReadOnlySpan<byte> payload)
    {
        byte[] header = Header(spi, (uint)sequence);
        byte[] iv = new byte[transforms.Encryption.IvLength];
        if (iv.Length > 0)
            BinaryPrimitives.WriteUInt64BigEndian(iv, sequence);
        byte[] ciphertext = new byte[payload.Length];
        if (transforms.Encryption.IsCombinedMode)
        {
            byte[] tag = ReferenceAead.Seal(transforms.Encryption, key, iv, payload, ciphertext, AssociatedData(transforms, spi, sequence));
            return [.. header, .. iv, .. ciphertext, .. tag];
        }
        ciphertext = ReferenceCipher.Encrypt(transforms.Encryption.Algorithm, key, iv, payload.ToArray());
        byte[] icv = Code(transforms, integrityKey, sequence, [.. header, .. iv, .. ciphertext]);
        return [.. header, .. iv, .. ciphertext, .. icv];
    }

    /// <summary>The decrypted payload with its trailer. Throws if the ICV is wrong.</summary>
    public static byte[] Open(EspTransforms transforms, byte[] key, byte[] integrityKey, byte[] packet, uint sequenceHigh)
    {
        int ivLength = transforms.Encryption.IvLength;
        int icvLength = transforms.Encryption.IsCombinedMode ? transforms.Encryption.TagLength : transforms.Integrity.IcvLength();
        uint spi = BinaryPrimitives.ReadUInt32BigEndian(packet);
        ulong sequence = (ulong)sequenceHigh << 32 | BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4));
        byte[] iv = packet[8..(8 + ivLength)];
        byte[] ciphertext = packet[(8 + ivLength)..^icvLength];
        byte[] icv = packet[^icvLength..];
        if (transforms.Encryption.IsCombinedMode)
            return ReferenceAead.Open(transforms.Encryption, key, iv, ciphertext, icv, AssociatedData(transforms, spi, sequence));
        Assert.Equal(Code(transforms, integrityKey, sequence, packet[..^icvLength]), icv);
        return ReferenceCipher.Decrypt(transforms.Encryption.Algorithm, key, iv, ciphertext);
    }

    /// <summary>Content with the default padding behind it, for ciphers of any block length here.</summary>
    public static byte[] Payload(ReadOnlySpan<byte> content, byte nextHeader)
    {
        int padLength = (16 - (content.Length + 2) % 16) % 16;
        return [.. content, .. Enumerable.Range(1, padLength).Select(octet => (byte)octet), (byte)padLength, nextHeader];
    }

    static byte[] Header(uint spi, uint sequenceLow)
    {
        byte[] header = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(header, spi);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), sequenceLow);
        return header;
    }

    // RFC 4106 §5
    static byte[] AssociatedData(EspTransforms transforms, uint spi, ulong sequence)
    {
        if (!transforms.ExtendedSequenceNumbers)
            return Header(spi, (uint)sequence);
        byte[] data = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(data, spi);
        BinaryPrimitives.WriteUInt64BigEndian(data.AsSpan(4), sequence);
        return data;
    }

    // RFC 4303 §2.8 and §3.3.2.1
    static byte[] Code(EspTransforms transforms, byte[] key, ulong sequence, byte[] covered)
    {
        if (transforms.ExtendedSequenceNumbers)
        {
            byte[] high = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(high, (uint)(sequence >> 32));
            covered = [.. covered, .. high];
        }
        byte[] code = transforms.Integrity switch
        {
            IntegrityAlgorithm.HmacMd5_96 => HMACMD5.HashData(key, covered),
            IntegrityAlgorithm.HmacSha1_96 => HMACSHA1.HashData(key, covered),
            IntegrityAlgorithm.HmacSha256_128 => HMACSHA256.HashData(key, covered),
            IntegrityAlgorithm.HmacSha384_192 => HMACSHA384.HashData(key, covered),
            IntegrityAlgorithm.AesXcbc96 => ReferenceBlockMac.Xcbc(key, covered),
            IntegrityAlgorithm.AesCmac96 => ReferenceBlockMac.Cmac(key, covered),
            _ => HMACSHA512.HashData(key, covered),
        };
        return code[..transforms.Integrity.IcvLength()];
    }
}
