using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ipsec.Crypto.Gcm;

/// <summary>
/// GHASH (NIST SP 800-38D §6.4) by carry-less multiplication. A block is turned round octet by octet, so that a register holds the polynomial with its
/// bits in reverse; the product of two such values is one bit too low, which the powers of the hash key make up for: they are kept doubled.
/// </summary>
static unsafe class Ghash
{
    /// <summary>Powers of the hash key that are kept: so many blocks are multiplied before one reduction.</summary>
    public const int Powers = 16;

    const int BlockLength = 16;

    /// <summary>x^128 + x^127 + x^126 + x^121 + 1: the field's polynomial with its bits in reverse.</summary>
    const ulong Polynomial = 0xc200000000000000;

    /// <summary>Turns a block round.</summary>
    public static Vector128<byte> Reversal
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    }

    static Vector256<byte> Reversal256
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Create(Reversal, Reversal);
    }

    /// <summary>Fills the table: the highest power first, so that consecutive blocks meet consecutive powers.</summary>
    /// <param name="hashKey">The encrypted zero block (SP 800-38D §7.1 step 1).</param>
    /// <param name="powers"><see cref="Powers"/> places.</param>
    public static void Prepare(Vector128<byte> hashKey, Vector128<ulong>* powers)
    {
        Vector128<ulong> first = Double(Ssse3.Shuffle(hashKey, Reversal).AsUInt64());
        Vector128<ulong> power = first;
        for (int i = Powers - 1; i >= 0; i--)
        {
            powers[i] = power;
            var product = new Product();
            product.Add(power, first);
            power = product.Reduce();
        }
    }

    /// <summary>Sixteen blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Absorb16(Vector128<ulong> state, byte* blocks, Vector128<ulong>* powers)
    {
        var product = new WideProduct();
        product.Add(Avx2.Shuffle(Avx.LoadVector256(blocks), Reversal256).AsUInt64() ^ state.ToVector256(), powers);
        product.Add(blocks + 2 * BlockLength, powers + 2);
        product.Add(blocks + 4 * BlockLength, powers + 4);
        product.Add(blocks + 6 * BlockLength, powers + 6);
        product.Add(blocks + 8 * BlockLength, powers + 8);
        product.Add(blocks + 10 * BlockLength, powers + 10);
        product.Add(blocks + 12 * BlockLength, powers + 12);
        product.Add(blocks + 14 * BlockLength, powers + 14);
        return product.Reduce();
    }

    /// <summary>Eight blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Absorb8(Vector128<ulong> state, byte* blocks, Vector128<ulong>* powers)
    {
        powers += Powers - 8;
        var product = new WideProduct();
        product.Add(Avx2.Shuffle(Avx.LoadVector256(blocks), Reversal256).AsUInt64() ^ state.ToVector256(), powers);
        product.Add(blocks + 2 * BlockLength, powers + 2);
        product.Add(blocks + 4 * BlockLength, powers + 4);
        product.Add(blocks + 6 * BlockLength, powers + 6);
        return product.Reduce();
    }

    /// <summary>One block more, times the hash key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Absorb(Vector128<ulong> state, Vector128<byte> block, Vector128<ulong>* powers)
    {
        var product = new Product();
        product.Add(Ssse3.Shuffle(block, Reversal).AsUInt64() ^ state, powers[Powers - 1]);
        return product.Reduce();
    }

    /// <summary>Times x, in the field.</summary>
    static Vector128<ulong> Double(Vector128<ulong> value)
    {
        ulong carry = value[1] >> 63;
        // All ones where a bit fell out: no branch on the key.
        ulong mask = 0 - carry;
        return Vector128.Create(value[0] << 1 ^ mask & 1, value[1] << 1 ^ value[0] >> 63 ^ mask & Polynomial);
    }

    /// <summary>A sum of products of 128 bits each, not yet reduced.</summary>
    public ref struct Product
    {
        Vector128<ulong> _low, _middle, _high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector128<ulong> block, Vector128<ulong> power)
        {
            _low ^= Pclmulqdq.CarrylessMultiply(block, power, 0x00);
            _high ^= Pclmulqdq.CarrylessMultiply(block, power, 0x11);
            _middle ^= Pclmulqdq.CarrylessMultiply(block, power, 0x01) ^ Pclmulqdq.CarrylessMultiply(block, power, 0x10);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Vector128<ulong> Reduce() => Ghash.Reduce(_low, _middle, _high);
    }

    /// <summary>The same for two blocks at a time.</summary>
    ref struct WideProduct
    {
        Vector256<ulong> _low, _middle, _high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(byte* blocks, Vector128<ulong>* powers) => Add(Avx2.Shuffle(Avx.LoadVector256(blocks), Reversal256).AsUInt64(), powers);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector256<ulong> blocks, Vector128<ulong>* powers)
        {
            Vector256<ulong> power = Avx.LoadVector256((ulong*)powers);
            _low ^= Pclmulqdq.V256.CarrylessMultiply(blocks, power, 0x00);
            _high ^= Pclmulqdq.V256.CarrylessMultiply(blocks, power, 0x11);
            _middle ^= Pclmulqdq.V256.CarrylessMultiply(blocks, power, 0x01) ^ Pclmulqdq.V256.CarrylessMultiply(blocks, power, 0x10);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Vector128<ulong> Reduce() => Ghash.Reduce(Fold(_low), Fold(_middle), Fold(_high));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector128<ulong> Fold(Vector256<ulong> value) => value.GetLower() ^ value.GetUpper();
    }

    /// <summary>256 bits to 128, 64 at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<ulong> Reduce(Vector128<ulong> low, Vector128<ulong> middle, Vector128<ulong> high)
    {
        Vector128<ulong> polynomial = Vector128.Create(1, Polynomial);
        middle ^= SwapHalves(low) ^ Pclmulqdq.CarrylessMultiply(low, polynomial, 0x10);
        return high ^ SwapHalves(middle) ^ Pclmulqdq.CarrylessMultiply(middle, polynomial, 0x10);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<ulong> SwapHalves(Vector128<ulong> value) => Sse2.Shuffle(value.AsUInt32(), 0x4e).AsUInt64();
}
