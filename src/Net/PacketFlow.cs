using System.Collections.Immutable;

namespace Ipsec.Net;

/// <summary>What traffic selectors look at in one packet (RFC 4301 §4.4.1.1).</summary>
/// <param name="Protocol">IP protocol number.</param>
/// <param name="SourcePort">For ICMP and ICMPv6 type and code, as in a <see cref="TrafficSelector"/>; null where it cannot be seen or there is none.</param>
/// <param name="DestinationPort">As <paramref name="SourcePort"/>.</param>
public readonly record struct PacketFlow(IpAddress Source, IpAddress Destination, byte Protocol, ushort? SourcePort = null, ushort? DestinationPort = null)
{
    /// <summary>Selects this packet's source, its protocol and its port; every port where that cannot be seen.</summary>
    public TrafficSelector SourceSelector => Selector(Source, SourcePort);

    /// <summary>Selects this packet's destination, its protocol and its port; every port where that cannot be seen.</summary>
    public TrafficSelector DestinationSelector => Selector(Destination, DestinationPort);

    /// <summary>May this packet go out by an SA with these selectors?</summary>
    public bool Fits(ImmutableArray<TrafficSelector> local, ImmutableArray<TrafficSelector> remote) =>
        Matches(local, Source, SourcePort) && Matches(remote, Destination, DestinationPort);

    TrafficSelector Selector(IpAddress address, ushort? port) =>
        new(new IpAddressRange(address, address), Protocol, port ?? ushort.MinValue, port ?? ushort.MaxValue);

    bool Matches(ImmutableArray<TrafficSelector> selectors, IpAddress address, ushort? port)
    {
        foreach (TrafficSelector selector in selectors)
        {
            if (selector.Matches(address, Protocol, port))
                return true;
        }
        return false;
    }
}
