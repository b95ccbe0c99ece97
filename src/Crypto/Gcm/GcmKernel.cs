using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Ipsec.Crypto.BlockCiphers;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;

namespace Ipsec.Crypto.Gcm;

/// <summary>
/// AES-GCM (NIST SP 800-38D §7) with the processor's instructions for AES and for carry-less multiplication of two blocks at once. No branch and no
/// address depends on a key or on plaintext, lengths are public.
/// </summary>
static unsafe class GcmKernel
{
    /// <summary>Octets of a key's tables: round keys, then the powers of the hash key.</summary>
    public const int TableLength = PowersOffset + Ghash.Powers * BlockLength;

    const int PowersOffset = 256;
    const int BlockLength = 16;
    const int StrideLength = 2 * CounterMode.StrideLength;

    /// <summary>What is left behind the strides, and the mask of the tag.</summary>
    const int TailBlocks = 9;

    /// <summary>This processor can do it.</summary>
    public static bool IsSupported => AesInstructions.IsSupported && Pclmulqdq.V256.IsSupported && Avx2.IsSupported;

    /// <summary>Fills the tables of a key.</summary>
    public static void Prepare(ReadOnlySpan<byte> key, byte* tables)
    {
        AesKeySchedule.Expand(key, new Span<byte>(tables, AesKeySchedule.MaximumLength));
        Vector128<byte> hashKey = AesBlock.Encrypt((Vector128<byte>*)tables, AesKeySchedule.Rounds(key.Length), Vector128<byte>.Zero);
        Ghash.Prepare(hashKey, PowersOf(tables));
    }

    /// <summary>GHASH of one block of associated data that ends in zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Associate(byte* tables, Vector128<byte> block) => Ghash.Absorb(default, block, PowersOf(tables));

    /// <summary>GHASH of associated data.</summary>
    public static Vector128<ulong> Associate(byte* tables, byte* data, int length)
    {
        Vector128<ulong> state = default;
        for (; length > 0; data += BlockLength, length -= BlockLength)
            state = Ghash.Absorb(state, length >= BlockLength ? Sse2.LoadVector128(data) : PartialBlock.Load(data, length), PowersOf(tables));
        return state;
    }

    /// <summary>Encrypts in place and returns the tag.</summary>
    /// <param name="nonce">The first counter block: twelve octets of nonce, and a big-endian 1.</param>
    /// <param name="state">GHASH of the associated data.</param>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<byte> Seal(byte* tables, int rounds, Vector128<byte> nonce, Vector128<ulong> state, int associatedLength, byte* data, int length)
    {
        var roundKeys = (Vector128<byte>*)tables;
        Vector128<ulong>* powers = PowersOf(tables);
        Vector128<uint> counter = FirstCounter(nonce);
        Vector128<ulong> lengths = Lengths(associatedLength, length);
        if (length >= StrideLength)
        {
            ApplyStride(roundKeys, rounds, ref counter, data);
            // One stride behind: the processor multiplies this one while it encrypts the next.
            for (data += StrideLength, length -= StrideLength; length >= StrideLength; data += StrideLength, length -= StrideLength)
            {
                ApplyStride(roundKeys, rounds, ref counter, data);
                state = Ghash.Absorb16(state, data - StrideLength, powers);
            }
            state = Ghash.Absorb16(state, data - StrideLength, powers);
        }
        if (length >= CounterMode.StrideLength)
        {
            CounterMode.Apply8(roundKeys, rounds, counter, data);
            counter = CounterMode.Advance(counter, 8);
            state = Ghash.Absorb8(state, data, powers);
            data += CounterMode.StrideLength;
            length -= CounterMode.StrideLength;
        }
        return Finish(true, roundKeys, rounds, nonce, counter, state, lengths, powers, data, length);
    }

