using System.Buffers.Binary;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>RFC 4303 §3.1.1, and RFC 3948 §3.1.2 where a NAT changed the addresses.</summary>
public sealed class TransportModeTests
{
    const string Left = "192.0.2.1";
    const string Right = "192.0.2.2";

    [Theory]
    [InlineData(PathEncapsulation.UdpEncapsulated)]
    [InlineData(PathEncapsulation.RawEsp)]
    public void CarriesWhatStandsBehindTheHeader(PathEncapsulation encapsulation)
    {
        using TunnelPair pair = Pair(encapsulation);
        byte[] packet = TestPackets.Udp(100, Left, Right, trafficClass: 0xB8);
        byte[] datagram = Assert.Single(pair.SealLeft([.. packet]));
        using TunnelPair tunnel = new(Suites.Gcm256, encapsulation: encapsulation);
        Assert.True(datagram.Length < Assert.Single(tunnel.SealLeft(TestPackets.Udp(100))).Length);
        byte[] opened = Assert.Single(pair.OpenRight(datagram, outerTrafficClass: 0xB8));
        Assert.Equal(packet[20..], opened[20..]);
        Assert.Equal(packet[12..20], opened[12..20]);
        Assert.Equal(0xB8, opened[1]);
        Assert.True(TestPackets.HasValidChecksums(opened));
    }

