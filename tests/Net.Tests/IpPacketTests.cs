using Ipsec.Net;

namespace Ipsec.Net.Tests;

public sealed class IpPacketTests
{
    static readonly TransportAddress V4A = new(IpAddress.Parse("192.0.2.1"), 1000);
    static readonly TransportAddress V4B = new(IpAddress.Parse("198.51.100.2"), 2000);
    static readonly TransportAddress V6A = new(IpAddress.Parse("2001:db8::1"), 1000);
    static readonly TransportAddress V6B = new(IpAddress.Parse("2001:db8::2"), 2000);

    public static TheoryData<bool> BothFamilies => [false, true];

    static byte[] Udp(bool v6, byte[] payload) =>
        IpPacketWriter.Udp(v6 ? V6A : V4A, v6 ? V6B : V4B, payload, trafficClass: 0xB9, hopLimit: 33, dontFragment: true);

    [Theory, MemberData(nameof(BothFamilies))]
    public void WhatTheWriterWritesTheViewReads(bool v6)
    {
        byte[] bytes = Udp(v6, [1, 2, 3]);
        Assert.True(IpPacket.TryParse([.. bytes, 0, 0], out IpPacket packet));
        Assert.Equal(v6 ? V6A.Address : V4A.Address, packet.Source);
        Assert.Equal(v6 ? V6B.Address : V4B.Address, packet.Destination);
        Assert.Equal((0xB9, 33, IpProtocol.Udp), (packet.TrafficClass, packet.HopLimit, packet.Protocol));
        Assert.True(packet.DontFragment);
        Assert.False(packet.IsFragment);
        Assert.True(packet.TryGetPorts(out ushort source, out ushort destination));
        Assert.Equal((1000, 2000), (source, destination));
        Assert.Equal(bytes.Length, packet.TotalLength);
        Assert.True(InternetChecksum.IsValid(packet.Payload,
            InternetChecksum.PseudoHeader(packet.Source, packet.Destination, IpProtocol.Udp, packet.Payload.Length)));
        if (!v6)
            Assert.True(InternetChecksum.IsValid(bytes.AsSpan(0, 20)));
    }

    [Theory, MemberData(nameof(BothFamilies))]
    public void EveryTruncationIsRefused(bool v6)
    {
        byte[] bytes = Udp(v6, [1, 2, 3]);
        for (int length = 0; length < bytes.Length; length++)
            Assert.False(IpPacket.TryParse(bytes.AsSpan(0, length), out _));
    }

    [Fact]
    public void WalksIpv6ExtensionHeadersToTheTransportHeader()
    {
        byte[] packet = new byte[40 + 8 + 8 + 8];
        IpPacketWriter.WriteHeader(packet, V6A.Address, V6B.Address, IpProtocol.HopByHopOptions, 24);
        packet[40] = IpProtocol.Ipv6Fragment;
        packet[48] = IpProtocol.Udp;
        packet[51] = 0x01; // more fragments, offset 0
        packet[57] = 53;
        Assert.True(IpPacket.TryParse(packet, out IpPacket view));
        Assert.Equal((56, IpProtocol.Udp), (view.HeaderLength, view.Protocol));
        Assert.True(view.IsFragment);
        Assert.True(view.TryGetPorts(out ushort source, out _));
        Assert.Equal(53, source);
    }

    [Fact]
    public void ALaterFragmentHasNoPorts()
    {
        byte[] packet = Udp(false, new byte[32]);
        packet[6] = 0;
        packet[7] = 4;
        Assert.True(IpPacket.TryParse(packet, out IpPacket view));
        Assert.Equal(32, view.FragmentOffset);
        Assert.False(view.TryGetPorts(out _, out _));
    }

    [Fact]
    public void AnIncrementalChecksumUpdateEqualsAFreshOne()
    {
        byte[] data = [0x12, 0x34, 0xFF, 0xFE, 0x00, 0x01];
        ushort before = InternetChecksum.Compute(data);
        data[2] = 0x01;
        data[3] = 0x02;
        Assert.Equal(InternetChecksum.Compute(data), InternetChecksum.Update(before, 0xFFFE, 0x0102));
    }
}
