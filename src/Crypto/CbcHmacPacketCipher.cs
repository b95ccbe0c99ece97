using System.Buffers.Binary;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto;

/// <summary>
/// A cipher-block-chaining cipher (RFC 3602, RFC 2451) with an HMAC (RFC 2404, RFC 4868) over header | IV | ciphertext | high half of
/// the sequence number (RFC 4303 §2.8): encrypt, then authenticate; check, then decrypt.
/// </summary>
sealed class CbcHmacPacketCipher : PacketCipher
{
    const int LongestCode = 64;

    readonly CipherContext _cipher;
    readonly HmacContext _hmac;

    internal CbcHmacPacketCipher(string cipherName, EncryptionTransform encryption, ReadOnlySpan<byte> encryptionKey,
        IntegrityAlgorithm integrity, ReadOnlySpan<byte> integrityKey, bool forSealing)
    {
        _cipher = new CipherContext(cipherName, encryptionKey, forSealing);
        _hmac = HmacDigest.Of(integrity).WithKey(integrityKey);
        IvLength = encryption.IvLength;
        BlockLength = encryption.BlockLength;
        IcvLength = integrity.IcvLength();
    }

    public override int IvLength { get; }

    public override int IcvLength { get; }

    public override int BlockLength { get; }

    /// <exception cref="ArgumentException">The payload is not padded to <see cref="BlockLength"/>.</exception>
    public override void Seal(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload, Span<byte> icv)
    {
        if (payload.Length % BlockLength != 0)
            throw new ArgumentException("the payload is not a multiple of the block length", nameof(payload));

        _cipher.Begin(iv[..IvLength]);
        _cipher.Transform(payload);
        Span<byte> code = stackalloc byte[LongestCode];
        Authenticate(header, sequenceHigh, iv, payload, code);
        code[..IcvLength].CopyTo(icv);
    }

    public override bool TryOpen(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload,
        ReadOnlySpan<byte> icv)
    {
        if (iv.Length != IvLength || icv.Length != IcvLength || payload.Length % BlockLength != 0)
            return false;

        Span<byte> code = stackalloc byte[LongestCode];
        Authenticate(header, sequenceHigh, iv, payload, code);
        if (!CryptographicOperations.FixedTimeEquals(code[..IcvLength], icv))
            return false;

        _cipher.Begin(iv);
        _cipher.Transform(payload);
        return true;
    }

    void Authenticate(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> ciphertext, Span<byte> code)
    {
        _hmac.Reset();
        _hmac.AppendShort(header);
        _hmac.AppendShort(iv);
        _hmac.Append(ciphertext);
        if (sequenceHigh is uint high)
        {
            Span<byte> octets = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(octets, high);
            _hmac.AppendShort(octets);
        }
        _hmac.Finish(code);
    }

    public override void Dispose()
    {
        _cipher.Dispose();
        _hmac.Dispose();
    }
}
