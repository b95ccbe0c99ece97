using System.Buffers.Binary;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto;

/// <summary>AES-GCM with a 16-octet ICV as ESP (RFC 4106) and IKEv2 (RFC 5282) use it: nonce = salt | explicit IV.</summary>
sealed class GcmPacketCipher : PacketCipher
{
    const int NonceLength = 12;
    const int SpiLength = 4;
    const int ExtendedAssociatedDataLength = 12;

    readonly CipherContext _cipher;
    readonly byte[] _nonce = GC.AllocateArray<byte>(NonceLength, pinned: true);
    readonly int _saltLength;

    internal GcmPacketCipher(string cipherName, EncryptionTransform encryption, ReadOnlySpan<byte> keyMaterial, bool forSealing)
    {
        _saltLength = encryption.SaltLength;
        keyMaterial[^_saltLength..].CopyTo(_nonce);
        _cipher = new CipherContext(cipherName, keyMaterial[..^_saltLength], forSealing);
        IvLength = encryption.IvLength;
        IcvLength = encryption.TagLength;
    }

    public override int IvLength { get; }

    public override int IcvLength { get; }

    public override int BlockLength => 1;

    public override void Seal(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload, Span<byte> icv)
    {
        iv.CopyTo(_nonce.AsSpan(_saltLength));
        _cipher.Begin(_nonce);
        Associate(header, sequenceHigh);
        _cipher.Transform(payload);
        _cipher.FinishWithTag(icv[..IcvLength]);
    }

    public override bool TryOpen(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload,
        ReadOnlySpan<byte> icv)
    {
        if (iv.Length != IvLength || icv.Length != IcvLength)
            return false;

        iv.CopyTo(_nonce.AsSpan(_saltLength));
        _cipher.Begin(_nonce);
        _cipher.ExpectTag(icv);
        Associate(header, sequenceHigh);
        _cipher.Transform(payload);
        if (_cipher.TagMatches())
            return true;

        // libcrypto decrypts before it compares: unauthenticated plaintext goes no further.
        CryptographicOperations.ZeroMemory(payload);
        return false;
    }

    /// <summary>RFC 4106 §5: SPI | sequence number, and with extended sequence numbers SPI | high | low.</summary>
    void Associate(ReadOnlySpan<byte> header, uint? sequenceHigh)
    {
        if (sequenceHigh is not uint high)
        {
            _cipher.Associate(header);
            return;
        }

        Span<byte> associated = stackalloc byte[ExtendedAssociatedDataLength];
        header[..SpiLength].CopyTo(associated);
        BinaryPrimitives.WriteUInt32BigEndian(associated[SpiLength..], high);
        header[SpiLength..].CopyTo(associated[(2 * SpiLength)..]);
        _cipher.Associate(associated);
    }

    public override void Dispose()
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_nonce);
    }
}
