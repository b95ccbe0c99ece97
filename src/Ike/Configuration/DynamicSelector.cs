using Ipsec.Net;

namespace Ipsec.Ike.Configuration;

/// <summary>A traffic selector whose addresses are known only when the child SA is made; see <see cref="TrafficSelector"/> for the rest.</summary>
public readonly record struct DynamicSelector(byte Protocol = 0, ushort FirstPort = 0, ushort LastPort = ushort.MaxValue)
{
    public static DynamicSelector Any => new(0);

    public TrafficSelector At(IpAddressRange addresses) => new(addresses, Protocol, FirstPort, LastPort);
}
