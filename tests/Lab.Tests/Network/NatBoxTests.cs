using Ipsec.Lab.Network;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Network;

public sealed class NatBoxTests
{
    readonly Scheduler _scheduler = new();
    readonly RecordingObserver _observer = new();
    readonly List<byte[]> _atServer = [];
    readonly List<byte[]> _atInside = [];
    Wire? _inside;
    Wire? _server;
    NatBox? _nat;

    [Theory]
    [InlineData("192.168.1.10", "203.0.113.5", "198.51.100.10", true)]
    [InlineData("192.168.1.10", "203.0.113.5", "198.51.100.10", false)]
    [InlineData("fd00::10", "2001:db8::5", "2001:db8::10", true)]
    public void TranslatesBothWaysWithRightChecksums(string inside, string outside, string server, bool withChecksum)
    {
        Build(new NatOptions(), inside, outside, server);
        bool hasChecksum = withChecksum || inside.Contains(':');
        _inside!.SendFromNear(Packets.Udp($"[{inside}]:500", $"[{server}]:500", 1, withChecksum: withChecksum));
        _scheduler.RunAll();
        byte[] request = Assert.Single(_atServer);
        Assert.Equal((outside, 61000), SourceOf(request));
        AssertChecksum(request, hasChecksum);

        _server!.SendFromNear(Packets.Udp($"[{server}]:500", $"[{outside}]:61000", 2, withChecksum: withChecksum));
        _scheduler.RunAll();
        byte[] reply = Assert.Single(_atInside);
        Assert.Equal((inside, 500), DestinationOf(reply));
        AssertChecksum(reply, hasChecksum);
        Assert.Equal(2, Packets.NumberOf(reply));
    }

    // RFC 4787 REQ-1: one inside address and port keeps its public port whatever the destination.
    [Fact]
    public void MapsIndependentlyOfTheDestination()
    {
        BuildV4(new NatOptions());
        _inside!.SendFromNear(Packets.Udp("192.168.1.10:4500", "198.51.100.10:4500"));
        _inside.SendFromNear(Packets.Udp("192.168.1.10:4500", "198.51.100.10:500"));
        _inside.SendFromNear(Packets.Udp("192.168.1.10:500", "198.51.100.10:500"));
        _scheduler.RunAll();
        Assert.Equal([61000, 61000, 61001], _atServer.Select(packet => SourceOf(packet).Port));
    }

    [Fact]
    public void PreservesThePortWhereItIsFree()
    {
        BuildV4(new NatOptions { PreservesPorts = true });
        _inside!.SendFromNear(Packets.Udp("192.168.1.10:4500", "198.51.100.10:4500"));
        _inside.SendFromNear(Packets.Udp("192.168.1.11:4500", "198.51.100.10:4500"));
        _scheduler.RunAll();
        Assert.Equal([4500, 61000], _atServer.Select(packet => SourceOf(packet).Port));
    }

    [Fact]
    public void ForgetsAMappingThatInsideDoesNotUse()
    {
        BuildV4(new NatOptions { MappingTimeout = TimeSpan.FromSeconds(120) });
        SendOut(at: 0);
        Reply(61000, at: 119.9);
        SendOut(at: 119.99);
        // Refreshed by the packet from inside; replies do not refresh (RFC 4787 REQ-6).
        Reply(61000, at: 239.9);
        Reply(61000, at: 240.1);
        SendOut(at: 241);
        _scheduler.RunAll();
        Assert.Equal(2, _atInside.Count);
        Assert.Contains(("nat", DropReason.NatFiltered), _observer.Drops);
        Assert.Equal([61000, 61000, 61001], _atServer.Select(packet => SourceOf(packet).Port));
    }

