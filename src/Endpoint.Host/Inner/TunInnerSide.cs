using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Hosting;
using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Netlink;
using Ipsec.EndpointHost.Netns;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Inner;

/// <summary>The kernel as the protected side: a TUN device with the remote networks routed onto it.</summary>
sealed class TunInnerSide : IInnerSide
{
    public const int LargestPacket = 65536 + SegmentationHeader.Length;

    /// <summary>Packets that wait for a worker, for each queue; what comes beyond is lost.</summary>
    const int QueueLength = 1000;

    /// <summary>What an Ethernet behind the node carries.</summary>
    const int EthernetMtu = 1500;

    readonly InnerOptions _options;
    readonly NamespaceScope _scope;
    readonly NetlinkSocket _netlink;
    readonly List<TransportAddress> _outer;
    readonly TunGroup _group;
    readonly int _queues;
    bool _hasBeenRead;

    // Made anew if somebody deletes the interface; workers read the first, the engine's thread changes both.
    volatile TunDevice _tun;
    InnerRouting _routing;
    ImmutableArray<IpPrefix> _localNetworks = [];
    ImmutableArray<IpAddress> _addresses = [];
    ImmutableArray<IpPrefix> _routes = [];
    ImmutableArray<IpPrefix> _carried = [];

    TunInnerSide(TunDevice tun, NetlinkSocket netlink, InnerRouting routing, InnerOptions options, IEnumerable<TransportAddress> outer,
        TunGroup group, NamespaceScope scope, int queues)
    {
        (_tun, _netlink, _routing, _options, _group, _scope, _queues) = (tun, netlink, routing, options, group, scope, queues);
        _outer = [.. outer];
    }

    public string Kind => "tun";
    public string? InterfaceName => _tun.Name;
    public int InterfaceIndex => _tun.Index;

    /// <param name="name">The interface's name; "%d" becomes the first free number.</param>
    /// <param name="outer">Our local addresses and UDP ports, whose packets must not enter the tunnel.</param>
    /// <param name="group">The devices that lead out of the same network.</param>
    /// <param name="scope">Where the interface is.</param>
    /// <param name="queues">As many as there are workers.</param>
    /// <exception cref="UserErrorException">No permission, no driver, the device is somebody else's.</exception>
    public static TunInnerSide Open(string name, InnerOptions options, IEnumerable<TransportAddress> outer, TunGroup group, NamespaceScope scope,
        int queues) => scope.Run(() => OpenInside(name, options, outer, group, scope, queues));

    static TunInnerSide OpenInside(string name, InnerOptions options, IEnumerable<TransportAddress> outer, TunGroup group, NamespaceScope scope,
        int queues)
    {
        NetlinkSocket netlink = new();
        TunDevice? tun = null;
        try
        {
            tun = OpenDevice(name, options, netlink, queues);
            return new TunInnerSide(tun, netlink, InnerRouting.Start(netlink, tun, outer, group), options, outer, group, scope, queues);
        }
        catch
        {
            netlink.Dispose();
            tun?.Dispose();
            throw;
        }
    }

    /// <summary>The device that is there now.</summary>
    public TunDevice Device => _tun;

    public string Description
    {
        get
        {
            string superPackets = _tun.Offloads switch
            {
                TunOffloads.TcpAndUdp => "super-packets of TCP and UDP",
                TunOffloads.Tcp => "super-packets of TCP",
                _ => "one packet at a time",
            };
            return $"{_tun.Name} with {_tun.Queues.Length} {(_tun.Queues.Length == 1 ? "queue" : "queues")}, {superPackets}";
        }
    }

    /// <summary>Each queue is one worker's.</summary>
    public void Start(PacketWorkers workers)
    {
        if (_hasBeenRead)
            DiscardOldPackets();
        _hasBeenRead = true;
        foreach (PacketThread thread in workers.Threads.Take(_tun.Queues.Length))
            thread.Add(new TunSource(this, workers, thread.Worker));
    }

    /// <summary>What came while nobody read it is too old by now, and no more than the device's queues.</summary>
    void DiscardOldPackets()
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(LargestPacket, pinned: true);
        foreach (TunQueue queue in _tun.Queues)
        {
            for (int count = 0; count < QueueLength && queue.Read(buffer) > 0; count++)
            {
            }
        }
    }

    public void AddOuter(IEnumerable<TransportAddress> outer)
    {
        _outer.AddRange(outer.Except(_outer).ToArray());
        _routing.AddOuter(_outer);
    }

    public IInnerWriter CreateWriter(PacketWorkers workers, int worker) => new TunWriter(this, worker, workers.CountUndelivered);

    public void SetLocalNetworks(ImmutableArray<IpPrefix> networks)
    {
        _localNetworks = networks;
        _routing.SetLocalNetworks(networks);
    }

    public ImmutableArray<string> SetAddresses(ImmutableArray<IpAddress> addresses)
    {
        _addresses = addresses;
        return _routing.SetAddresses(addresses);
    }

    public ImmutableArray<string> SetRoutes(ImmutableArray<IpPrefix> routes)
    {
        _routes = routes;
        return _routing.SetRoutes(routes);
    }

    public void SetCarried(ImmutableArray<IpPrefix> prefixes)
    {
        _carried = prefixes;
        _routing.SetCarried(prefixes);
    }

    /// <summary>Another TUN of the same name, with the same routes, in place of one that was deleted under us; tried again with the next read.</summary>
    public void Recreate(TunDevice lost, PacketWorkers workers)
    {
        // Several reads, and every queue's, may have failed before this had its turn.
        if (_tun != lost)
            return;
        TunDevice? tun = null;
        try
        {
            tun = _scope.Run(() => OpenDevice(lost.Name, _options, _netlink, _queues));
            _routing.Dispose();
            _routing = InnerRouting.Start(_netlink, tun, _outer, _group);
            _routing.SetLocalNetworks(_localNetworks);
            _routing.SetCarried(_carried);
            foreach (string refusal in _routing.SetAddresses(_addresses).Concat(_routing.SetRoutes(_routes)))
                workers.TellInnerRefusal(refusal);
            _tun = tun;
            lost.Dispose();
            workers.TellInnerSideIsBack(tun.Name);
        }
        catch (UserErrorException refusal)
        {
            tun?.Dispose();
            workers.TellInnerRefusal(refusal.Message);
        }
    }

    public void Dispose()
    {
        _routing.Dispose();
        _netlink.Dispose();
        _tun.Dispose();
    }

    static TunDevice OpenDevice(string name, InnerOptions options, NetlinkSocket netlink, int queues)
    {
        TunDevice tun = TunDevice.Open(name, queues);
        int error = LinkRequests.BringUp(netlink, tun.Index, MtuFor(options), QueueLength);
        if (error == 0)
            return tun;
        tun.Dispose();
        throw new UserErrorException($"TUN device {tun.Name} cannot be brought up: {LibC.Describe(error)}.");
    }

    /// <summary>
    /// The kernel cuts or answers what is longer than the TUN's MTU. An endpoint that drops such packets in silence (Azure)
    /// must see them to do so.
    /// </summary>
    static int MtuFor(InnerOptions options) => options.SendPacketTooBig ? options.Mtu : Math.Max(options.Mtu, EthernetMtu);
}
