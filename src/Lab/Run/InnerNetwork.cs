using System.Collections.Immutable;
using Ipsec.Lab.Hosts;
using Ipsec.Lab.Network;
using Ipsec.Net;

namespace Ipsec.Lab.Run;

/// <summary>
/// The network behind one node (or behind the instances of one gateway): its hosts, the way between them, and the way into the
/// tunnels. It forwards as the node's router would: hop limit, and the instance that has a route.
/// </summary>
sealed class InnerNetwork(string name, Scheduler scheduler, INetworkObserver observer)
{
    /// <summary>From a host to its gateway and back: one switch.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMicroseconds(5);

    readonly SortedDictionary<IpAddress, VirtualHost> _hosts = [];
    ImmutableArray<LabNode> _nodes = [];

    public void Attach(LabNode node) => _nodes = _nodes.Add(node);

    /// <exception cref="ArgumentException">Another host has the address.</exception>
    public void Attach(VirtualHost host) => _hosts.Add(host.Address, host);

    public void SendFromHost(byte[] packet) => scheduler.After(Delay, () => ForwardFromHost(packet));

    /// <summary>An inner packet that came out of a tunnel, or an ICMP error of the node's own.</summary>
    public void Deliver(byte[] packet)
    {
        if (!TryForward(packet, out IpAddress destination))
            return;
        if (_hosts.TryGetValue(destination, out VirtualHost? host))
            scheduler.After(Delay, () => host.Receive(packet));
        else
            observer.PacketDropped(name, DropReason.NoHost, packet);
    }

    void ForwardFromHost(byte[] packet)
    {
        if (!IpPacket.TryParse(packet, out IpPacket view))
        {
            observer.PacketDropped(name, DropReason.Malformed, packet);
            return;
        }
        if (_hosts.TryGetValue(view.Destination, out VirtualHost? neighbour))
        {
            neighbour.Receive(packet);
            return;
        }
        if (!TryForward(packet, out IpAddress destination))
            return;
        LabNode gateway = _nodes.FirstOrDefault(node => node.HasRoute(destination)) ?? _nodes[0];
        gateway.SendInner(packet);
    }

    bool TryForward(byte[] packet, out IpAddress destination)
    {
        destination = default;
        if (!IpPacket.TryParse(packet, out IpPacket view))
        {
            observer.PacketDropped(name, DropReason.Malformed, packet);
            return false;
        }
        destination = view.Destination;
        if (Forwarding.TryDecrementHopLimit(packet))
            return true;
        observer.PacketDropped(name, DropReason.Expired, packet);
        return false;
    }
}
