using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Outer;

namespace Ipsec.EndpointHost.Tests.Outer;

/// <summary>Ancillary data as the kernel writes it, and as no kernel should: nothing throws, and what is not all there is not believed.</summary>
public class ControlMessageTests
{
    const int HeaderLength = 16;
    const byte Marked = 0xB9;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ReadsWhatTheKernelAttaches(bool isV6)
    {
        byte[] trafficClass = isV6 ? Entry(SocketConstants.LevelIpv6, SocketConstants.Ipv6TrafficClass, Marked)
            : Entry(SocketConstants.LevelIp, SocketConstants.IpTypeOfService, Marked, octets: 1);
        byte[] size = Entry(SocketConstants.LevelUdp, SocketConstants.UdpGenericReceiveOffload, 1452);
        foreach (byte[] control in (byte[][])[[.. trafficClass, .. size], [.. size, .. trafficClass]])
        {
            Assert.Equal(Marked, ControlMessage.Read(control, out int segmentSize));
            Assert.Equal(1452, segmentSize);
        }
        Assert.Equal(0, ControlMessage.Read([], out int none));
        Assert.Equal(0, none);
    }

    [Fact]
    public void WhatIsCutOffIsNotThere()
    {
        byte[] control = [.. Entry(SocketConstants.LevelIpv6, SocketConstants.Ipv6TrafficClass, Marked), .. Entry(SocketConstants.LevelUdp, SocketConstants.UdpGenericReceiveOffload, 1452)];
        for (int length = 0; length < control.Length; length++)
        {
            byte trafficClass = ControlMessage.Read(control.AsSpan(0, length), out int segmentSize);
            // Of the last four octets of an entry the kernel's own length leaves no doubt: they are padding.
            Assert.Equal(length >= HeaderLength + sizeof(int) ? Marked : (byte)0, trafficClass);
            Assert.Equal(length >= ControlMessage.EntryLength + HeaderLength + sizeof(int) ? 1452 : 0, segmentSize);
        }
    }

    /// <summary>An entry's length counts its header. One that does not even say that ends the list; one beyond the end is not read.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MaxValue - 6)]
    [InlineData(25)]
    [InlineData(1L << 32 | 20)]
    public void ALengthThatLiesEndsTheList(long length)
    {
        byte[] lying = Entry(SocketConstants.LevelUdp, SocketConstants.UdpGenericReceiveOffload, 1452);
        BitConverter.TryWriteBytes(lying, length);
        Assert.Equal(0, ControlMessage.Read(lying, out int segmentSize));
        Assert.Equal(0, segmentSize);
        byte[] good = Entry(SocketConstants.LevelIpv6, SocketConstants.Ipv6TrafficClass, Marked);
        Assert.Equal(Marked, ControlMessage.Read([.. good, .. lying], out segmentSize));
        Assert.Equal(0, segmentSize);
    }

    /// <summary>Below zero is no length; what is larger than any read makes one datagram of it.</summary>
    [Theory]
    [InlineData(-1, 0)]
    [InlineData(int.MinValue, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(65_536, 65_536)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void ASegmentSizeIsNeverBelowZero(int value, int expected)
    {
        ControlMessage.Read(Entry(SocketConstants.LevelUdp, SocketConstants.UdpGenericReceiveOffload, value), out int segmentSize);
        Assert.Equal(expected, segmentSize);
    }

    [Fact]
    public void WhatNobodyAskedForIsPassedOver()
    {
        byte[] control =
        [
            .. Entry(SocketConstants.LevelSocket, 29, 7), .. Entry(SocketConstants.LevelUdp, SocketConstants.UdpGenericReceiveOffload, 5, octets: 3),
            .. Entry(SocketConstants.LevelUdp, SocketConstants.UdpGenericReceiveOffload, 900), .. Entry(SocketConstants.LevelIp, SocketConstants.IpTypeOfService, Marked, octets: 0),
        ];
        Assert.Equal(0, ControlMessage.Read(control, out int segmentSize));
        Assert.Equal(900, segmentSize);
    }

    [Fact]
    public void AnythingIsRead()
    {
        var random = new Random(1);
        byte[] seed = [.. Entry(SocketConstants.LevelIp, SocketConstants.IpTypeOfService, Marked, octets: 1), .. Entry(SocketConstants.LevelUdp, SocketConstants.UdpGenericReceiveOffload, 1452)];
        for (int i = 0; i < 50_000; i++)
        {
            byte[] control = seed[..random.Next(seed.Length + 1)];
            for (int change = random.Next(4); change > 0 && control.Length > 0; change--)
                control[random.Next(control.Length)] = (byte)random.Next(256);
            ControlMessage.Read(control, out int segmentSize);
            Assert.InRange(segmentSize, 0, int.MaxValue);
        }
    }

    /// <summary>struct cmsghdr, its data and its padding.</summary>
    static byte[] Entry(int level, int type, int value, int octets = sizeof(int))
    {
        byte[] entry = new byte[ControlMessage.EntryLength];
        BitConverter.TryWriteBytes(entry, (long)(HeaderLength + octets));
        BitConverter.TryWriteBytes(entry.AsSpan(8), level);
        BitConverter.TryWriteBytes(entry.AsSpan(12), type);
        BitConverter.TryWriteBytes(entry.AsSpan(HeaderLength), value);
        entry.AsSpan(HeaderLength + octets).Clear();
        return entry;
    }
}
