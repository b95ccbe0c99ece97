using System.Buffers.Binary;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Hosts;
using Ipsec.Lab.Network;
using Ipsec.Lab.Tests.Support;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Hosts;

public sealed class VirtualHostTests
{
    readonly Scheduler _scheduler = new();
    readonly List<byte[]> _passed = [];
    Func<byte[], byte[]?> _link = packet => packet;
    VirtualHost? _left;
    VirtualHost? _right;

    [Theory]
    [InlineData("10.1.0.4", "10.2.0.10", 56)]
    [InlineData("10.1.0.4", "10.2.0.10", 0)]
    [InlineData("10.1.0.4", "10.2.0.10", 1472)]
    [InlineData("10.1.0.4", "10.2.0.10", 9000)]
    [InlineData("fd00:1::4", "fd00:2::10", 56)]
    [InlineData("fd00:1::4", "fd00:2::10", 5000)]
    public void AnswersPingAndMeasuresLabTime(string left, string right, int size)
    {
        Build(left, right);
        EchoOutcome? outcome = Ping(size);
        Assert.Equal(TimeSpan.FromMilliseconds(20), outcome!.Value.RoundTripTime);
        Assert.All(_passed, packet => Assert.InRange(packet.Length, 1, VirtualHost.InterfaceMtu));
    }

    [Fact]
    public void ReportsALostPingOnceAndIgnoresALateReply()
    {
        Build("10.1.0.4", "10.2.0.10");
        var outcomes = new List<EchoOutcome>();
        _left!.Ping(_right!.Address, 56, TimeSpan.FromMilliseconds(15), outcomes.Add);
        _scheduler.RunAll();
        Assert.Equal([new EchoOutcome(null, null)], outcomes);
    }

