using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Esp.Associations;

/// <summary>What selectors look at in one inner packet (RFC 4301 §4.4.1.1). Ports are null where they cannot be seen: later fragments.</summary>
readonly struct Flow
{
    readonly ushort? _sourcePort;
    readonly ushort? _destinationPort;

    public Flow(in IpPacket packet)
    {
        Source = packet.Source;
        Destination = packet.Destination;
        Protocol = packet.Protocol;
        if (packet.TryGetPorts(out ushort source, out ushort destination))
            (_sourcePort, _destinationPort) = (source, destination);
    }

    public IpAddress Source { get; }
    public IpAddress Destination { get; }
    public byte Protocol { get; }
    public ushort? SourcePort => _sourcePort;
    public ushort? DestinationPort => _destinationPort;

    public bool SourceMatches(ImmutableArray<TrafficSelector> selectors) => Matches(selectors, Source, _sourcePort);

    public bool DestinationMatches(ImmutableArray<TrafficSelector> selectors) => Matches(selectors, Destination, _destinationPort);

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
