using Ipsec.EndpointHost.Native;

namespace Ipsec.EndpointHost.Outer;

/// <summary>What goes with a packet as ancillary data (struct cmsghdr, 64-bit: length, level, type, data): TOS octet or traffic class, and the length of segments.</summary>
static class ControlMessage
{
    /// <summary>A header of 16 octets and an int, padded to 8: what each of the Write methods writes.</summary>
    public const int EntryLength = 24;

    const int HeaderLength = 16;
    const int LevelOffset = 8;
    const int TypeOffset = 12;

    public static void WriteTrafficClass(Span<byte> control, bool isV6, byte trafficClass) => Write(control,
        isV6 ? SocketConstants.LevelIpv6 : SocketConstants.LevelIp, isV6 ? SocketConstants.Ipv6TrafficClass : SocketConstants.IpTypeOfService, trafficClass, sizeof(int));

    /// <summary>Cut what is sent into datagrams of this length (UDP_SEGMENT).</summary>
    public static void WriteSegmentSize(Span<byte> control, int segmentSize) =>
        Write(control, SocketConstants.LevelUdp, SocketConstants.UdpSegment, segmentSize, sizeof(ushort));

    /// <summary>What the kernel attached: the traffic class, 0 if it is not there, and the length of the datagrams that stand side by side, 0 for one.</summary>
    public static byte Read(ReadOnlySpan<byte> control, out int segmentSize)
    {
        segmentSize = 0;
        byte trafficClass = 0;
        while (control.Length >= HeaderLength)
        {
            long length = BitConverter.ToInt64(control);
            if (length < HeaderLength || length > control.Length)
                break;
            switch (BitConverter.ToInt32(control[LevelOffset..]), BitConverter.ToInt32(control[TypeOffset..]))
            {
                // IPv4 hands over one octet, IPv6 an int; both are small numbers in host order.
                case (SocketConstants.LevelIp, SocketConstants.IpTypeOfService) or (SocketConstants.LevelIpv6, SocketConstants.Ipv6TrafficClass) when length > HeaderLength:
                    trafficClass = control[HeaderLength];
                    break;
                case (SocketConstants.LevelUdp, SocketConstants.UdpGenericReceiveOffload) when length >= HeaderLength + sizeof(int):
                    segmentSize = Math.Max(0, BitConverter.ToInt32(control[HeaderLength..]));
                    break;
            }
            control = control[(int)Math.Min(control.Length, (length + 7) & ~7L)..];
        }
        return trafficClass;
    }

    static void Write(Span<byte> control, int level, int type, int value, int valueLength)
    {
        control[..EntryLength].Clear();
        BitConverter.TryWriteBytes(control, (long)(HeaderLength + valueLength));
        BitConverter.TryWriteBytes(control[LevelOffset..], level);
        BitConverter.TryWriteBytes(control[TypeOffset..], type);
        // Little-endian processors only: the low octets of the value stand first.
        BitConverter.TryWriteBytes(control[HeaderLength..], value);
    }
}