    [Fact]
    public void IgnoresAReplyWhoseDataChanged()
    {
        Build("10.1.0.4", "10.2.0.10");
        _link = packet =>
        {
            if (packet[20] == 0) // an echo reply: another octet, and a checksum that says so
            {
                packet[^1] ^= 1;
                packet.AsSpan(22, 2).Clear();
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), InternetChecksum.Compute(packet.AsSpan(20)));
            }
            return packet;
        };
        Assert.Null(Ping(56)!.Value.RoundTripTime);
    }

    [Fact]
    public void IgnoresARequestWithAWrongChecksum()
    {
        Build("10.1.0.4", "10.2.0.10");
        _link = packet => { packet[^1] ^= 1; return packet; };
        Assert.Null(Ping(56)!.Value.RoundTripTime);
        Assert.Single(_passed);
    }

    [Theory]
    [InlineData("10.1.0.4", "10.2.0.10", "10.1.0.1")]
    [InlineData("fd00:1::4", "fd00:2::10", "fd00:1::1")]
    public void LearnsThePathMtuAndFragmentsByIt(string left, string right, string router)
    {
        Build(left, right);
        _link = packet => packet.Length <= 1300 ? packet : TooBig(packet, IpAddress.Parse(router), 1300);
        Assert.Equal(new EchoOutcome(null, 1300), Ping(1400));
        Assert.Equal(1300, _left!.PathMtu(_right!.Address));
        _right.Receive(TooBig(LongPacket(_right.Address, _left.Address), IpAddress.Parse(router), 1300)!);
        Assert.NotNull(Ping(1400)!.Value.RoundTripTime);
    }

    [Fact]
    public void TakesNoMtuBelowTheMinimumFromAnError()
    {
        Build("10.1.0.4", "10.2.0.10");
        _left!.Receive(TooBig(LongPacket(_left.Address, _right!.Address), IpAddress.Parse("10.1.0.1"), 8)!);
        Assert.Equal(68, _left.PathMtu(_right.Address));
        Assert.NotNull(Ping(56)!.Value.RoundTripTime);
    }

    [Theory]
    [InlineData("10.1.0.4", "10.2.0.10")]
    [InlineData("fd00:1::4", "fd00:2::10")]
    public void EchoesUdp(string left, string right)
    {
        Build(left, right);
        var received = new List<(TransportAddress From, byte[] Payload)>();
        _left!.ListenUdp(4000, (from, payload) => received.Add((from, payload)));
        byte[] payload = new byte[2500];
        payload[2499] = 9;
        _left.SendUdp(4000, new TransportAddress(_right!.Address, VirtualHost.EchoPort), payload);
        _scheduler.RunAll();
        (TransportAddress sender, byte[] echoed) = Assert.Single(received);
        Assert.Equal(new TransportAddress(_right.Address, VirtualHost.EchoPort), sender);
        Assert.Equal(payload, echoed);
    }

    [Fact]
    public void DoesNotEchoToAnEchoService()
    {
        Build("10.1.0.4", "10.2.0.10");
        _left!.SendUdp(VirtualHost.EchoPort, new TransportAddress(_right!.Address, VirtualHost.EchoPort), new byte[10]);
        _scheduler.RunAll();
        Assert.Single(_passed);
    }

    [Theory]
    [InlineData("10.1.0.4", "10.2.0.10", 3, 3)]
    [InlineData("fd00:1::4", "fd00:2::10", 1, 4)]
    public void RefusesUdpForAPortWithoutAListener(string left, string right, byte type, byte code)
    {
        Build(left, right);
        _left!.SendUdp(4000, new TransportAddress(_right!.Address, 9), new byte[10]);
        _scheduler.RunAll();
        Assert.True(IpPacket.TryParse(_passed[1], out IpPacket answer));
        Assert.True(EchoMessage.HasValidChecksum(answer));
        Assert.Equal([type, code], answer.Payload[..2].ToArray());
        Assert.Equal(_passed[0][..20], answer.Payload[8..28].ToArray());
    }

    [Fact]
    public void NeverThrowsOnMutatedPackets()
    {
        Build("10.1.0.4", "10.2.0.10");
        var random = new SeededRandomSource(5, "mutations");
        byte[][] sources =
        [
            IpPacketWriter.Packet(_left!.Address, _right!.Address, IpProtocol.Icmp, EchoMessage.Write(true, _left.Address, _right.Address, 1, 1, new byte[8])),
            Packets.Udp("10.1.0.4:7", "10.2.0.10:7"),
            TooBig(LongPacket(_right.Address, _left.Address), _left.Address, 700)!,
        ];
        Span<byte> draw = stackalloc byte[4];
        for (int i = 0; i < 20_000; i++)
        {
            random.Fill(draw);
            byte[] packet = [.. sources[draw[0] % sources.Length]];
            packet[draw[1] % packet.Length] = draw[2];
            _right.Receive(packet[..Math.Min(packet.Length, draw[3])]);
        }
        Assert.NotNull(Ping(56)!.Value.RoundTripTime);
    }

    EchoOutcome? Ping(int size)
    {
        EchoOutcome? result = null;
        _left!.Ping(_right!.Address, size, TimeSpan.FromSeconds(1), outcome => result = outcome);
        _scheduler.RunAll();
        return result;
    }

    void Build(string left, string right)
    {
        _left = new VirtualHost("left", IpAddress.Parse(left), 1, _scheduler, packet => Pass(packet, () => _right!, () => _left!));
        _right = new VirtualHost("right", IpAddress.Parse(right), 2, _scheduler, packet => Pass(packet, () => _left!, () => _right!));
    }

    void Pass(byte[] packet, Func<VirtualHost> to, Func<VirtualHost> back)
    {
        _passed.Add(packet);
        if (_link(packet) is not byte[] carried)
            return;
        Assert.True(IpPacket.TryParse(carried, out IpPacket view));
        VirtualHost target = view.Destination == to().Address ? to() : back();
        _scheduler.After(TimeSpan.FromMilliseconds(10), () => target.Receive(carried));
    }

    static byte[] LongPacket(IpAddress source, IpAddress destination) =>
        IpPacketWriter.Packet(source, destination, IpProtocol.Udp, new byte[1400]);

    /// <summary>RFC 1191 §4 or RFC 4443 §3.2 about a packet, to its sender.</summary>
    static byte[]? TooBig(byte[] packet, IpAddress router, ushort mtu)
    {
        Assert.True(IpPacket.TryParse(packet, out IpPacket view));
        byte[] message = new byte[8 + (view.IsV6 ? 500 : 28)];
        message[0] = (byte)(view.IsV6 ? 2 : 3);
        message[1] = (byte)(view.IsV6 ? 0 : 4);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), mtu);
        packet.AsSpan(0, message.Length - 8).CopyTo(message.AsSpan(8));
        EchoMessage.WriteChecksum(message, router, view.Source);
        return IpPacketWriter.Packet(router, view.Source, EchoMessage.ProtocolOf(view.IsV6), message);
    }
}
