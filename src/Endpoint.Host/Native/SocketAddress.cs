using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Native;

/// <summary>struct sockaddr_in and sockaddr_in6 in a caller's buffer. The family is in host order, the port in network order.</summary>
static class SocketAddress
{
    /// <summary>The size of sockaddr_in6, the larger one.</summary>
    public const int MaximumLength = 28;

    const int V4Length = 16;
    const int FamilyOffset = 0;
    const int PortOffset = 2;
    const int V4AddressOffset = 4;
    const int V6AddressOffset = 8;

    public static int FamilyOf(IpAddress address) => address.IsV6 ? SocketConstants.Inet6 : SocketConstants.Inet;

    /// <summary>Writes the address and returns its length.</summary>
    public static int Write(Span<byte> destination, TransportAddress address)
    {
        int length = address.Address.IsV6 ? MaximumLength : V4Length;
        destination[..length].Clear();
        BitConverter.TryWriteBytes(destination[FamilyOffset..], (ushort)FamilyOf(address.Address));
        BinaryPrimitives.WriteUInt16BigEndian(destination[PortOffset..], address.Port);
        address.Address.WriteTo(destination[(address.Address.IsV6 ? V6AddressOffset : V4AddressOffset)..]);
        return length;
    }

    public static TransportAddress Read(ReadOnlySpan<byte> source)
    {
        bool isV6 = BitConverter.ToUInt16(source[FamilyOffset..]) == SocketConstants.Inet6;
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(source[PortOffset..]);
        ReadOnlySpan<byte> address = isV6 ? source.Slice(V6AddressOffset, 16) : source.Slice(V4AddressOffset, 4);
        return new TransportAddress(IpAddress.FromBytes(address), port);
    }
}
