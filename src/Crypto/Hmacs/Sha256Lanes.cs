using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ipsec.Crypto.Hmacs;

/// <summary>
/// SHA-256 (FIPS 180-4 §6.2) of sixteen messages side by side: element n of a vector belongs to message n. The processor's own instructions for SHA-256
/// wait for each other and do one message; this has sixteen to go on with. No branch and no address depends on a key or on a message, lengths are public.
/// </summary>
static unsafe class Sha256Lanes
{
    /// <summary>Messages.</summary>
    public const int Lanes = 16;

    const int BlockLength = 64;
    const int StateWords = 8;
    const int ScheduleWords = 16;
    const int DigestLength = StateWords * sizeof(uint);

    /// <summary>What a message leaves for its end: fewer octets than a block, a suffix, the mark and the length.</summary>
    const int TailLength = 2 * BlockLength;

    const int LengthLength = sizeof(ulong);
    const byte Mark = 0x80;

    /// <summary>This processor can do it.</summary>
    public static bool IsSupported => Avx512BW.IsSupported;

    /// <summary>FIPS 180-4 §4.2.2.</summary>
    static ReadOnlySpan<uint> Constants =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    /// <summary>HMAC (RFC 2104) of up to sixteen messages under one key.</summary>
    /// <param name="inner">The eight words of the hash behind the inner half of the key.</param>
    /// <param name="outer">And behind the outer half.</param>
    /// <param name="starts">Where the messages are, sixteen places; they are changed.</param>
    /// <param name="lengths">Octets of each message.</param>
    /// <param name="suffixes">A number that stands big-endian behind each message; empty for none.</param>
    /// <param name="lanes">1 to 16.</param>
    /// <param name="codes">Takes a whole code every <paramref name="codeStride"/> octets.</param>
    [SkipLocalsInit]
    public static void Authenticate(uint* inner, uint* outer, byte** starts, int* lengths, ReadOnlySpan<uint> suffixes, int lanes, byte* codes, int codeStride)
    {
        byte* room = stackalloc byte[(StateWords + ScheduleWords + 1) * BlockLength];
        var state = (Vector512<uint>*)((nint)(room + BlockLength - 1) & ~(BlockLength - 1));
        Vector512<uint>* schedule = state + StateWords;
        byte* tails = stackalloc byte[Lanes * TailLength];
        uint* digests = stackalloc uint[Lanes * StateWords];

        Broadcast(inner, state);
        Digest(state, schedule, starts, lengths, suffixes, lanes, tails, digests);

        // The outer hash: one block, the same for all but for the digests.
        for (int word = 0; word < StateWords; word++)
        {
            for (int lane = 0; lane < Lanes; lane++)
                ((uint*)(schedule + word))[lane] = digests[lane * StateWords + word];
        }
        new Span<byte>(schedule + StateWords, (ScheduleWords - StateWords) * BlockLength).Clear();
        schedule[StateWords] = Vector512.Create((uint)Mark << 24);
        schedule[ScheduleWords - 1] = Vector512.Create((uint)(BlockLength + DigestLength) * 8);
        Broadcast(outer, state);
        Compress(state, schedule);
        for (int lane = 0; lane < lanes; lane++)
        {
            for (int word = 0; word < StateWords; word++)
                Unsafe.WriteUnaligned(codes + lane * codeStride + word * sizeof(uint), BinaryPrimitives.ReverseEndianness(((uint*)(state + word))[lane]));
        }
    }

    static void Broadcast(uint* words, Vector512<uint>* state)
    {
        for (int i = 0; i < StateWords; i++)
            state[i] = Vector512.Create(words[i]);
    }

