using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Ipsec.Crypto.BlockCiphers;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;

namespace Ipsec.Crypto.PayloadCiphers;

/// <summary>
/// AES-CBC (NIST SP 800-38A §6.2), eight blocks side by side, because one round takes several cycles and two new ones can begin in each: blocks of one
/// payload where it is decrypted, of several where they are encrypted, since there each block waits for the one before. No branch and no address depends
/// on a key or on plaintext.
/// </summary>
static unsafe class CbcKernel
{
    /// <summary>Payloads that are encrypted side by side.</summary>
    public const int Streams = 8;

    const int BlockLength = AesBlock.Length;

    /// <summary>One payload, in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encrypt(Vector128<byte>* roundKeys, int rounds, Vector128<byte> iv, byte* data, int blocks)
    {
        for (byte* end = data + blocks * BlockLength; data < end; data += BlockLength)
        {
            iv = AesBlock.Encrypt(roundKeys, rounds, iv ^ Sse2.LoadVector128(data));
            Sse2.Store(data, iv);
        }
    }

    /// <summary>Several payloads in place, each with its initialization vector before it. With fewer than eight the last one is done more than once.</summary>
    /// <param name="first">The first payload.</param>
    /// <param name="stride">Octets from one to the next.</param>
    /// <param name="streams">1 to 8.</param>
    /// <param name="blocks">Of each of them.</param>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EncryptSideBySide(Vector128<byte>* roundKeys, int rounds, byte* first, nint stride, int streams, int blocks)
    {
        int last = streams - 1;
        byte* p1 = first + Math.Min(1, last) * stride, p2 = first + Math.Min(2, last) * stride, p3 = first + Math.Min(3, last) * stride;
        byte* p4 = first + Math.Min(4, last) * stride, p5 = first + Math.Min(5, last) * stride, p6 = first + Math.Min(6, last) * stride;
        byte* p7 = first + last * stride;
        Vector128<byte> b0 = Sse2.LoadVector128(first - BlockLength);
        Vector128<byte> b1 = Sse2.LoadVector128(p1 - BlockLength);
        Vector128<byte> b2 = Sse2.LoadVector128(p2 - BlockLength);
        Vector128<byte> b3 = Sse2.LoadVector128(p3 - BlockLength);
        Vector128<byte> b4 = Sse2.LoadVector128(p4 - BlockLength);
        Vector128<byte> b5 = Sse2.LoadVector128(p5 - BlockLength);
        Vector128<byte> b6 = Sse2.LoadVector128(p6 - BlockLength);
        Vector128<byte> b7 = Sse2.LoadVector128(p7 - BlockLength);
        Vector128<byte>* lastKey = roundKeys + rounds;
        for (nint at = 0, end = blocks * BlockLength; at < end; at += BlockLength)
        {
            Vector128<byte> key = *roundKeys;
            b0 ^= Sse2.LoadVector128(first + at) ^ key;
            b1 ^= Sse2.LoadVector128(p1 + at) ^ key;
            b2 ^= Sse2.LoadVector128(p2 + at) ^ key;
            b3 ^= Sse2.LoadVector128(p3 + at) ^ key;
            b4 ^= Sse2.LoadVector128(p4 + at) ^ key;
            b5 ^= Sse2.LoadVector128(p5 + at) ^ key;
            b6 ^= Sse2.LoadVector128(p6 + at) ^ key;
            b7 ^= Sse2.LoadVector128(p7 + at) ^ key;
            for (Vector128<byte>* round = roundKeys + 1; round < lastKey; round++)
            {
                key = *round;
                b0 = AesInstructions.Encrypt(b0, key);
                b1 = AesInstructions.Encrypt(b1, key);
                b2 = AesInstructions.Encrypt(b2, key);
                b3 = AesInstructions.Encrypt(b3, key);
                b4 = AesInstructions.Encrypt(b4, key);
                b5 = AesInstructions.Encrypt(b5, key);
                b6 = AesInstructions.Encrypt(b6, key);
                b7 = AesInstructions.Encrypt(b7, key);
            }
            key = *lastKey;
            Sse2.Store(first + at, b0 = AesInstructions.EncryptLast(b0, key));
            Sse2.Store(p1 + at, b1 = AesInstructions.EncryptLast(b1, key));
            Sse2.Store(p2 + at, b2 = AesInstructions.EncryptLast(b2, key));
            Sse2.Store(p3 + at, b3 = AesInstructions.EncryptLast(b3, key));
            Sse2.Store(p4 + at, b4 = AesInstructions.EncryptLast(b4, key));
            Sse2.Store(p5 + at, b5 = AesInstructions.EncryptLast(b5, key));
            Sse2.Store(p6 + at, b6 = AesInstructions.EncryptLast(b6, key));
            Sse2.Store(p7 + at, b7 = AesInstructions.EncryptLast(b7, key));
        }
    }

