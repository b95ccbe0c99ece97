using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Lab.Network;
using Ipsec.Lab.Run;
using Ipsec.Net;

namespace Ipsec.Lab.Inner;

/// <summary>
/// The network of a site behind its device, or its devices: flows spread over those that have a tunnel up for where they go, as equal routes or a virtual
/// router would have it. With an ExpressRoute circuit beside them the longest prefix counts, and for one prefix the circuit comes first.
/// </summary>
sealed class SiteNetwork(string name, Scheduler scheduler, INetworkObserver observer, IRandomSource random) : InnerPlace(name, scheduler, observer)
{
    readonly FlowSpread _spread = new(random);
    ImmutableArray<LabNode> _devices = [];

    /// <summary>Null where the site has none.</summary>
    public Circuit? Circuit { get; set; }

    public void Attach(LabNode device) => _devices = _devices.Add(device);

    /// <summary>A packet that came out of a tunnel or a circuit, or an ICMP error of a device's own.</summary>
    public void ReceiveFromOutside(byte[] packet)
    {
        if (TryPass(packet, out IpAddress destination))
            DeliverHere(packet, destination);
    }

    protected override void Leave(byte[] packet, IpAddress destination)
    {
        LabNode? device = _spread.Choose(_devices, packet, destination);
        if (Circuit?.AnnouncedToSite(destination) is int length && length >= (device?.RouteLength(destination) ?? -1))
            Circuit.SendFromSite(packet);
        else if (device is not null)
            device.SendInner(packet);
        else
            Drop(packet, DropReason.NoRoute);
    }
}
