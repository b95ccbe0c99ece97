using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Lab.Network;
using Ipsec.Lab.Run;
using Ipsec.Net;

namespace Ipsec.Lab.Inner;

/// <summary>
/// The network of a site behind its device, or its devices: flows spread over those that have a tunnel up for where they go, as equal routes or a virtual router would
/// have it. With an ExpressRoute circuit beside them the longest prefix counts, and for one prefix the circuit comes first.
/// </summary>
sealed class SiteNetwork : InnerPlace
{
    readonly FlowHash _flowHash;
    ImmutableArray<LabNode> _devices = [];

    public SiteNetwork(string name, Scheduler scheduler, INetworkObserver observer, IRandomSource random) : base(name, scheduler, observer)
    {
        Span<byte> key = stackalloc byte[FlowHash.KeyLength];
        random.Fill(key);
        _flowHash = new FlowHash(key);
    }

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
        LabNode device = Choose(packet, destination);
        if (Circuit?.AnnouncedToSite(destination) is int length && length >= (device.RouteLength(destination) ?? -1))
            Circuit.SendFromSite(packet);
        else
            device.SendInner(packet);
    }

    LabNode Choose(byte[] packet, IpAddress destination)
    {
        if (_devices.Length == 1 || !IpPacket.TryParse(packet, out IpPacket view))
            return _devices[0];
        int[] able = [.. Enumerable.Range(0, _devices.Length).Where(index => _devices[index].IsUpFor(destination))];
        return able.Length == 0 ? _devices[0] : _devices[FlowHash.Choose(_flowHash.Compute(view), able)];
    }
}
