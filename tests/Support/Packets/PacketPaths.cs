using System.Buffers.Binary;
using Ipsec.Esp;
using Ipsec.Esp.Coalescing;
using Ipsec.Net;

namespace Ipsec.Tests.Support.Packets;

/// <summary>Packets that pass a tunnel from end to end, with its replay window, each in another way.</summary>
static class PacketPaths
{
    const int Length = 1000;
    const int Window = 1024;
    const int SuperPayload = 30_000;
    const int SegmentSize = 1200;
    const int Segments = SuperPayload / SegmentSize;

    static readonly TunnelShape Plain = new() { ReplayWindow = Window };
    static readonly TunnelShape Raw = Plain with { Encapsulation = PathEncapsulation.RawEsp };

    public static IEnumerable<PacketLoad> RoundTrips(EspTransforms transforms)
    {
        yield return Load("in UDP", Plain, Tunnel.Packet(Length));
        yield return Load("in UDP over IPv6", Plain with { IsOuterV6 = true }, Tunnel.Packet(Length, isV6: true));
        yield return Load("as protocol 50", Raw, Tunnel.Packet(Length));
        yield return Load("as protocol 50 over IPv6", Raw with { IsOuterV6 = true }, Tunnel.Packet(Length, isV6: true));
        yield return Load("in transport mode", Plain with { IsTransport = true }, Transport());
        yield return Load("super-packet of TCP over IPv4", Plain, Super(isTcp: true, isV6: false), SegmentationKind.TcpV4);
        yield return Load("super-packet of TCP over IPv6", Raw, Super(isTcp: true, isV6: true), SegmentationKind.TcpV6);
        yield return Load("super-packet of UDP over IPv4", Raw, Super(isTcp: false, isV6: false), SegmentationKind.UdpV4);
        yield return Load("super-packet of UDP over IPv6", Plain, Super(isTcp: false, isV6: true), SegmentationKind.UdpV6);
        yield return Load("cut into fragments", Plain with { Mtu = 1400 }, Tunnel.Packet(10_000), packets: 8);
        yield return Load("fragment of IPv4", Plain, FragmentV4());
        yield return Load("fragment of IPv6", Plain, FragmentV6());
        yield return Load("static translation", Plain with { Nat = [Rule(NatKind.Static, "10.9.0.0/16")] }, Tunnel.Packet(Length), done: Translated);
        yield return Load("dynamic translation", Plain with { Nat = [Rule(NatKind.Dynamic, "10.9.0.0/26")] }, Tunnel.Packet(Length), done: Translated);

        PacketLoad Load(string name, TunnelShape shape, byte[] packet, SegmentationKind kind = SegmentationKind.None, int? packets = null, Func<Tunnel, ulong>? done = null) =>
            RoundTrip(name, new Tunnel(transforms, shape), packet, kind, packets ?? (kind == SegmentationKind.None ? 1 : Segments), done ?? Delivered);
    }

    static PacketLoad RoundTrip(string name, Tunnel tunnel, byte[] packet, SegmentationKind kind, int packets, Func<Tunnel, ulong> done)
    {
        DataPathWorker sender = tunnel.Sender.CreateWorker(), receiver = tunnel.Receiver.CreateWorker();
        byte[] memory = new byte[packet.Length], wire = new byte[65536];
        var coalescer = new PacketCoalescer();
        return new PacketLoad(name, tunnel, packets, Step, () => done(tunnel));

        void Step(int number)
        {
            packet.CopyTo(memory, 0);
            var sent = new KeepingSink(wire);
            sender.Seal(new SuperPacket(memory, kind, kind == SegmentationKind.None ? 0 : SegmentSize), ref sent);
            sender.Flush(ref sent);
            var received = new CoalescingSink(coalescer, wire);
            receiver.Open(wire.AsSpan(0, sent.Length), sent.SegmentSize, tunnel.PathBack, 0, ref received);
            receiver.Flush(ref received);
            received.Flush();
        }
    }

    static ulong Delivered(Tunnel tunnel) => tunnel.Receiver.GetCounter(DataPathCounter.Delivered);

    static ulong Translated(Tunnel tunnel) => Delivered(tunnel) == 0 ? 0 : tunnel.Sender.GetNatCounters(Tunnel.Number)[0].NatedPackets;

    static NatRule Rule(NatKind kind, string external) => new(kind, NatMode.EgressSnat, IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse(external));

    static byte[] Transport() => IpPacketWriter.Udp(new TransportAddress(IpAddress.Parse("192.0.2.1"), 1000), new TransportAddress(IpAddress.Parse("192.0.2.2"), 2000), new byte[900]);

    /// <summary>As a TUN hands it over: lengths and checksum are those of no packet that will be.</summary>
    static byte[] Super(bool isTcp, bool isV6)
    {
        byte[] packet = Tunnel.Packet(SuperPayload + IpPacketWriter.HeaderLength(isV6) + (isTcp ? 20 : 8), isV6);
        if (!isTcp)
            return packet;
        Span<byte> tcp = packet.AsSpan(IpPacketWriter.HeaderLength(isV6));
        packet[isV6 ? 6 : 9] = IpProtocol.Tcp;
        tcp[..20].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(tcp, 40000);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], 443);
        tcp[12] = 5 << 4;
        tcp[13] = 0x10; // ACK
        return packet;
    }

    static byte[] FragmentV4()
    {
        byte[] packet = Tunnel.Packet(Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), 0x2000 | 50);
        packet.AsSpan(10, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), InternetChecksum.Compute(packet.AsSpan(0, 20)));
        return packet;
    }

    static byte[] FragmentV6()
    {
        byte[] packet = Tunnel.Packet(Length, isV6: true);
        packet[6] = IpProtocol.Ipv6Fragment;
        Span<byte> fragment = packet.AsSpan(40, 8);
        fragment.Clear();
        fragment[0] = IpProtocol.Udp;
        BinaryPrimitives.WriteUInt16BigEndian(fragment[2..], 50 << 3 | 1);
        return packet;
    }
}
