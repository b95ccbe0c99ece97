using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Ipsec.Crypto.BlockCiphers;
using Ipsec.Crypto.Registry;
using Ipsec.Crypto.Secrets;

namespace Ipsec.Crypto.Gcm;

/// <summary>
/// AES-GCM as ESP uses it (RFC 4106), by <see cref="GcmKernel"/>. Its key's tables lie in pinned memory that is cleared, and the salt in the gap behind the
/// round keys.
/// </summary>
sealed unsafe class AcceleratedGcmCipher : PacketCipher
{
    const int HeaderLength = 8;
    const int NonceLength = 12;
    const int SaltLength = NonceLength - sizeof(ulong);

    readonly int _rounds;
    SecretSlot _tables = SecretMemory.Take(GcmKernel.TableLength);

    internal AcceleratedGcmCipher(EncryptionEntry entry, ReadOnlySpan<byte> keyMaterial)
    {
        ReadOnlySpan<byte> key = keyMaterial[..^SaltLength];
        _rounds = AesKeySchedule.Rounds(key.Length);
        IvLength = entry.IvLength;
        IcvLength = entry.TagLength;
        fixed (byte* tables = _tables.Octets)
            GcmKernel.Prepare(key, tables);
        keyMaterial[^SaltLength..].CopyTo(_tables.Octets[AesKeySchedule.MaximumLength..]);
    }

    public override int IvLength { get; }

    public override int IcvLength { get; }

    public override int BlockLength => 1;

    public override void Seal(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload, Span<byte> icv)
    {
        icv = icv[..IcvLength];
        Vector128<byte> tag;
        fixed (byte* tables = _tables.Octets, data = payload)
        {
            Vector128<ulong> state = Associate(tables, header, sequenceHigh, out int associatedLength);
            tag = GcmKernel.Seal(tables, _rounds, FirstBlock(tables, iv), state, associatedLength, data, payload.Length);
        }
        Span<byte> octets = stackalloc byte[Vector128<byte>.Count];
        tag.CopyTo(octets);
        octets[..icv.Length].CopyTo(icv);
    }

    public override bool TryOpen(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload, ReadOnlySpan<byte> icv)
    {
        if (iv.Length != IvLength || icv.Length != IcvLength)
            return false;
        fixed (byte* tables = _tables.Octets, data = payload, expected = icv)
        {
            Vector128<ulong> state = Associate(tables, header, sequenceHigh, out int associatedLength);
            Vector128<byte> tag = GcmKernel.Open(tables, _rounds, FirstBlock(tables, iv), state, associatedLength, data, payload.Length);
            Vector128<byte> difference = icv.Length == Vector128<byte>.Count ? tag ^ Vector128.Load(expected)
                : PartialBlock.Mask(tag ^ PartialBlock.Load(expected, icv.Length), icv.Length);
            // One comparison of the whole: how long it takes says nothing about where they differ.
            if (difference == Vector128<byte>.Zero)
                return true;
        }
        // Unauthenticated plaintext goes no further.
        CryptographicOperations.ZeroMemory(payload);
        return false;
    }

    public override void Dispose() => _tables.Free();

    /// <summary>SP 800-38D §7.1 step 2 for nonces of twelve octets: salt | IV | 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> FirstBlock(byte* tables, ReadOnlySpan<byte> iv)
    {
        ulong explicitPart = MemoryMarshal.Read<ulong>(iv);
        uint salt = Unsafe.ReadUnaligned<uint>(tables + AesKeySchedule.MaximumLength);
        return Vector128.Create(salt | explicitPart << 32, explicitPart >> 32 | 1UL << 56).AsByte();
    }

    /// <summary>
    /// RFC 4106 §5: SPI | sequence number, and with extended sequence numbers SPI | high | low. IKE has a header of its own, of any length (RFC 5282 §5.1).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<ulong> Associate(byte* tables, ReadOnlySpan<byte> header, uint? sequenceHigh, out int length)
    {
        length = header.Length + (sequenceHigh is null ? 0 : sizeof(uint));
        if (header.Length != HeaderLength)
            return AssociateLong(tables, header, sequenceHigh);
        ulong octets = MemoryMarshal.Read<ulong>(header);
        // Processors with these instructions are little-endian.
        return GcmKernel.Associate(tables, sequenceHigh is uint high
            ? Vector128.Create((uint)octets | (ulong)BinaryPrimitives.ReverseEndianness(high) << 32, octets >> 32).AsByte()
            : Vector128.Create(octets, 0).AsByte());
    }

    static Vector128<ulong> AssociateLong(byte* tables, ReadOnlySpan<byte> header, uint? sequenceHigh)
    {
        if (sequenceHigh is not null)
            throw new ArgumentException($"with extended sequence numbers the header is an ESP header, {HeaderLength} octets", nameof(header));
        fixed (byte* octets = header)
            return GcmKernel.Associate(tables, octets, header.Length);
    }
}
