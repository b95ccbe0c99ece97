using System.Collections.Immutable;
using Ipsec.EndpointHost.Engine;
using Ipsec.EndpointHost.Hosting;
using Ipsec.EndpointHost.Native;
using Ipsec.Lab.Hosts;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Inner;

/// <summary>
/// The topology file's virtual hosts as the protected side, in this process: no TUN, no routes, no privileges. They answer
/// ping and send it. One thread of their own; what does not fit into its queue is lost, as on any link.
/// </summary>
sealed class VirtualInnerSide : IInnerSide
{
    const int QueueLength = 1024;
    static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    readonly Lock _lock = new();
    readonly Queue<Action<TimeSpan>> _inputs = new();
    readonly AutoResetEvent _wake = new(false);
    readonly HostClock _clock;
    readonly VirtualHosts _hosts;
    PacketWorkers? _workers;

    public VirtualInnerSide(ImmutableArray<HostDefinition> hosts, HostClock clock)
    {
        _clock = clock;
        _hosts = new VirtualHosts(hosts, packet => _workers!.Seal(packet));
    }

    public string Kind => "virtual";
    public string? InterfaceName => null;
    public int InterfaceIndex => 0;

    public void AddOuter(IEnumerable<TransportAddress> outer)
    {
    }

    public void Start(PacketWorkers workers)
    {
        _workers = workers;
        workers.Stop.Register(() => _wake.Set());
        workers.StartThread("virtual hosts", () => Run(workers.Stop));
    }

    public void Deliver(ReadOnlySpan<byte> packet, PacketWorkers workers)
    {
        byte[] copy = packet.ToArray();
        if (!TryPost(now => _hosts.Receive(copy, now)))
            workers.CountUndelivered();
    }

    /// <summary>Pings from a virtual host. The round-trip time, or null if no answer came; false in <c>Known</c> if there is no such host.</summary>
    public Task<(bool Known, TimeSpan? RoundTripTime)> PingAsync(string host, IpAddress destination, int dataLength, TimeSpan timeout)
    {
        var completion = new TaskCompletionSource<(bool, TimeSpan?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isPosted = TryPost(now =>
        {
            if (!_hosts.TryPing(host, destination, dataLength, timeout, now, time => completion.SetResult((true, time))))
                completion.SetResult((false, null));
        });
        if (!isPosted)
            completion.SetResult((true, null));
        return completion.Task;
    }

    /// <summary>Nothing leads here but what a virtual host sends.</summary>
    public void SetLocalNetworks(ImmutableArray<IpPrefix> networks)
    {
    }

    /// <summary>A virtual host has the address that the file gives it.</summary>
    public ImmutableArray<string> SetAddresses(ImmutableArray<IpAddress> addresses) => [];

    public ImmutableArray<string> SetRoutes(ImmutableArray<IpPrefix> routes) => [];

    public void Dispose() => _wake.Dispose();

    bool TryPost(Action<TimeSpan> input)
    {
        lock (_lock)
        {
            if (_inputs.Count >= QueueLength)
                return false;
            _inputs.Enqueue(input);
        }
        _wake.Set();
        return true;
    }

    void Run(StopSignal stop)
    {
        while (!stop.IsSet)
        {
            while (TryTake(out Action<TimeSpan>? input))
                input(_clock.Now.Monotonic);
            _hosts.HandleTimeout(_clock.Now.Monotonic);
            TimeSpan? wait = _hosts.NextTimeout - _clock.Now.Monotonic;
            if (wait is null || wait > TimeSpan.Zero)
                _wake.WaitOne(wait is TimeSpan limit && limit < LongestWait ? limit + TimeSpan.FromMilliseconds(1) : LongestWait);
        }
    }

    bool TryTake(out Action<TimeSpan> input)
    {
        lock (_lock)
            return _inputs.TryDequeue(out input!);
    }
}
