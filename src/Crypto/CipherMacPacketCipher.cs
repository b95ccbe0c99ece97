using System.Buffers.Binary;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Registry;
using Ipsec.Crypto.Secrets;

namespace Ipsec.Crypto;

/// <summary>
/// A cipher that chains blocks (RFC 3602, RFC 2451, RFC 5529), counts (RFC 3686) or does nothing (RFC 2410), with an integrity algorithm
/// over header | IV | ciphertext | high half of the sequence number (RFC 4303 §2.8): encrypt, then authenticate; check, then decrypt.
/// </summary>
sealed class CipherMacPacketCipher : PacketCipher
{
    const int CounterBlockLength = 16;
    const int SingleDesKeyLength = 8;

    readonly CipherContext? _cipher;
    readonly MacContext _mac;
    readonly int _saltLength;
    readonly bool _counts;
    SecretSlot _counterBlock;

    internal CipherMacPacketCipher(EncryptionEntry encryption, ReadOnlySpan<byte> keyMaterial,
        IntegrityEntry integrity, ReadOnlySpan<byte> integrityKey, bool forSealing)
    {
        _saltLength = encryption.SaltLength;
        scoped ReadOnlySpan<byte> key = keyMaterial[..^_saltLength];
        Span<byte> repeated = stackalloc byte[3 * SingleDesKeyLength];
        if (encryption.RepeatsKeyThreeTimes)
        {
            for (int i = 0; i < repeated.Length; i += SingleDesKeyLength)
                key.CopyTo(repeated[i..]);
            key = repeated;
        }
        _cipher = encryption.Mode == EncryptionMode.Null ? null : new CipherContext(encryption.LibraryName, key, forSealing);
        CryptographicOperations.ZeroMemory(repeated);
        _counts = encryption.Mode == EncryptionMode.Ctr;
        if (_counts)
        {
            // RFC 3686 §4: nonce | IV | block counter, which starts with one.
            _counterBlock = SecretMemory.Take(CounterBlockLength);
            keyMaterial[^_saltLength..].CopyTo(_counterBlock.Octets);
            _counterBlock.Octets[^1] = 1;
        }
        _mac = Macs.Create(integrity, integrityKey);
        IvLength = encryption.IvLength;
        BlockLength = encryption.BlockLength;
        IcvLength = integrity.IcvLength;
    }

    public override int IvLength { get; }

    public override int IcvLength { get; }

    public override int BlockLength { get; }

    /// <exception cref="ArgumentException">The payload is not padded to <see cref="BlockLength"/>.</exception>
    public override void Seal(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload, Span<byte> icv)
    {
        if (payload.Length % BlockLength != 0)
            throw new ArgumentException("the payload is not a multiple of the block length", nameof(payload));

        Transform(iv[..IvLength], payload);
        Span<byte> code = stackalloc byte[MacContext.LongestCode];
        Authenticate(header, sequenceHigh, iv, payload, code);
        code[..IcvLength].CopyTo(icv);
    }

    public override bool TryOpen(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload,
        ReadOnlySpan<byte> icv)
    {
        if (iv.Length != IvLength || icv.Length != IcvLength || payload.Length % BlockLength != 0)
            return false;

        Span<byte> code = stackalloc byte[MacContext.LongestCode];
        Authenticate(header, sequenceHigh, iv, payload, code);
        if (!CryptographicOperations.FixedTimeEquals(code[..IcvLength], icv))
            return false;

        Transform(iv, payload);
        return true;
    }

    void Transform(ReadOnlySpan<byte> iv, Span<byte> payload)
    {
        if (_cipher is null)
            return;
        if (_counts)
        {
            iv.CopyTo(_counterBlock.Octets[_saltLength..]);
            iv = _counterBlock.Octets;
        }
        _cipher.Begin(iv);
        _cipher.Transform(payload);
    }

    void Authenticate(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> ciphertext, Span<byte> code)
    {
        _mac.Reset();
        _mac.AppendShort(header);
        _mac.AppendShort(iv);
        _mac.Append(ciphertext);
        if (sequenceHigh is uint high)
        {
            Span<byte> octets = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(octets, high);
            _mac.AppendShort(octets);
        }
        _mac.Finish(code);
    }

    public override void Dispose()
    {
        _cipher?.Dispose();
        _mac.Dispose();
        _counterBlock.Free();
    }
}
