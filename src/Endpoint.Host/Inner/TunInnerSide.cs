using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Hosting;
using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Netlink;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Inner;

/// <summary>The kernel as the protected side: a TUN device with the remote networks routed onto it.</summary>
sealed class TunInnerSide : IInnerSide
{
    const int LargestPacket = 65536;

    /// <summary>What an Ethernet behind the node carries.</summary>
    const int EthernetMtu = 1500;

    readonly TunDevice _tun;
    readonly NetlinkSocket _netlink;
    readonly InnerRouting _routing;

    TunInnerSide(TunDevice tun, NetlinkSocket netlink, InnerRouting routing) => (_tun, _netlink, _routing) = (tun, netlink, routing);

    public string Kind => "tun";
    public string? InterfaceName => _tun.Name;

    /// <param name="name">The interface's name; "%d" becomes the first free number.</param>
    /// <param name="outer">Our local addresses and UDP ports, whose packets must not enter the tunnel.</param>
    /// <exception cref="UserErrorException">No permission, no driver, the device is somebody else's.</exception>
    public static TunInnerSide Open(string name, InnerOptions options, IEnumerable<TransportAddress> outer)
    {
        TunDevice tun = TunDevice.Open(name);
        NetlinkSocket? netlink = null;
        try
        {
            netlink = new NetlinkSocket();
            int error = LinkRequests.BringUp(netlink, tun.Index, MtuFor(options));
            if (error != 0)
                throw new UserErrorException($"TUN device {tun.Name} cannot be brought up: {LibC.Describe(error)}.");
            return new TunInnerSide(tun, netlink, InnerRouting.Start(netlink, tun, outer));
        }
        catch
        {
            netlink?.Dispose();
            tun.Dispose();
            throw;
        }
    }

    public void Start(PacketWorkers workers) => workers.StartThread($"read {_tun.Name}", () =>
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(LargestPacket, pinned: true);
        bool isTold = false;
        do
        {
            int length;
            while ((length = _tun.Read(buffer)) > 0)
                workers.Seal(buffer.AsSpan(0, length));
            if (length < 0)
                workers.PauseAfterInnerError(_tun.Name, -length, ref isTold);
        }
        while (workers.Stop.WaitForInput(_tun.Descriptor));
    });

    public void Deliver(ReadOnlySpan<byte> packet, PacketWorkers workers)
    {
        if (!_tun.TryWrite(packet))
            workers.CountUndelivered();
    }

    public void SetLocalNetworks(ImmutableArray<IpPrefix> networks) => _routing.SetLocalNetworks(networks);

    public ImmutableArray<string> SetRoutes(ImmutableArray<IpPrefix> routes) => _routing.SetRoutes(routes);

    public void Dispose()
    {
        _routing.Dispose();
        _netlink.Dispose();
        _tun.Dispose();
    }

    /// <summary>
    /// The kernel cuts or answers what is longer than the TUN's MTU. An endpoint that drops such packets in silence (Azure)
    /// must see them to do so.
    /// </summary>
    static int MtuFor(InnerOptions options) => options.SendPacketTooBig ? options.Mtu : Math.Max(options.Mtu, EthernetMtu);
}