    [Fact]
    public void CarriesIpv6()
    {
        using TunnelPair pair = Pair(PathEncapsulation.RawEsp, "2001:db8::1", "2001:db8::2");
        byte[] packet = TestPackets.Udp(100, "2001:db8::1", "2001:db8::2");
        Assert.Equal(packet, Assert.Single(pair.Carry([.. packet])));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", "10.9.0.4", "203.0.113.8")]
    [InlineData("2001:db8::1", "2001:db8::2", "fd00::4", "2001:db8:ffff::8")]
    public void CorrectsChecksumsForTheAddressesThatTheSenderHad(string left, string right, string sender, string target)
    {
        // The left side knows itself by `sender` and the right one by `target`; the right side sees both as the NATs left them.
        using TunnelPair pair = Pair(PathEncapsulation.UdpEncapsulated, sender, target, atRight: parameters => parameters with
        {
            Path = PathOf(right, left, PathEncapsulation.UdpEncapsulated),
            LocalSelectors = [Only(right)],
            RemoteSelectors = [Only(left)],
            TransportMode = new TransportModeAddresses(IpAddress.Parse(sender), IpAddress.Parse(target)),
        });
        foreach (byte[] packet in new[] { TestPackets.Udp(77, sender, target), Tcp(sender, target) })
        {
            byte[] opened = Assert.Single(pair.Carry([.. packet]));
            Assert.True(IpPacket.TryParse(opened, out IpPacket parsed));
            Assert.Equal(IpAddress.Parse(left), parsed.Source);
            Assert.Equal(IpAddress.Parse(right), parsed.Destination);
            Assert.True(TestPackets.HasValidChecksums(opened));
        }
    }

    [Fact]
    public void LeavesAMissingUdpChecksumMissing()
    {
        using TunnelPair pair = Pair(PathEncapsulation.UdpEncapsulated, "10.9.0.4", Right, atRight: parameters => parameters with
        {
            Path = PathOf(Right, Left, PathEncapsulation.UdpEncapsulated),
            RemoteSelectors = [Only(Left)],
            TransportMode = new TransportModeAddresses(IpAddress.Parse("10.9.0.4"), IpAddress.Parse(Right)),
        });
        byte[] packet = TestPackets.Udp(20, "10.9.0.4", Right);
        packet.AsSpan(26, 2).Clear();
        Assert.Equal(0, BinaryPrimitives.ReadUInt16BigEndian(Assert.Single(pair.Carry(packet)).AsSpan(26)));
    }

    [Fact]
    public void AWrongChecksumStaysWrong()
    {
        using TunnelPair pair = Pair(PathEncapsulation.UdpEncapsulated, "10.9.0.4", Right, atRight: parameters => parameters with
        {
            Path = PathOf(Right, Left, PathEncapsulation.UdpEncapsulated),
            RemoteSelectors = [Only(Left)],
            TransportMode = new TransportModeAddresses(IpAddress.Parse("10.9.0.4"), IpAddress.Parse(Right)),
        });
        byte[] packet = TestPackets.Udp(20, "10.9.0.4", Right);
        packet[^1] ^= 1;
        Assert.False(TestPackets.HasValidChecksums(Assert.Single(pair.Carry(packet))));
    }

    [Fact]
    public void DropsWhatItCannotCarry()
    {
        using TunnelPair pair = Pair(PathEncapsulation.UdpEncapsulated);
        byte[] fragment = TestPackets.Udp(100, Left, Right);
        fragment[6] |= 0x20;
        byte[] withOptions = [0x46, .. TestPackets.Udp(100, Left, Right)[1..20], 1, 1, 1, 1, .. TestPackets.Udp(100, Left, Right)[20..]];
        BinaryPrimitives.WriteUInt16BigEndian(withOptions.AsSpan(2), (ushort)withOptions.Length);
        Assert.Empty(pair.SealLeft(fragment));
        Assert.Empty(pair.SealLeft(withOptions));
        Assert.Equal(2UL, pair.Left.GetCounter(DataPathCounter.NotForTransport));
    }

    [Fact]
    public void DropsWhatLiesOutsideTheSelectorsAfterDecryption()
    {
        using TunnelPair pair = Pair(PathEncapsulation.UdpEncapsulated, atRight: parameters =>
            parameters with { LocalSelectors = [Only(Right) with { Protocol = 6 }] });
        Assert.Empty(pair.Carry(TestPackets.Udp(100, Left, Right)));
        Assert.Equal(1UL, pair.Right.GetCounter(DataPathCounter.SelectorMismatch));
    }

    [Fact]
    public void CutsSuperPacketsIntoWholeSegments()
    {
        using TunnelPair pair = Pair(PathEncapsulation.UdpEncapsulated);
        byte[] packet = TestPackets.Udp(2500, Left, Right);
        var sink = new CollectingSink();
        pair.Left.Seal(new SuperPacket(packet, SegmentationKind.UdpV4, 1000), ref sink);
        List<byte[]> opened = [.. sink.Datagrams.SelectMany(datagram => pair.OpenRight(datagram))];
        Assert.Equal([1028, 1028, 528], opened.Select(segment => segment.Length));
        Assert.All(opened, segment => Assert.True(TestPackets.HasValidChecksums(segment)));
    }

    static TunnelPair Pair(PathEncapsulation encapsulation, string left = Left, string right = Right, Func<TunnelSaParameters,
        TunnelSaParameters>? atRight = null)
    {
        var pair = new TunnelPair(Suites.Gcm256, parameters => Transport(parameters, left, right, encapsulation),
            parameters => Change(atRight, Transport(parameters, right, left, encapsulation)), encapsulation: encapsulation);
        pair.Left.SetRoutes(TunnelPair.Routes([], [$"{right}/{IpAddress.Parse(right).BitLength}"]));
        return pair;
    }

    static TunnelSaParameters Change(Func<TunnelSaParameters, TunnelSaParameters>? change, TunnelSaParameters parameters) => change?.Invoke(parameters)
        ?? parameters;

    static TunnelSaParameters Transport(TunnelSaParameters parameters, string local, string remote, PathEncapsulation encapsulation) => parameters with
    {
        Path = PathOf(local, remote, encapsulation),
        LocalSelectors = [Only(local)],
        RemoteSelectors = [Only(remote)],
        TransportMode = new TransportModeAddresses(IpAddress.Parse(remote), IpAddress.Parse(local)),
    };

    static NetworkPath PathOf(string local, string remote, PathEncapsulation encapsulation)
    {
        NetworkPath path = TunnelPair.PathFor(encapsulation);
        return path with { Local = path.Local with { Address = IpAddress.Parse(local) }, Remote = path.Remote with { Address = IpAddress.Parse(remote) } };
    }

    static TrafficSelector Only(string address) => TrafficSelector.From(IpPrefix.Host(IpAddress.Parse(address)));

    static byte[] Tcp(string source, string destination)
    {
        byte[] tcp = new byte[32];
        tcp[12] = 0x50;
        uint pseudo = InternetChecksum.PseudoHeader(IpAddress.Parse(source), IpAddress.Parse(destination), IpProtocol.Tcp, tcp.Length);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(16), InternetChecksum.Compute(tcp, pseudo));
        return IpPacketWriter.Packet(IpAddress.Parse(source), IpAddress.Parse(destination), IpProtocol.Tcp, tcp);
    }
}
