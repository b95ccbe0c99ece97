using Ipsec.Lab.Hosts;
using Ipsec.Lab.Network;
using Ipsec.Net;

namespace Ipsec.Lab.Inner;

/// <summary>
/// Where virtual hosts are: a site or a virtual network. It carries packets between its hosts, and is a router for those that leave or arrive: every packet
/// that passes loses a hop.
/// </summary>
abstract class InnerPlace(string name, Scheduler scheduler, INetworkObserver observer)
{
    /// <summary>From a host to its gateway and back: one switch.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMicroseconds(5);

    readonly SortedDictionary<IpAddress, VirtualHost> _hosts = [];

    /// <exception cref="ArgumentException">Another host has the address.</exception>
    public void Attach(VirtualHost host) => _hosts.Add(host.Address, host);

    public void SendFromHost(byte[] packet) => scheduler.After(Delay, () => ForwardFromHost(packet));

    /// <summary>A packet from outside, its hop counted, for a host that is here.</summary>
    public void DeliverHere(byte[] packet, IpAddress destination)
    {
        if (_hosts.TryGetValue(destination, out VirtualHost? host))
            scheduler.After(Delay, () => host.Receive(packet));
        else
            Drop(packet, DropReason.NoHost);
    }

    /// <summary>A host's packet that is for none of its neighbours, its hop counted.</summary>
    protected abstract void Leave(byte[] packet, IpAddress destination);

    /// <summary>Counts a hop; false where that was the last one, or the packet is none.</summary>
    protected bool TryPass(byte[] packet, out IpAddress destination)
    {
        destination = default;
        if (!IpPacket.TryParse(packet, out IpPacket view))
        {
            Drop(packet, DropReason.Malformed);
            return false;
        }
        destination = view.Destination;
        if (Forwarding.TryDecrementHopLimit(packet))
            return true;
        Drop(packet, DropReason.Expired);
        return false;
    }

    protected void Drop(byte[] packet, DropReason reason) => observer.PacketDropped(name, reason, packet);

    void ForwardFromHost(byte[] packet)
    {
        if (IpPacket.TryParse(packet, out IpPacket view) && _hosts.TryGetValue(view.Destination, out VirtualHost? neighbour))
            neighbour.Receive(packet);
        else if (TryPass(packet, out IpAddress destination))
            Leave(packet, destination);
    }
}
