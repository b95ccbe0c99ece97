using System.Diagnostics;
using Ipsec.Benchmarks.Throughput;
using Ipsec.EndpointHost.Inner;
using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Netns;
using Ipsec.EndpointHost.Outer;
using Ipsec.Esp;
using Ipsec.Net;

namespace Ipsec.Benchmarks.ManyTunnels;

/// <summary>What one thread seals: from a TUN through a data path to a UDP socket, and on a wire to peers that take no notice.</summary>
sealed class PacketPath : IDisposable
{
    /// <summary>As the host does: packets that are read before what was sealed of them leaves at the latest.</summary>
    const int ReadsPerTurn = 64;

    /// <summary>As many octets as the other ones.</summary>
    const int SuperReadsPerTurn = 8;

    const int LargestPacket = 65536 + SegmentationHeader.Length;
    const ushort InnerPort = 1009;

    readonly TunDevice _tun;
    readonly OuterSocket _outer;
    readonly OuterSocket _inner;
    readonly byte[] _buffer = GC.AllocateArray<byte>(LargestPacket, pinned: true);

    PacketPath(TunDevice tun, OuterSocket outer, OuterSocket inner) => (_tun, _outer, _inner, Sender) = (tun, outer, inner, new InnerSender(inner));

    /// <summary>Who sends into the TUN.</summary>
    public InnerSender Sender { get; }

    /// <summary>Datagrams that the kernel did not take.</summary>
    public int Refused { get; private set; }

    /// <exception cref="InvalidOperationException">This kernel's TUN hands over single packets only.</exception>
    public static async Task<PacketPath> OpenAsync(Underlay underlay)
    {
        NamespaceScope scope = NamespaceScope.Of(underlay.Left.Name);
        PacketPath path = scope.Run(() => new PacketPath(TunDevice.Open("tun%d", queues: 1), Socket(Underlay.LeftOuter, 4500), Socket(Underlay.LeftInner, InnerPort)));
        if (path._tun.Offloads != TunOffloads.TcpAndUdp)
        {
            path.Dispose();
            throw new InvalidOperationException("This kernel's TUN devices hand over no super-packets of UDP (Linux 6.2).");
        }
        await underlay.Left.IpAsync("link", "set", path._tun.Name, "mtu", $"{Hub.Mtu}", "addrgenmode", "none", "up");
        await underlay.Left.IpAsync("route", "add", Hub.Networks, "dev", path._tun.Name, "src", Underlay.LeftInner);
        await underlay.Left.IpAsync("route", "add", Hub.Peers, "via", Underlay.RightOuter);
        await underlay.Right.LoadRulesAsync(underlay.Folder, $$"""
            table inet peers {
              chain swallow {
                type filter hook prerouting priority -300
                ip daddr {{Hub.Peers}} drop
              }
            }
            """);
        return path;
    }

    /// <summary>
    /// Seals for a while what the sender sends; processor time of this thread in nanoseconds, and packets. In each turn as many packets wait as the turn takes, so that a
    /// run of one SA is as long whatever else the machine does; that waiting is not counted.
    /// </summary>
    public (long Nanoseconds, long Packets) Run(Hub hub, int datagrams, TimeSpan time, bool leavesAtOnce)
    {
        Discard();
        int readsPerTurn = datagrams > 1 ? SuperReadsPerTurn : ReadsPerTurn;
        Sender.Start(hub.Tunnels, datagrams, ahead: 2 * readsPerTurn);
        // Caches and branch predictors are the last load's.
        Seal(hub.Worker, readsPerTurn, time / 8, leavesAtOnce);
        (long, long) cost = Seal(hub.Worker, readsPerTurn, time, leavesAtOnce);
        Sender.Stop();
        return cost;
    }

    public void Dispose()
    {
        _tun.Dispose();
        _outer.Dispose();
        _inner.Dispose();
    }

    static OuterSocket Socket(string address, ushort port) =>
        OuterSocketFactory.OpenUdp(new TransportAddress(IpAddress.Parse(address), port), PathEncapsulation.UdpEncapsulated);

    (long Nanoseconds, long Packets) Seal(DataPathWorker worker, int readsPerTurn, TimeSpan time, bool leavesAtOnce)
    {
        var sink = new Sink(_outer);
        long end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        long nanoseconds = 0;
        do
        {
            Sender.WaitForPackets(readsPerTurn);
            long before = ThreadClock.Nanoseconds;
            SealTurn(worker, readsPerTurn, leavesAtOnce, ref sink);
            nanoseconds += ThreadClock.Nanoseconds - before;
            Sender.Taken(readsPerTurn);
        }
        while (Stopwatch.GetTimestamp() < end);
        Refused += sink.Refused;
        return (nanoseconds, sink.Packets);
    }

    void SealTurn(DataPathWorker worker, int reads, bool leavesAtOnce, ref Sink sink)
    {
        for (int read = 0; read < reads; read++)
        {
            int length = _tun.QueueOf(worker: 0).Read(_buffer);
            if (length <= 0)
                throw new InvalidOperationException("The TUN lost a packet.");
            if (SegmentationHeader.TryRead(_buffer.AsSpan(0, length), out SuperPacket packet))
                worker.Seal(packet, ref sink);
            if (leavesAtOnce)
                worker.Flush(ref sink);
        }
        worker.Flush(ref sink);
    }

    /// <summary>What waits was meant for another hub.</summary>
    void Discard()
    {
        while (_tun.QueueOf(worker: 0).Read(_buffer) > 0)
        {
        }
    }

    struct Sink(OuterSocket outer) : IDataPathSink
    {
        public long Packets;
        public int Refused;

        public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
        {
            Packets += (datagrams.Length + segmentSize - 1) / segmentSize;
            if (outer.Send(path.Remote, trafficClass, datagrams, segmentSize) != 0)
                Refused++;
        }

        public readonly void Deliver(Span<byte> innerPacket)
        {
        }

        public readonly void Ike(ReadOnlySpan<byte> message, in NetworkPath path)
        {
        }
    }
}
