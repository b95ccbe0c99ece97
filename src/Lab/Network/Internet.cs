using Ipsec.Net;

namespace Ipsec.Lab.Network;

/// <summary>The router between all wires: it knows the public address at each one's near end and forwards by it.</summary>
sealed class Internet(INetworkObserver observer)
{
    const string Place = "internet";

    readonly SortedDictionary<IpAddress, Wire> _wires = [];

    /// <exception cref="ArgumentException">Another wire has the address.</exception>
    public void Attach(IpAddress address, Wire wire) => _wires.Add(address, wire);

    public void Detach(IpAddress address) => _wires.Remove(address);

    /// <summary>A packet that came over some wire.</summary>
    public void Forward(byte[] packet)
    {
        if (!IpPacket.TryParse(packet, out IpPacket view))
            observer.PacketDropped(Place, DropReason.Malformed, packet);
        else if (!_wires.TryGetValue(view.Destination, out Wire? wire))
            observer.PacketDropped(Place, DropReason.NoRoute, packet);
        else if (!Forwarding.TryDecrementHopLimit(packet))
            observer.PacketDropped(Place, DropReason.Expired, packet);
        else
            wire.SendFromFar(packet);
    }
}
