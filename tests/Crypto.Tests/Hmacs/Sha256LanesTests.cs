using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Ipsec.Crypto.Hmacs;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests.Hmacs;

/// <summary>Sixteen codes side by side beside .NET's, one by one.</summary>
public sealed class Sha256LanesTests
{
    const int CodeLength = 32;

    [Fact]
    public void GivesTheSameCodesForEveryLength()
    {
        RequireInstructions();
        using var lanes = new Keyed(1);
        for (int length = 0; length <= 2100; length++)
            AssertSame(lanes, [.. Enumerable.Repeat(length, 3)], withSuffix: length % 2 == 0);
    }

    [Fact]
    public void GivesTheSameCodesForMessagesOfDifferentLengths()
    {
        RequireInstructions();
        using var lanes = new Keyed(2);
        var random = new SeededRandomSource(3);
        byte[] draw = new byte[2];
        for (int round = 0; round < 400; round++)
        {
            int[] lengths = new int[1 + round % 16];
            for (int lane = 0; lane < lengths.Length; lane++)
            {
                random.Fill(draw);
                // Also many of about a block, where a tail takes one or two.
                lengths[lane] = BinaryPrimitives.ReadUInt16LittleEndian(draw) % (round % 3 == 0 ? 140 : 2100);
            }
            AssertSame(lanes, lengths, withSuffix: round % 5 == 0);
        }
    }

    static void AssertSame(Keyed keyed, int[] lengths, bool withSuffix)
    {
        byte[][] messages = [.. lengths.Select((length, lane) => RandomOctets(length, (ulong)(length * 16 + lane)))];
        uint[] suffixes = withSuffix ? [.. lengths.Select((length, lane) => 0xA1B2C300u + (uint)lane)] : [];
        byte[][] codes = keyed.Codes(messages, suffixes);
        byte[] suffix = new byte[withSuffix ? 4 : 0];
        for (int lane = 0; lane < lengths.Length; lane++)
        {
            if (withSuffix)
                BinaryPrimitives.WriteUInt32BigEndian(suffix, suffixes[lane]);
            Assert.Equal(HMACSHA256.HashData(keyed.Key, (byte[])[.. messages[lane], .. suffix]), codes[lane]);
        }
    }

    static void RequireInstructions()
    {
        if (!Sha256Lanes.IsSupported)
            Assert.Skip("processor feature: AVX-512");
    }

    static byte[] RandomOctets(int length, ulong seed)
    {
        byte[] octets = new byte[length];
        new SeededRandomSource(seed).Fill(octets);
        return octets;
    }

    /// <summary>The two saved states of a key, and messages that end where their memory does.</summary>
    sealed unsafe class Keyed : IDisposable
    {
        const int StateLength = 112;
        readonly byte* _states = (byte*)NativeMemory.AllocZeroed(2 * StateLength);

        public Keyed(ulong seed)
        {
            Key = RandomOctets(32, seed);
            for (int half = 0; half < 2; half++)
            {
                byte[] block = new byte[64];
                Key.CopyTo(block, 0);
                for (int i = 0; i < block.Length; i++)
                    block[i] ^= (byte)(half == 0 ? 0x36 : 0x5c);
                byte* state = _states + half * StateLength;
                Sha256Digest.Begin(state);
                fixed (byte* octets = block)
                    Sha256Digest.Append(state, octets, 64);
            }
        }

        public byte[] Key { get; }

        public byte[][] Codes(byte[][] messages, uint[] suffixes)
        {
            byte** starts = stackalloc byte*[Sha256Lanes.Lanes];
            int* lengths = stackalloc int[Sha256Lanes.Lanes];
            byte[] codes = new byte[messages.Length * CodeLength];
            for (int lane = 0; lane < messages.Length; lane++)
            {
                lengths[lane] = messages[lane].Length;
                starts[lane] = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, lengths[lane]));
                messages[lane].CopyTo(new Span<byte>(starts[lane], lengths[lane]));
            }
            byte*[] owned = new byte*[messages.Length];
            for (int lane = 0; lane < messages.Length; lane++)
                owned[lane] = starts[lane];
            fixed (byte* destination = codes)
            {
                Sha256Lanes.Authenticate((uint*)_states, (uint*)(_states + StateLength), starts, lengths, suffixes, messages.Length, destination, CodeLength);
            }
            foreach (byte* message in owned)
                NativeMemory.Free(message);
            return [.. codes.Chunk(CodeLength)];
        }

        public void Dispose() => NativeMemory.Free(_states);
    }
}
