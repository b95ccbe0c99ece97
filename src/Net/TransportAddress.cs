using System.Net;

namespace Ipsec.Net;

/// <summary>An IP address and a UDP port; port 0 where the protocol has none (raw ESP).</summary>
public readonly record struct TransportAddress(IpAddress Address, ushort Port)
{
    public static TransportAddress From(IPEndPoint endPoint) => new(IpAddress.From(endPoint.Address), (ushort)endPoint.Port);

    public IPEndPoint ToIPEndPoint() => new(Address.ToIPAddress(), Port);

    public override string ToString() => Address.IsV6 ? $"[{Address}]:{Port}" : $"{Address}:{Port}";
}