    /// <summary>
    /// Decrypts in place and returns the tag that belongs to the ciphertext. Where it is not the one that came, the caller clears the data: decrypting
    /// in a second pass would cost a fifth more.
    /// </summary>
    /// <param name="nonce">The first counter block: twelve octets of nonce, and a big-endian 1.</param>
    /// <param name="state">GHASH of the associated data.</param>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<byte> Open(byte* tables, int rounds, Vector128<byte> nonce, Vector128<ulong> state, int associatedLength, byte* data, int length)
    {
        var roundKeys = (Vector128<byte>*)tables;
        Vector128<ulong>* powers = PowersOf(tables);
        Vector128<uint> counter = FirstCounter(nonce);
        Vector128<ulong> lengths = Lengths(associatedLength, length);
        for (; length >= StrideLength; data += StrideLength, length -= StrideLength)
        {
            state = Ghash.Absorb16(state, data, powers);
            ApplyStride(roundKeys, rounds, ref counter, data);
        }
        if (length >= CounterMode.StrideLength)
        {
            state = Ghash.Absorb8(state, data, powers);
            CounterMode.Apply8(roundKeys, rounds, counter, data);
            counter = CounterMode.Advance(counter, 8);
            data += CounterMode.StrideLength;
            length -= CounterMode.StrideLength;
        }
        return Finish(false, roundKeys, rounds, nonce, counter, state, lengths, powers, data, length);
    }

    /// <summary>What is shorter than a stride, and the tag.</summary>
    /// <param name="seals">A constant: it is inlined. What is authenticated is the ciphertext, which comes out or goes in.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> Finish(bool seals, Vector128<byte>* roundKeys, int rounds, Vector128<byte> nonce, Vector128<uint> counter, Vector128<ulong> state,
        Vector128<ulong> lengths, Vector128<ulong>* powers, byte* data, int length)
    {
        Vector128<byte>* keyStream = stackalloc Vector128<byte>[TailBlocks];
        int blocks = TailKeyStream(roundKeys, rounds, nonce, counter, length, keyStream);
        Vector128<ulong>* power = powers + Ghash.Powers - blocks - 1;
        var product = new Ghash.Product();
        for (int i = 1; i <= blocks; i++, data += BlockLength, length -= BlockLength)
        {
            Vector128<byte> before, after;
            if (length >= BlockLength)
            {
                before = Sse2.LoadVector128(data);
                after = before ^ keyStream[i];
                Sse2.Store(data, after);
            }
            else
            {
                before = PartialBlock.Load(data, length);
                after = PartialBlock.Mask(before ^ keyStream[i], length);
                PartialBlock.Store(data, after, length);
            }
            product.Add(Ssse3.Shuffle(seals ? after : before, Ghash.Reversal).AsUInt64() ^ state, *power++);
            state = default;
        }
        product.Add(lengths ^ state, *power);
        Vector128<byte> tag = Ssse3.Shuffle(product.Reduce().AsByte(), Ghash.Reversal) ^ keyStream[0];
        Clear(keyStream);
        return tag;
    }

    static Vector128<ulong>* PowersOf(byte* tables) => (Vector128<ulong>*)(tables + PowersOffset);

    static int BlocksOf(int length) => (length + BlockLength - 1) / BlockLength;

    static Vector128<uint> FirstCounter(Vector128<byte> nonce) => CounterMode.Advance(Ssse3.Shuffle(nonce, Ghash.Reversal).AsUInt32(), 1);

    /// <summary>The last block of GHASH, in bits, turned round.</summary>
    static Vector128<ulong> Lengths(int associatedLength, int length) => Vector128.Create((ulong)length * 8, (ulong)associatedLength * 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void ApplyStride(Vector128<byte>* roundKeys, int rounds, ref Vector128<uint> counter, byte* data)
    {
        CounterMode.Apply8(roundKeys, rounds, counter, data);
        CounterMode.Apply8(roundKeys, rounds, CounterMode.Advance(counter, 8), data + CounterMode.StrideLength);
        counter = CounterMode.Advance(counter, 16);
    }

    /// <summary>The tag's mask first, then the key stream of fewer than nine blocks; returns how many blocks there are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int TailKeyStream(Vector128<byte>* roundKeys, int rounds, Vector128<byte> nonce, Vector128<uint> counter, int length, Vector128<byte>* keyStream)
    {
        int blocks = BlocksOf(length);
        if (blocks < 8)
        {
            CounterMode.KeyStream8(roundKeys, rounds, nonce, CounterMode.Advance(counter, uint.MaxValue), keyStream);
            return blocks;
        }
        CounterMode.KeyStream8(roundKeys, rounds, CounterMode.Turn(counter), counter, keyStream + 1);
        keyStream[0] = AesBlock.Encrypt(roundKeys, rounds, nonce);
        return blocks;
    }

    /// <summary>Key stream with known plaintext is plaintext.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Clear(Vector128<byte>* keyStream)
    {
        for (int i = 0; i < TailBlocks; i++)
            Unsafe.WriteUnaligned(keyStream + i, Vector128<byte>.Zero);
    }
}
