using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ipsec.Crypto.Gcm;

/// <summary>Fewer than sixteen octets as a block that ends in zeros, without touching what stands behind them.</summary>
static unsafe class PartialBlock
{
    const int HalfLength = sizeof(ulong);

    /// <param name="length">1 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(byte* source, int length)
    {
        if (length >= HalfLength)
        {
            // In two steps: a shift by 64 would be none.
            ulong high = Unsafe.ReadUnaligned<ulong>(source + length - HalfLength) >> 8 >> 8 * (2 * HalfLength - 1 - length);
            return Vector128.Create(Unsafe.ReadUnaligned<ulong>(source), high).AsByte();
        }
        ulong low = length >= sizeof(uint)
            ? Unsafe.ReadUnaligned<uint>(source) | (ulong)Unsafe.ReadUnaligned<uint>(source + length - sizeof(uint)) << 8 * (length - sizeof(uint))
            : source[0] | (ulong)source[length / 2] << 8 * (length / 2) | (ulong)source[length - 1] << 8 * (length - 1);
        return Vector128.Create(low, 0).AsByte();
    }

    /// <param name="length">1 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* destination, Vector128<byte> block, int length)
    {
        ulong low = block.AsUInt64()[0];
        if (length > HalfLength)
        {
            ulong overlapping = low >> 8 * (length - HalfLength) | block.AsUInt64()[1] << 8 * (2 * HalfLength - length);
            Unsafe.WriteUnaligned(destination, low);
            Unsafe.WriteUnaligned(destination + length - HalfLength, overlapping);
        }
        else if (length == HalfLength)
        {
            Unsafe.WriteUnaligned(destination, low);
        }
        else if (length >= sizeof(uint))
        {
            Unsafe.WriteUnaligned(destination, (uint)low);
            Unsafe.WriteUnaligned(destination + length - sizeof(uint), (uint)(low >> 8 * (length - sizeof(uint))));
        }
        else
        {
            destination[0] = (byte)low;
            destination[length / 2] = (byte)(low >> 8 * (length / 2));
            destination[length - 1] = (byte)(low >> 8 * (length - 1));
        }
    }

    /// <summary>Zeros behind the first octets.</summary>
    /// <param name="length">0 to 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Mask(Vector128<byte> block, int length) =>
        block & Vector128.LessThan(Vector128.Create((byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), Vector128.Create((byte)length));
}
