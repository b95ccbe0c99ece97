using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;

namespace Ipsec.Crypto.Gcm;

/// <summary>
/// GCTR (NIST SP 800-38D §6.5), eight blocks side by side, because one round takes several cycles and a new one can begin in each. A counter block is
/// kept turned round: its 32-bit counter is element 0 then.
/// </summary>
static unsafe class CounterMode
{
    const int BlockLength = 16;

    /// <summary>Octets of the blocks that are done at once.</summary>
    public const int StrideLength = 8 * BlockLength;

    /// <summary>The counter block behind this one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Advance(Vector128<uint> counter, uint blocks) => counter + Vector128.Create(blocks, 0, 0, 0);

    /// <summary>Encrypts or decrypts <see cref="StrideLength"/> octets in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply8(Vector128<byte>* roundKeys, int rounds, Vector128<uint> counter, byte* data)
    {
        Encrypt8(roundKeys, rounds, Turn(counter), counter, out Vector128<byte> b0, out Vector128<byte> b1, out Vector128<byte> b2, out Vector128<byte> b3,
            out Vector128<byte> b4, out Vector128<byte> b5, out Vector128<byte> b6, out Vector128<byte> b7);
        Sse2.Store(data, b0 ^ Sse2.LoadVector128(data));
        Sse2.Store(data + BlockLength, b1 ^ Sse2.LoadVector128(data + BlockLength));
        Sse2.Store(data + 2 * BlockLength, b2 ^ Sse2.LoadVector128(data + 2 * BlockLength));
        Sse2.Store(data + 3 * BlockLength, b3 ^ Sse2.LoadVector128(data + 3 * BlockLength));
        Sse2.Store(data + 4 * BlockLength, b4 ^ Sse2.LoadVector128(data + 4 * BlockLength));
        Sse2.Store(data + 5 * BlockLength, b5 ^ Sse2.LoadVector128(data + 5 * BlockLength));
        Sse2.Store(data + 6 * BlockLength, b6 ^ Sse2.LoadVector128(data + 6 * BlockLength));
        Sse2.Store(data + 7 * BlockLength, b7 ^ Sse2.LoadVector128(data + 7 * BlockLength));
    }

    /// <summary>Key stream of eight blocks.</summary>
    /// <param name="first">The first counter block as it is encrypted; the others are <paramref name="counter"/> advanced by 1 to 7.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void KeyStream8(Vector128<byte>* roundKeys, int rounds, Vector128<byte> first, Vector128<uint> counter, Vector128<byte>* keyStream) =>
        Encrypt8(roundKeys, rounds, first, counter, out keyStream[0], out keyStream[1], out keyStream[2], out keyStream[3],
            out keyStream[4], out keyStream[5], out keyStream[6], out keyStream[7]);

    /// <summary>A counter block as it is encrypted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Turn(Vector128<uint> counter) => Ssse3.Shuffle(counter.AsByte(), Ghash.Reversal);

    /// <summary>Eight variables and no array: they have to stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Encrypt8(Vector128<byte>* roundKeys, int rounds, Vector128<byte> first, Vector128<uint> counter,
        out Vector128<byte> r0, out Vector128<byte> r1, out Vector128<byte> r2, out Vector128<byte> r3,
        out Vector128<byte> r4, out Vector128<byte> r5, out Vector128<byte> r6, out Vector128<byte> r7)
    {
        // One constant instead of seven: a round needs the registers.
        Vector128<uint> one = Vector128.Create(1u, 0, 0, 0);
        Vector128<byte> key = *roundKeys;
        Vector128<byte> b0 = first ^ key;
        Vector128<byte> b1 = Turn(counter += one) ^ key;
        Vector128<byte> b2 = Turn(counter += one) ^ key;
        Vector128<byte> b3 = Turn(counter += one) ^ key;
        Vector128<byte> b4 = Turn(counter += one) ^ key;
        Vector128<byte> b5 = Turn(counter += one) ^ key;
        Vector128<byte> b6 = Turn(counter += one) ^ key;
        Vector128<byte> b7 = Turn(counter += one) ^ key;
        Vector128<byte>* last = roundKeys + rounds;
        for (roundKeys++; roundKeys < last; roundKeys++)
        {
            key = *roundKeys;
            b0 = AesInstructions.Encrypt(b0, key);
            b1 = AesInstructions.Encrypt(b1, key);
            b2 = AesInstructions.Encrypt(b2, key);
            b3 = AesInstructions.Encrypt(b3, key);
            b4 = AesInstructions.Encrypt(b4, key);
            b5 = AesInstructions.Encrypt(b5, key);
            b6 = AesInstructions.Encrypt(b6, key);
            b7 = AesInstructions.Encrypt(b7, key);
        }
        key = *last;
        r0 = AesInstructions.EncryptLast(b0, key);
        r1 = AesInstructions.EncryptLast(b1, key);
        r2 = AesInstructions.EncryptLast(b2, key);
        r3 = AesInstructions.EncryptLast(b3, key);
        r4 = AesInstructions.EncryptLast(b4, key);
        r5 = AesInstructions.EncryptLast(b5, key);
        r6 = AesInstructions.EncryptLast(b6, key);
        r7 = AesInstructions.EncryptLast(b7, key);
    }
}