    /// <summary>
    /// Goes through all messages until the longest is done. A message moves on to its tail where its whole blocks end; where it is done, its digest is
    /// kept, and its lane goes on with another message's octets, which nobody looks at.
    /// </summary>
    [SkipLocalsInit]
    static void Digest(Vector512<uint>* state, Vector512<uint>* schedule, byte** starts, int* lengths, ReadOnlySpan<uint> suffixes, int lanes,
        byte* tails, uint* digests)
    {
        int* wholeBlocks = stackalloc int[Lanes];
        int* allBlocks = stackalloc int[Lanes];
        int longest = 0;
        int suffixLength = suffixes.IsEmpty ? 0 : sizeof(uint);
        for (int lane = 0; lane < lanes; lane++)
        {
            wholeBlocks[lane] = lengths[lane] / BlockLength;
            allBlocks[lane] = (lengths[lane] + suffixLength + 1 + LengthLength + BlockLength - 1) / BlockLength;
            if (allBlocks[lane] > allBlocks[longest])
                longest = lane;
            var tail = new Span<byte>(tails + lane * TailLength, (allBlocks[lane] - wholeBlocks[lane]) * BlockLength);
            int rest = lengths[lane] % BlockLength;
            new ReadOnlySpan<byte>(starts[lane] + wholeBlocks[lane] * BlockLength, rest).CopyTo(tail);
            tail[rest..].Clear();
            if (suffixLength > 0)
                BinaryPrimitives.WriteUInt32BigEndian(tail[rest..], suffixes[lane]);
            tail[rest + suffixLength] = Mark;
            // The key's block was hashed before.
            BinaryPrimitives.WriteUInt64BigEndian(tail[^LengthLength..], (ulong)(BlockLength + lengths[lane] + suffixLength) * 8);
        }
        for (int lane = lanes; lane < Lanes; lane++)
            (wholeBlocks[lane], allBlocks[lane]) = (0, 0);

        for (int done = 0; ;)
        {
            int until = allBlocks[longest];
            for (int lane = 0; lane < Lanes; lane++)
            {
                if (lane < lanes && wholeBlocks[lane] == done)
                    starts[lane] = tails + lane * TailLength;
                if (lane < lanes && allBlocks[lane] == done)
                    Keep(state, lane, digests + lane * StateWords);
                int next = wholeBlocks[lane] > done ? wholeBlocks[lane] : allBlocks[lane];
                if (next > done)
                    until = Math.Min(until, next);
            }
            if (done == allBlocks[longest])
                return;
            for (int lane = 0; lane < Lanes; lane++)
            {
                if (allBlocks[lane] <= done)
                    starts[lane] = starts[longest];
            }
            for (; done < until; done++)
            {
                Load(starts, schedule);
                Compress(state, schedule);
            }
        }
    }

    static void Keep(Vector512<uint>* state, int lane, uint* digest)
    {
        for (int i = 0; i < StateWords; i++)
            digest[i] = ((uint*)(state + i))[lane];
    }

