using System.Buffers.Binary;
using System.Numerics;

namespace Ipsec.Net;

/// <summary>
/// A keyed hash over the flow of a packet (SipHash-2-4, Aumasson and Bernstein 2012), to spread flows over equal paths and to find them in tables. One key
/// gives the same answer in every process; whoever does not know it can neither aim flows at one path nor at one bucket.
/// </summary>
/// <remarks>
/// A flow is addresses, protocol and ports; of ICMP echo, which has no ports, the identifier. Every fragment, the first one too, is hashed without ports, so
/// that all pieces of a packet take one path: by addresses and protocol in IPv4, by addresses alone in IPv6, where later fragments need not name the
/// transport protocol.
/// </remarks>
public readonly struct FlowHash
{
    public const int KeyLength = 16;

    const byte EchoReplyV4 = 0;
    const byte EchoRequestV4 = 8;
    const byte EchoRequestV6 = 128;
    const byte EchoReplyV6 = 129;

    readonly ulong _key0;
    readonly ulong _key1;

    /// <param name="key">16 octets.</param>
    public FlowHash(ReadOnlySpan<byte> key)
    {
        _key0 = BinaryPrimitives.ReadUInt64LittleEndian(key);
        _key1 = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);
    }

    public ulong Compute(in IpPacket packet)
    {
        byte protocol = packet.IsFragment && packet.IsV6 ? (byte)0 : packet.Protocol;
        ushort sourcePort = 0;
        ushort destinationPort = 0;
        if (!packet.IsFragment && !TryGetEchoIdentifier(packet, out sourcePort) && packet.Protocol is not (IpProtocol.Icmp or IpProtocol.IcmpV6))
            packet.TryGetPorts(out sourcePort, out destinationPort);
        return Compute(packet.Source, packet.Destination, protocol, sourcePort, destinationPort);
    }

    public ulong Compute(IpAddress source, IpAddress destination, byte protocol, ushort sourcePort, ushort destinationPort)
    {
        var state = new SipState(_key0, _key1);
        int length = 8;
        if (source.IsV6)
        {
            state.Absorb((ulong)(source.Bits >> 64));
            state.Absorb((ulong)source.Bits);
            state.Absorb((ulong)(destination.Bits >> 64));
            state.Absorb((ulong)destination.Bits);
            length = 32;
        }
        else
        {
            state.Absorb((ulong)(uint)source.Bits << 32 | (uint)destination.Bits);
        }
        // The last word holds five octets and, as the algorithm has it, the length of everything in its highest octet.
        ulong last = (ulong)protocol << 32 | (uint)sourcePort << 16 | destinationPort;
        return state.Finish(last | (ulong)(length + 5) << 56);
    }

    /// <summary>The hash of whole 64-bit words, for the published vectors.</summary>
    internal ulong ComputeWords(ReadOnlySpan<ulong> words)
    {
        var state = new SipState(_key0, _key1);
        foreach (ulong word in words)
            state.Absorb(word);
        return state.Finish((ulong)(words.Length * 8) << 56);
    }

    /// <summary>
    /// One of several paths for a flow, by the highest score of flow and path together: when a path goes or comes, only its own flows move.
    /// </summary>
    /// <param name="hash">From <see cref="Compute(in IpPacket)"/>.</param>
    /// <param name="members">Numbers that name the paths, at least one; their order does not matter.</param>
    public static int Choose(ulong hash, ReadOnlySpan<int> members)
    {
        int chosen = members[0];
        ulong highest = 0;
        foreach (int member in members)
        {
            ulong score = Mix(hash ^ Mix((uint)member));
            if (score > highest || score == highest && member < chosen)
                (chosen, highest) = (member, score);
        }
        return chosen;
    }

    static bool TryGetEchoIdentifier(in IpPacket packet, out ushort identifier)
    {
        identifier = 0;
        ReadOnlySpan<byte> payload = packet.Payload;
        bool isEcho = payload.Length >= 6 && (packet.Protocol == IpProtocol.Icmp && payload[0] is EchoRequestV4 or EchoReplyV4
            || packet.Protocol == IpProtocol.IcmpV6 && payload[0] is EchoRequestV6 or EchoReplyV6);
        if (isEcho)
            identifier = BinaryPrimitives.ReadUInt16BigEndian(payload[4..]);
        return isEcho;
    }

    /// <summary>SplitMix64's finalizer: every bit of the input moves half of the output's.</summary>
    static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
        value = (value ^ value >> 27) * 0x94D049BB133111EB;
        return value ^ value >> 31;
    }

    struct SipState(ulong key0, ulong key1)
    {
        ulong _v0 = key0 ^ 0x736F6D6570736575;
        ulong _v1 = key1 ^ 0x646F72616E646F6D;
        ulong _v2 = key0 ^ 0x6C7967656E657261;
        ulong _v3 = key1 ^ 0x7465646279746573;

        public void Absorb(ulong word)
        {
            _v3 ^= word;
            Round();
            Round();
            _v0 ^= word;
        }

        public ulong Finish(ulong last)
        {
            Absorb(last);
            _v2 ^= 0xFF;
            Round();
            Round();
            Round();
            Round();
            return _v0 ^ _v1 ^ _v2 ^ _v3;
        }

        void Round()
        {
            _v0 += _v1;
            _v1 = BitOperations.RotateLeft(_v1, 13) ^ _v0;
            _v0 = BitOperations.RotateLeft(_v0, 32);
            _v2 += _v3;
            _v3 = BitOperations.RotateLeft(_v3, 16) ^ _v2;
            _v0 += _v3;
            _v3 = BitOperations.RotateLeft(_v3, 21) ^ _v0;
            _v2 += _v1;
            _v1 = BitOperations.RotateLeft(_v1, 17) ^ _v2;
            _v2 = BitOperations.RotateLeft(_v2, 32);
        }
    }
}
