using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ipsec.Net;

/// <summary>The ones' complement checksum of RFC 1071, used by IPv4, ICMP, UDP and TCP.</summary>
public static class InternetChecksum
{
    /// <summary>The checksum to store, over <paramref name="data"/> with its checksum field set to zero.</summary>
    public static ushort Compute(ReadOnlySpan<byte> data, uint initialSum = 0) => (ushort)~Fold(Sum(data, initialSum));

    /// <summary>True if data that includes its checksum field sums up to all ones.</summary>
    public static bool IsValid(ReadOnlySpan<byte> data, uint initialSum = 0) => Fold(Sum(data, initialSum)) == 0xFFFF;

    /// <summary>Adds 16-bit words; an odd last octet is padded with zero. At most 64 KiB at a time.</summary>
    public static uint Sum(ReadOnlySpan<byte> data, uint sum = 0)
    {
        if (data.Length >= 2 * Vector256<byte>.Count && Vector256.IsHardwareAccelerated)
        {
            int length = data.Length & -Vector256<byte>.Count;
            sum += SumVectors(data[..length]);
            data = data[length..];
        }
        while (data.Length >= 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(data);
            data = data[2..];
        }
        return data.Length == 1 ? sum + ((uint)data[0] << 8) : sum;
    }

    /// <summary>Whole vectors, in the processor's order of octets, which is put right at the end (RFC 1071 §2 (B)).</summary>
    static uint SumVectors(ReadOnlySpan<byte> data)
    {
        ref byte start = ref MemoryMarshal.GetReference(data);
        Vector256<ulong> low = Vector256<ulong>.Zero;
        Vector256<ulong> high = Vector256<ulong>.Zero;
        for (nuint offset = 0; offset < (nuint)data.Length; offset += (nuint)Vector256<byte>.Count)
        {
            Vector256<uint> words = Vector256.LoadUnsafe(ref start, offset).AsUInt32();
            low += Vector256.WidenLower(words);
            high += Vector256.WidenUpper(words);
        }
        ulong total = Vector256.Sum(low + high);
        total = (total & uint.MaxValue) + (total >> 32);
        ushort folded = Fold((uint)(total & ushort.MaxValue) + (uint)(total >> 16 & ushort.MaxValue) + (uint)(total >> 32));
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded;
    }

    /// <summary>The pseudo-header sum of RFC 768 and RFC 8200 §8.1.</summary>
    public static uint PseudoHeader(IpAddress source, IpAddress destination, byte protocol, int length)
    {
        Span<byte> octets = stackalloc byte[32];
        int half = source.WriteTo(octets);
        destination.WriteTo(octets[half..]);
        return Sum(octets[..(2 * half)]) + protocol + (uint)(length >> 16) + (uint)(length & 0xFFFF);
    }

    /// <summary>Updates a stored checksum after one 16-bit word changed (RFC 1624).</summary>
    public static ushort Update(ushort checksum, ushort oldWord, ushort newWord) =>
        (ushort)~Fold((uint)(ushort)~checksum + (ushort)~oldWord + newWord);

    /// <summary>Updates a stored checksum after an address of the pseudo-header changed (RFC 3948 §3.1.2). Both are of one family.</summary>
    public static ushort Update(ushort checksum, IpAddress oldAddress, IpAddress newAddress) => Update(checksum, Fold(oldAddress), Fold(newAddress));

    static ushort Fold(IpAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        return Fold(Sum(octets[..address.WriteTo(octets)]));
    }

    static ushort Fold(uint sum)
    {
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)((sum & 0xFFFF) + (sum >> 16));
    }
}
