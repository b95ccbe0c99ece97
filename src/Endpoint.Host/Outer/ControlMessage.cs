using Ipsec.EndpointHost.Native;

namespace Ipsec.EndpointHost.Outer;

/// <summary>The TOS octet or traffic class of one packet as ancillary data (struct cmsghdr, 64-bit: length, level, type, data).</summary>
static class ControlMessage
{
    /// <summary>A header of 16 octets and an int, padded to 8: what <see cref="WriteTrafficClass"/> writes.</summary>
    public const int TrafficClassLength = 24;

    const int HeaderLength = 16;
    const int LevelOffset = 8;
    const int TypeOffset = 12;

    public static int WriteTrafficClass(Span<byte> control, bool isV6, byte trafficClass)
    {
        control[..TrafficClassLength].Clear();
        BitConverter.TryWriteBytes(control, (long)(HeaderLength + sizeof(int)));
        BitConverter.TryWriteBytes(control[LevelOffset..], isV6 ? SocketConstants.LevelIpv6 : SocketConstants.LevelIp);
        BitConverter.TryWriteBytes(control[TypeOffset..], isV6 ? SocketConstants.Ipv6TrafficClass : SocketConstants.IpTypeOfService);
        BitConverter.TryWriteBytes(control[HeaderLength..], (int)trafficClass);
        return TrafficClassLength;
    }

    /// <summary>The traffic class among what the kernel attached; 0 if it is not there.</summary>
    public static byte ReadTrafficClass(ReadOnlySpan<byte> control)
    {
        while (control.Length >= HeaderLength)
        {
            long length = BitConverter.ToInt64(control);
            if (length < HeaderLength || length > control.Length)
                break;
            int level = BitConverter.ToInt32(control[LevelOffset..]);
            int type = BitConverter.ToInt32(control[TypeOffset..]);
            // IPv4 hands over one octet, IPv6 an int; both are small numbers in host order.
            if (length > HeaderLength && (level, type) is (SocketConstants.LevelIp, SocketConstants.IpTypeOfService)
                or (SocketConstants.LevelIpv6, SocketConstants.Ipv6TrafficClass))
                return control[HeaderLength];
            control = control[(int)Math.Min(control.Length, (length + 7) & ~7L)..];
        }
        return 0;
    }
}
