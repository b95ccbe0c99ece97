using System.Buffers.Binary;
using Ipsec.Esp.Inner.Nat;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Kit;

/// <summary>The address translation of one tunnel, packets to put through it, and a clock.</summary>
sealed class NatBench(params NatRule[] rules)
{
    public static FlowHash Hash { get; } = new(TestPackets.Pattern(FlowHash.KeyLength));

    public TunnelNat Nat { get; } = TunnelNat.Build([.. rules], null, Hash)!;
    public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);
    public NatCounters Counters => Nat.Counters[0];

    public static NatRule Rule(NatKind kind, NatMode mode, string @internal, string external) =>
        new(kind, mode, IpPrefix.Parse(@internal), IpPrefix.Parse(external));

    /// <summary>Into the tunnel; null if it was dropped.</summary>
    public byte[]? Out(byte[] packet)
    {
        byte[] copy = [.. packet];
        Assert.True(IpPacket.TryParse(copy, out IpPacket parsed));
        return Nat.TryTranslateOutbound(copy, parsed, Now) ? copy : null;
    }

    /// <summary>Out of the tunnel; null if it was dropped.</summary>
    public byte[]? In(byte[] packet)
    {
        byte[] copy = [.. packet];
        Assert.True(IpPacket.TryParse(copy, out IpPacket parsed));
        return Nat.TryTranslateInbound(copy, parsed, Now) ? copy : null;
    }

    /// <summary>"source:port > destination:port" of TCP and UDP, "source > destination identifier" of ICMP echo.</summary>
    public static string Describe(byte[]? packet)
    {
        if (packet is null)
            return "dropped";
        Assert.True(IpPacket.TryParse(packet, out IpPacket parsed));
        if (parsed.FragmentOffset != 0)
            return $"{parsed.Source} > {parsed.Destination}";
        return parsed.Protocol is IpProtocol.Icmp or IpProtocol.IcmpV6
            ? $"{parsed.Source} > {parsed.Destination} {BinaryPrimitives.ReadUInt16BigEndian(parsed.Payload[4..])}"
            : parsed.TryGetPorts(out ushort source, out ushort destination)
                ? $"{parsed.Source}:{source} > {parsed.Destination}:{destination}"
                : $"{parsed.Source} > {parsed.Destination}";
    }

    public static byte[] Tcp(string source, ushort sourcePort, string destination, ushort destinationPort, byte flags)
    {
        byte[] tcp = new byte[32];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(2), destinationPort);
        tcp[12] = 5 << 4;
        tcp[13] = flags;
        return Finish(IpAddress.Parse(source), IpAddress.Parse(destination), IpProtocol.Tcp, tcp, 16);
    }

    public static byte[] Udp(string source, ushort sourcePort, string destination, ushort destinationPort) =>
        TestPackets.Udp(source: source, destination: destination, sourcePort: sourcePort, destinationPort: destinationPort);

    public static byte[] Echo(string source, string destination, ushort identifier, bool isReply = false)
    {
        bool isV6 = source.Contains(':');
        byte type = (isV6, isReply) switch { (false, false) => 8, (false, true) => 0, (true, false) => 128, _ => 129 };
        return Icmp(source, destination, type, 0, (uint)identifier << 16 | 7, TestPackets.Pattern(16));
    }

    /// <summary>"Destination unreachable" about a packet, of which it quotes the header and eight octets, or more.</summary>
    public static byte[] Unreachable(string source, string destination, byte[] about, int quotedPayload = 8)
    {
        Assert.True(IpPacket.TryParse(about, out IpPacket parsed));
        byte[] quoted = about[..Math.Min(parsed.HeaderLength + quotedPayload, about.Length)];
        return Icmp(source, destination, parsed.IsV6 ? (byte)1 : (byte)3, 1, 0, quoted);
    }

    /// <summary>What an ICMP error quotes.</summary>
    public static byte[] Quoted(byte[] error)
    {
        Assert.True(IpPacket.TryParse(error, out IpPacket parsed));
        return parsed.Payload[8..].ToArray();
    }

    /// <summary>The first and the second piece of a packet of 20 octets of header.</summary>
    public static (byte[] First, byte[] Later) Split(byte[] packet, ushort identification)
    {
        int half = 20 + (packet.Length - 20) / 16 * 8;
        return (Piece(packet[20..half], 0x2000), Piece(packet[half..], (ushort)((half - 20) / 8)));

        byte[] Piece(byte[] content, ushort flagsAndOffset)
        {
            byte[] piece = [.. packet[..20], .. content];
            BinaryPrimitives.WriteUInt16BigEndian(piece.AsSpan(2), (ushort)piece.Length);
            BinaryPrimitives.WriteUInt16BigEndian(piece.AsSpan(4), identification);
            BinaryPrimitives.WriteUInt16BigEndian(piece.AsSpan(6), flagsAndOffset);
            piece.AsSpan(10, 2).Clear();
            BinaryPrimitives.WriteUInt16BigEndian(piece.AsSpan(10), InternetChecksum.Compute(piece.AsSpan(0, 20)));
            return piece;
        }
    }

    /// <summary>What <see cref="Split"/> took apart.</summary>
    public static byte[] Join(byte[] first, byte[] later)
    {
        byte[] packet = [.. first, .. later[20..]];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet.AsSpan(6, 2).Clear();
        packet.AsSpan(10, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), InternetChecksum.Compute(packet.AsSpan(0, 20)));
        return packet;
    }

    static byte[] Icmp(string source, string destination, byte type, byte code, uint rest, ReadOnlySpan<byte> content)
    {
        byte[] icmp = new byte[8 + content.Length];
        (icmp[0], icmp[1]) = (type, code);
        BinaryPrimitives.WriteUInt32BigEndian(icmp.AsSpan(4), rest);
        content.CopyTo(icmp.AsSpan(8));
        return Finish(IpAddress.Parse(source), IpAddress.Parse(destination), source.Contains(':') ? IpProtocol.IcmpV6 : IpProtocol.Icmp, icmp, 2);
    }

    static byte[] Finish(IpAddress source, IpAddress destination, byte protocol, byte[] transport, int checksumOffset)
    {
        uint pseudo = protocol == IpProtocol.Icmp ? 0 : InternetChecksum.PseudoHeader(source, destination, protocol, transport.Length);
        BinaryPrimitives.WriteUInt16BigEndian(transport.AsSpan(checksumOffset), InternetChecksum.Compute(transport, pseudo));
        return IpPacketWriter.Packet(source, destination, protocol, transport, identification: 99);
    }
}
