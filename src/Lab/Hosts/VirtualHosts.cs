using System.Collections.Immutable;
using Ipsec.Lab.Network;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Hosts;

/// <summary>
/// The virtual hosts behind one node, for an owner with a clock of its own: packets and the time go in, packets come out.
/// One thread at a time.
/// </summary>
public sealed class VirtualHosts
{
    readonly Scheduler _scheduler = new();
    readonly SortedDictionary<IpAddress, VirtualHost> _byAddress = [];
    readonly SortedDictionary<string, VirtualHost> _byName = new(StringComparer.Ordinal);

    /// <param name="send">Takes each packet that a host sends; the node is their gateway.</param>
    public VirtualHosts(ImmutableArray<HostDefinition> hosts, Action<byte[]> send)
    {
        ushort identifier = 1;
        foreach (HostDefinition definition in hosts)
        {
            var host = new VirtualHost(definition.Name, definition.Address, identifier++, _scheduler, send);
            _byAddress[definition.Address] = host;
            _byName[definition.Name] = host;
        }
    }

    /// <summary>Monotonic time at which <see cref="HandleTimeout"/> has something to do; null while there is nothing.</summary>
    public TimeSpan? NextTimeout => _scheduler.NextEvent;

    /// <summary>A packet from the node; ignored if no host has its destination.</summary>
    public void Receive(ReadOnlySpan<byte> packet, TimeSpan now)
    {
        HandleTimeout(now);
        if (IpPacket.TryParse(packet, out IpPacket view) && _byAddress.TryGetValue(view.Destination, out VirtualHost? host))
            host.Receive(view.Bytes.ToArray());
    }

    /// <summary>Sends one echo request; false if no host has that name.</summary>
    /// <param name="completed">Gets the round-trip time, or null once <paramref name="timeout"/> has passed.</param>
    public bool TryPing(string host, IpAddress destination, int dataLength, TimeSpan timeout, TimeSpan now, Action<TimeSpan?> completed)
    {
        HandleTimeout(now);
        if (!_byName.TryGetValue(host, out VirtualHost? sender))
            return false;
        sender.Ping(destination, dataLength, timeout, outcome => completed(outcome.RoundTripTime));
        return true;
    }

    /// <summary>Lets time pass.</summary>
    public void HandleTimeout(TimeSpan now)
    {
        while (_scheduler.TryRunNext(now))
        {
        }
        _scheduler.AdvanceTo(now);
    }
}
