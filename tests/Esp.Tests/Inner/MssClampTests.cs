using System.Buffers.Binary;
using Ipsec.Esp.Inner;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Inner;

public class MssClampTests
{
    const byte Syn = 0x02;
    const byte SynAck = 0x12;
    const byte Ack = 0x10;

    [Theory]
    [InlineData(Syn, 1460, 1350, 1350, false)]
    [InlineData(SynAck, 1460, 1350, 1350, false)]
    [InlineData(Syn, 1440, 1350, 1350, true)]
    [InlineData(Syn, 1350, 1350, 1350, false)]
    [InlineData(Syn, 536, 1350, 536, false)]
    [InlineData(Ack, 1460, 1350, 1460, false)]
    public void LowersTheOptionOfSynsAndUpdatesTheChecksum(byte flags, int before, int limit, int expected, bool isV6)
    {
        byte[] packet = TestPackets.Tcp(flags, [2, 4, (byte)(before >> 8), (byte)before], 0, isV6);
        Assert.Equal(expected != before, Clamp(packet, limit));
        Assert.Equal(expected, BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(^2)));
        Assert.True(TestPackets.HasValidChecksums(packet));
    }

    [Fact]
    public void FindsTheOptionAtAnOddOffset()
    {
        byte[] packet = TestPackets.Tcp(Syn, [1, 3, 3, 7, 1, 1, 1, 2, 4, 0x05, 0xB4, 0], 0);
        Assert.True(Clamp(packet, 1350));
        Assert.Equal(1350, BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(20 + 20 + 9)));
        Assert.True(TestPackets.HasValidChecksums(packet));
    }

    [Theory]
    [InlineData(new byte[] { 0, 2, 4, 5 })]
    [InlineData(new byte[] { 2, 3, 5, 0xB4 })]
    [InlineData(new byte[] { 3, 0, 2, 4 })]
    [InlineData(new byte[] { 1, 1, 1, 2 })]
    [InlineData(new byte[] { 8, 10, 2, 4 })]
    public void LeavesOptionsAloneThatAreCutOrBroken(byte[] options)
    {
        byte[] packet = TestPackets.Tcp(Syn, options, 0);
        byte[] before = [.. packet];
        Assert.False(Clamp(packet, 100));
        Assert.Equal(before, packet);
    }

    [Fact]
    public void LeavesADataOffsetBeyondThePacketAlone()
    {
        byte[] packet = TestPackets.Tcp(Syn, [2, 4, 5, 0xB4], 0);
        packet[20 + 12] = 0xF0;
        Assert.False(Clamp(packet, 100));
    }

    [Fact]
    public void AppliesToBothDirectionsOfATunnel()
    {
        using var pair = new TunnelPair(Suites.Gcm256, mssClamp: 1350);
        byte[] syn = TestPackets.Tcp(Syn, [2, 4, 5, 0xB4], 0);
        byte[] delivered = Assert.Single(pair.Carry(syn));
        Assert.Equal([2, 4, 0x05, 0x46], delivered[^4..]);
        Assert.Equal(1UL, pair.Left.GetCounter(DataPathCounter.MssClamped));

        // A peer that does not clamp: the receiving side does.
        pair.Left.SetRoutes(TunnelPair.Routes(TunnelPair.LeftNetworks, TunnelPair.RightNetworks));
        delivered = Assert.Single(pair.Carry(TestPackets.Tcp(Syn, [2, 4, 5, 0xB4], 0)));
        Assert.Equal([2, 4, 0x05, 0x46], delivered[^4..]);
        Assert.True(TestPackets.HasValidChecksums(delivered));
        Assert.Equal(1UL, pair.Right.GetCounter(DataPathCounter.MssClamped));
    }

    static bool Clamp(byte[] packet, int limit)
    {
        Assert.True(IpPacket.TryParse(packet, out IpPacket parsed));
        return MssClamp.TryClamp(packet, parsed, limit);
    }
}