    [Fact]
    public void LetsNobodyInWhomInsideDidNotCall()
    {
        BuildV4(new NatOptions());
        SendOut(at: 0);
        _scheduler.RunAll();
        _nat!.ReceiveFromOutside(Packets.Udp("198.51.100.99:500", "203.0.113.5:61000"));
        _nat.ReceiveFromOutside(Packets.Udp("198.51.100.10:500", "203.0.113.5:500"));
        _scheduler.RunAll();
        Assert.Empty(_atInside);
        Assert.Equal([("nat", DropReason.NatFiltered), ("nat", DropReason.NatFiltered)], _observer.Drops);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GivesNewPortsAfterRebinding(bool preserves)
    {
        BuildV4(new NatOptions { PreservesPorts = preserves });
        SendOut(at: 0);
        _scheduler.RunAll();
        int oldPort = SourceOf(_atServer[0]).Port;
        _nat!.Rebind();
        _nat.ReceiveFromOutside(Packets.Udp("198.51.100.10:500", $"203.0.113.5:{oldPort}"));
        SendOut(at: 1);
        _scheduler.RunAll();
        Assert.Empty(_atInside);
        Assert.NotEqual(oldPort, SourceOf(_atServer[1]).Port);
    }

    [Fact]
    public void BlocksRawEsp()
    {
        BuildV4(new NatOptions());
        _inside!.SendFromNear(IpPacketWriter.Packet(IpAddress.Parse("192.168.1.10"), IpAddress.Parse("198.51.100.10"), IpProtocol.Esp, new byte[40]));
        _scheduler.RunAll();
        Assert.Empty(_atServer);
        Assert.Equal([("nat", DropReason.NatProtocol)], _observer.Drops);
    }

    [Fact]
    public void PutsFragmentsTogetherBeforeItTranslates()
    {
        BuildV4(new NatOptions(), insideMtu: 700);
        byte[] packet = Packets.Udp("192.168.1.10:4500", "198.51.100.10:4500", payloadLength: 1400);
        _inside!.SendFromNear(packet);
        _scheduler.RunAll();
        byte[] arrived = Assert.Single(_atServer);
        Assert.Equal(packet.Length, arrived.Length);
        Packets.AssertUdpChecksumIsRight(arrived);
    }

    [Fact]
    public void LimitsTheHops()
    {
        BuildV4(new NatOptions());
        byte[] packet = IpPacketWriter.Udp(Packets.Address("192.168.1.10:500"), Packets.Address("198.51.100.10:500"), new byte[4], hopLimit: 2);
        _inside!.SendFromNear(packet);
        _scheduler.RunAll();
        Assert.Empty(_atServer);
        Assert.Equal([("internet", DropReason.Expired)], _observer.Drops);
    }

    void SendOut(double at) => _scheduler.At(TimeSpan.FromSeconds(at),
        () => _inside!.SendFromNear(Packets.Udp("192.168.1.10:500", "198.51.100.10:500")));

    void Reply(int port, double at) => _scheduler.At(TimeSpan.FromSeconds(at),
        () => _server!.SendFromNear(Packets.Udp("198.51.100.10:500", $"203.0.113.5:{port}")));

    void BuildV4(NatOptions options, int insideMtu = 1500) => Build(options, "192.168.1.10", "203.0.113.5", "198.51.100.10", insideMtu);

    void Build(NatOptions options, string inside, string outside, string server, int insideMtu = 1500)
    {
        var internet = new Internet(_observer);
        _nat = new NatBox("nat", IpAddress.Parse(outside), options, _scheduler, _observer);
        _inside = CreateWire("inside", insideMtu, _atInside.Add, _nat.ReceiveFromInside);
        _nat.AttachInside(IpAddress.Parse(inside), _inside);
        _nat.PublicWire = CreateWire("public", 1500, _nat.ReceiveFromOutside, internet.Forward);
        internet.Attach(IpAddress.Parse(outside), _nat.PublicWire);
        _server = CreateWire("server", 1500, _atServer.Add, internet.Forward);
        internet.Attach(IpAddress.Parse(server), _server);
    }

    Wire CreateWire(string name, int mtu, Action<byte[]> near, Action<byte[]> far) =>
        new(name, new WireDefinition { Node = name, Mtu = mtu }, _scheduler, new SeededRandomSource(1, name), _observer) { Near = near, Far = far };

    static void AssertChecksum(byte[] packet, bool hasChecksum)
    {
        if (hasChecksum)
            Packets.AssertUdpChecksumIsRight(packet);
        else
            Assert.Equal([0, 0], packet[26..28]);
    }

    static (string Address, int Port) SourceOf(byte[] packet)
    {
        Assert.True(IpPacket.TryParse(packet, out IpPacket view) && view.TryGetPorts(out _, out _));
        view.TryGetPorts(out ushort source, out _);
        return (view.Source.ToString(), source);
    }

    static (string Address, int Port) DestinationOf(byte[] packet)
    {
        Assert.True(IpPacket.TryParse(packet, out IpPacket view));
        view.TryGetPorts(out _, out ushort destination);
        return (view.Destination.ToString(), destination);
    }
}
