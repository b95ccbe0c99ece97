using Ipsec.Lab.Network;
using Ipsec.Lab.Run;
using Ipsec.Net;

namespace Ipsec.Lab.Inner;

/// <summary>
/// The network of a site behind its device. With an ExpressRoute circuit beside the device the longest prefix counts, and for one prefix the circuit comes first.
/// </summary>
sealed class SiteNetwork(string name, Scheduler scheduler, INetworkObserver observer) : InnerPlace(name, scheduler, observer)
{
    LabNode? _device;

    /// <summary>Null where the site has none.</summary>
    public Circuit? Circuit { get; set; }

    public void Attach(LabNode device) => _device = device;

    /// <summary>An inner packet that came out of a tunnel, or an ICMP error of the device's own.</summary>
    public void ReceiveFromDevice(byte[] packet)
    {
        if (TryPass(packet, out IpAddress destination))
            DeliverHere(packet, destination);
    }

    /// <summary>A packet from the circuit.</summary>
    public void ReceiveFromCircuit(byte[] packet)
    {
        if (TryPass(packet, out IpAddress destination))
            DeliverHere(packet, destination);
    }

    protected override void Leave(byte[] packet, IpAddress destination)
    {
        if (Circuit?.AnnouncedToSite(destination) is int length && length >= (_device!.RouteLength(destination) ?? -1))
            Circuit.SendFromSite(packet);
        else
            _device!.SendInner(packet);
    }
}
