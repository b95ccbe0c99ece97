using System.Buffers.Binary;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Registry;
using Ipsec.Crypto.Secrets;

namespace Ipsec.Crypto;

/// <summary>
/// A combined-mode algorithm as ESP (RFC 4106, RFC 4309, RFC 7634, RFC 4543) and IKEv2 (RFC 5282) use it: nonce = salt | explicit IV.
/// </summary>
abstract class AeadPacketCipher : PacketCipher
{
    const int SpiLength = 4;
    const int ExtendedAssociatedDataLength = 12;

    readonly int _saltLength;
    SecretSlot _nonce;

    private protected AeadPacketCipher(EncryptionEntry entry, ReadOnlySpan<byte> keyMaterial, bool forSealing)
    {
        _saltLength = entry.SaltLength;
        _nonce = SecretMemory.Take(_saltLength + entry.IvLength);
        keyMaterial[^_saltLength..].CopyTo(_nonce.Octets);
        ReadOnlySpan<byte> key = keyMaterial[..^_saltLength];
        Cipher = entry.Mode == EncryptionMode.Ccm
            ? new CipherContext(entry.LibraryName, key, forSealing, _nonce.Length, entry.TagLength)
            : new CipherContext(entry.LibraryName, key, forSealing);
        IvLength = entry.IvLength;
        IcvLength = entry.TagLength;
    }

    public override int IvLength { get; }

    public override int IcvLength { get; }

    public override int BlockLength => 1;

    private protected CipherContext Cipher { get; }

    public override void Seal(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload, Span<byte> icv)
    {
        Begin(iv);
        Encrypt(header, sequenceHigh, iv, payload);
        Cipher.FinishWithTag(icv[..IcvLength]);
    }

    public override bool TryOpen(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload,
        ReadOnlySpan<byte> icv)
    {
        if (iv.Length != IvLength || icv.Length != IcvLength)
            return false;

        Begin(iv);
        Cipher.ExpectTag(icv);
        if (TryDecrypt(header, sequenceHigh, iv, payload))
            return true;

        // Some decrypt before they compare: unauthenticated plaintext goes no further.
        CryptographicOperations.ZeroMemory(payload);
        return false;
    }

    private protected abstract void Encrypt(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload);

    /// <summary>Decrypts and compares the tag.</summary>
    private protected abstract bool TryDecrypt(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload);

    /// <summary>RFC 4106 §5: SPI | sequence number, and with extended sequence numbers SPI | high | low.</summary>
    private protected void Associate(ReadOnlySpan<byte> header, uint? sequenceHigh)
    {
        if (sequenceHigh is not uint high)
        {
            Cipher.Associate(header);
            return;
        }

        Span<byte> associated = stackalloc byte[ExtendedAssociatedDataLength];
        header[..SpiLength].CopyTo(associated);
        BinaryPrimitives.WriteUInt32BigEndian(associated[SpiLength..], high);
        header[SpiLength..].CopyTo(associated[(2 * SpiLength)..]);
        Cipher.Associate(associated);
    }

    void Begin(ReadOnlySpan<byte> iv)
    {
        Span<byte> nonce = _nonce.Octets;
        iv.CopyTo(nonce[_saltLength..]);
        Cipher.Begin(nonce);
    }

    public override void Dispose()
    {
        Cipher.Dispose();
        _nonce.Free();
    }
}

/// <summary>AES-GCM (RFC 4106) and ChaCha20-Poly1305 (RFC 7634).</summary>
sealed class StreamingPacketCipher(EncryptionEntry entry, ReadOnlySpan<byte> keyMaterial, bool forSealing)
    : AeadPacketCipher(entry, keyMaterial, forSealing)
{
    private protected override void Encrypt(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload)
    {
        Associate(header, sequenceHigh);
        Cipher.Transform(payload);
    }

    private protected override bool TryDecrypt(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload)
    {
        Encrypt(header, sequenceHigh, iv, payload);
        return Cipher.TagMatches();
    }
}

/// <summary>AES-CCM (RFC 4309): the length of the payload is part of what is authenticated first, and decryption compares by itself.</summary>
sealed class CcmPacketCipher(EncryptionEntry entry, ReadOnlySpan<byte> keyMaterial, bool forSealing)
    : AeadPacketCipher(entry, keyMaterial, forSealing)
{
    private protected override void Encrypt(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload)
    {
        Cipher.DeclareLength(payload.Length);
        Associate(header, sequenceHigh);
        if (!Cipher.TryTransformWhole(payload))
            throw new CryptographicException("libcrypto: a cipher failed");
    }

    private protected override bool TryDecrypt(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload)
    {
        Cipher.DeclareLength(payload.Length);
        Associate(header, sequenceHigh);
        return Cipher.TryTransformWhole(payload);
    }
}

/// <summary>
/// AES-GMAC (RFC 4543): the payload is authenticated and not encrypted. The explicit IV stands between sequence number and payload in
/// what is authenticated, as the packet has them (erratum 1821).
/// </summary>
sealed class GmacPacketCipher(EncryptionEntry entry, ReadOnlySpan<byte> keyMaterial, bool forSealing)
    : AeadPacketCipher(entry, keyMaterial, forSealing)
{
    private protected override void Encrypt(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload)
    {
        Associate(header, sequenceHigh);
        Cipher.Associate(iv);
        Cipher.AssociateLong(payload);
    }

    private protected override bool TryDecrypt(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload)
    {
        Encrypt(header, sequenceHigh, iv, payload);
        return Cipher.TagMatches();
    }
}