    /// <summary>The next block of each message, turned so that a vector has the same word of all; the messages move on.</summary>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Load(byte** starts, Vector512<uint>* words)
    {
        // Four messages at a time: their words change places within each quarter of a vector.
        for (int i = 0; i < Lanes; i += 4)
        {
            Vector512<uint> m0 = Next(starts + i), m1 = Next(starts + i + 1), m2 = Next(starts + i + 2), m3 = Next(starts + i + 3);
            Vector512<ulong> low01 = Avx512F.UnpackLow(m0, m1).AsUInt64(), high01 = Avx512F.UnpackHigh(m0, m1).AsUInt64();
            Vector512<ulong> low23 = Avx512F.UnpackLow(m2, m3).AsUInt64(), high23 = Avx512F.UnpackHigh(m2, m3).AsUInt64();
            words[i] = Avx512F.UnpackLow(low01, low23).AsUInt32();
            words[i + 1] = Avx512F.UnpackHigh(low01, low23).AsUInt32();
            words[i + 2] = Avx512F.UnpackLow(high01, high23).AsUInt32();
            words[i + 3] = Avx512F.UnpackHigh(high01, high23).AsUInt32();
        }
        // Then the quarters do.
        for (int i = 0; i < 4; i++)
        {
            Vector512<uint> even0 = Avx512F.Shuffle4x128(words[i], words[i + 4], 0x88), odd0 = Avx512F.Shuffle4x128(words[i], words[i + 4], 0xdd);
            Vector512<uint> even1 = Avx512F.Shuffle4x128(words[i + 8], words[i + 12], 0x88), odd1 = Avx512F.Shuffle4x128(words[i + 8], words[i + 12], 0xdd);
            words[i] = Avx512F.Shuffle4x128(even0, even1, 0x88);
            words[i + 4] = Avx512F.Shuffle4x128(odd0, odd1, 0x88);
            words[i + 8] = Avx512F.Shuffle4x128(even0, even1, 0xdd);
            words[i + 12] = Avx512F.Shuffle4x128(odd0, odd1, 0xdd);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> Next(byte** start)
    {
        // Words are big-endian.
        Vector128<byte> turned = Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
        var block = Vector512.Load(*start);
        *start += BlockLength;
        return Avx512BW.Shuffle(block, Vector512.Create(Vector256.Create(turned, turned), Vector256.Create(turned, turned))).AsUInt32();
    }

    /// <summary>FIPS 180-4 §6.2.2; instead of the eight variables their names move on.</summary>
    /// <param name="w">The block's words; they become the last ones of the schedule.</param>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Compress(Vector512<uint>* state, Vector512<uint>* w)
    {
        Vector512<uint> a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7], t;
        fixed (uint* constants = Constants)
        {
            uint* k = constants;
            for (int i = 0; i < ScheduleWords; i += 8, k += 8)
            {
                t = First(e, f, g, h, w[i], k[0]); d += t; h = t + Second(a, b, c);
                t = First(d, e, f, g, w[i + 1], k[1]); c += t; g = t + Second(h, a, b);
                t = First(c, d, e, f, w[i + 2], k[2]); b += t; f = t + Second(g, h, a);
                t = First(b, c, d, e, w[i + 3], k[3]); a += t; e = t + Second(f, g, h);
                t = First(a, b, c, d, w[i + 4], k[4]); h += t; d = t + Second(e, f, g);
                t = First(h, a, b, c, w[i + 5], k[5]); g += t; c = t + Second(d, e, f);
                t = First(g, h, a, b, w[i + 6], k[6]); f += t; b = t + Second(c, d, e);
                t = First(f, g, h, a, w[i + 7], k[7]); e += t; a = t + Second(b, c, d);
            }
            for (int i = ScheduleWords; i < Constants.Length; i += ScheduleWords, k += ScheduleWords)
            {
                t = First(e, f, g, h, Word(w, 0), k[0]); d += t; h = t + Second(a, b, c);
                t = First(d, e, f, g, Word(w, 1), k[1]); c += t; g = t + Second(h, a, b);
                t = First(c, d, e, f, Word(w, 2), k[2]); b += t; f = t + Second(g, h, a);
                t = First(b, c, d, e, Word(w, 3), k[3]); a += t; e = t + Second(f, g, h);
                t = First(a, b, c, d, Word(w, 4), k[4]); h += t; d = t + Second(e, f, g);
                t = First(h, a, b, c, Word(w, 5), k[5]); g += t; c = t + Second(d, e, f);
                t = First(g, h, a, b, Word(w, 6), k[6]); f += t; b = t + Second(c, d, e);
                t = First(f, g, h, a, Word(w, 7), k[7]); e += t; a = t + Second(b, c, d);
                t = First(e, f, g, h, Word(w, 8), k[8]); d += t; h = t + Second(a, b, c);
                t = First(d, e, f, g, Word(w, 9), k[9]); c += t; g = t + Second(h, a, b);
                t = First(c, d, e, f, Word(w, 10), k[10]); b += t; f = t + Second(g, h, a);
                t = First(b, c, d, e, Word(w, 11), k[11]); a += t; e = t + Second(f, g, h);
                t = First(a, b, c, d, Word(w, 12), k[12]); h += t; d = t + Second(e, f, g);
                t = First(h, a, b, c, Word(w, 13), k[13]); g += t; c = t + Second(d, e, f);
                t = First(g, h, a, b, Word(w, 14), k[14]); f += t; b = t + Second(c, d, e);
                t = First(f, g, h, a, Word(w, 15), k[15]); e += t; a = t + Second(b, c, d);
            }
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    // Which of a function's eight values over three bits is one, as the instruction for any such function takes it.
    const byte Exclusive = 0x96;
    const byte Choice = 0xca;
    const byte Majority = 0xe8;

    /// <summary>T1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> First(Vector512<uint> e, Vector512<uint> f, Vector512<uint> g, Vector512<uint> h, Vector512<uint> w, uint k) =>
        h + (w + Vector512.Create(k)) + Avx512F.TernaryLogic(e, f, g, Choice)
        + Avx512F.TernaryLogic(Avx512F.RotateRight(e, 6), Avx512F.RotateRight(e, 11), Avx512F.RotateRight(e, 25), Exclusive);

    /// <summary>T2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> Second(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c) =>
        Avx512F.TernaryLogic(a, b, c, Majority)
        + Avx512F.TernaryLogic(Avx512F.RotateRight(a, 2), Avx512F.RotateRight(a, 13), Avx512F.RotateRight(a, 22), Exclusive);

    /// <summary>The schedule's word sixteen places behind this one, in its place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> Word(Vector512<uint>* w, int i)
    {
        Vector512<uint> near = w[(i + 1) % ScheduleWords];
        Vector512<uint> far = w[(i + 14) % ScheduleWords];
        return w[i] += w[(i + 9) % ScheduleWords]
            + Avx512F.TernaryLogic(Avx512F.RotateRight(near, 7), Avx512F.RotateRight(near, 18), Avx512F.ShiftRightLogical(near, 3), Exclusive)
            + Avx512F.TernaryLogic(Avx512F.RotateRight(far, 17), Avx512F.RotateRight(far, 19), Avx512F.ShiftRightLogical(far, 10), Exclusive);
    }
}