    /// <summary>One payload, in place.</summary>
    /// <param name="roundKeys">Of <see cref="AesKeySchedule.Invert"/>.</param>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decrypt(Vector128<byte>* roundKeys, int rounds, Vector128<byte> iv, byte* data, int blocks)
    {
        for (; blocks >= Streams; blocks -= Streams, data += Streams * BlockLength)
            Decrypt8(roundKeys, rounds, ref iv, data, Streams - 1);
        if (blocks > 0)
            Decrypt8(roundKeys, rounds, ref iv, data, blocks - 1);
    }

    /// <summary>Eight blocks; with fewer the last one is done more than once: everything is read before anything is written.</summary>
    /// <param name="chain">What stands before them; afterwards what stands before the next ones.</param>
    /// <param name="last">Where the last block is: 0 to 7.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Decrypt8(Vector128<byte>* roundKeys, int rounds, ref Vector128<byte> chain, byte* data, int last)
    {
        nint o1 = Math.Min(1, last) * BlockLength, o2 = Math.Min(2, last) * BlockLength, o3 = Math.Min(3, last) * BlockLength;
        nint o4 = Math.Min(4, last) * BlockLength, o5 = Math.Min(5, last) * BlockLength, o6 = Math.Min(6, last) * BlockLength;
        nint o7 = last * BlockLength;
        Vector128<byte> key = *roundKeys;
        Vector128<byte> b0 = Sse2.LoadVector128(data) ^ key;
        Vector128<byte> b1 = Sse2.LoadVector128(data + o1) ^ key;
        Vector128<byte> b2 = Sse2.LoadVector128(data + o2) ^ key;
        Vector128<byte> b3 = Sse2.LoadVector128(data + o3) ^ key;
        Vector128<byte> b4 = Sse2.LoadVector128(data + o4) ^ key;
        Vector128<byte> b5 = Sse2.LoadVector128(data + o5) ^ key;
        Vector128<byte> b6 = Sse2.LoadVector128(data + o6) ^ key;
        Vector128<byte> b7 = Sse2.LoadVector128(data + o7) ^ key;
        Vector128<byte>* lastKey = roundKeys + rounds;
        for (Vector128<byte>* round = roundKeys + 1; round < lastKey; round++)
        {
            key = *round;
            b0 = AesInstructions.Decrypt(b0, key);
            b1 = AesInstructions.Decrypt(b1, key);
            b2 = AesInstructions.Decrypt(b2, key);
            b3 = AesInstructions.Decrypt(b3, key);
            b4 = AesInstructions.Decrypt(b4, key);
            b5 = AesInstructions.Decrypt(b5, key);
            b6 = AesInstructions.Decrypt(b6, key);
            b7 = AesInstructions.Decrypt(b7, key);
        }
        key = *lastKey;
        b0 = AesInstructions.DecryptLast(b0, key) ^ chain;
        chain = Sse2.LoadVector128(data + o7);
        // Of one block alone, b1 to b7 are it once more, and the block before it is not in memory.
        if (last == 0)
        {
            Sse2.Store(data, b0);
            return;
        }
        b1 = AesInstructions.DecryptLast(b1, key) ^ Sse2.LoadVector128(data + o1 - BlockLength);
        b2 = AesInstructions.DecryptLast(b2, key) ^ Sse2.LoadVector128(data + o2 - BlockLength);
        b3 = AesInstructions.DecryptLast(b3, key) ^ Sse2.LoadVector128(data + o3 - BlockLength);
        b4 = AesInstructions.DecryptLast(b4, key) ^ Sse2.LoadVector128(data + o4 - BlockLength);
        b5 = AesInstructions.DecryptLast(b5, key) ^ Sse2.LoadVector128(data + o5 - BlockLength);
        b6 = AesInstructions.DecryptLast(b6, key) ^ Sse2.LoadVector128(data + o6 - BlockLength);
        b7 = AesInstructions.DecryptLast(b7, key) ^ Sse2.LoadVector128(data + o7 - BlockLength);
        Sse2.Store(data, b0);
        Sse2.Store(data + o1, b1);
        Sse2.Store(data + o2, b2);
        Sse2.Store(data + o3, b3);
        Sse2.Store(data + o4, b4);
        Sse2.Store(data + o5, b5);
        Sse2.Store(data + o6, b6);
        Sse2.Store(data + o7, b7);
    }
}
