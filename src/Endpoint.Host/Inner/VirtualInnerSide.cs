using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.EndpointHost.Hosting;
using Ipsec.EndpointHost.Native;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Inner;

/// <summary>
/// The topology file's virtual hosts as the protected side, in this process: no TUN, no routes, no privileges. They answer
/// ping and send it. One thread for each instance; what does not fit into its queue is lost, as on any link.
/// </summary>
sealed class VirtualInnerSide : IInnerSide
{
    const int QueueLength = 1024;
    static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    readonly Lock _lock = new();
    readonly Queue<Action> _inputs = new();
    readonly AutoResetEvent _wake = new(false);
    readonly VirtualGroup _group;
    ImmutableArray<IpPrefix> _carried = [];
    Sealer? _sealer;

    public VirtualInnerSide(VirtualGroup group) => _group = group;

    public string Kind => "virtual";
    public string? InterfaceName => null;
    public int InterfaceIndex => 0;
    public string Description => "virtual hosts";

    public void AddOuter(IEnumerable<TransportAddress> outer)
    {
    }

    public void Start(PacketWorkers workers)
    {
        _sealer = workers.CreateSealer(workers.CreateWorker());
        _group.Join(this);
        workers.Stop.Register(() => _wake.Set());
        workers.StartThread("virtual hosts", () => Run(workers.Stop));
    }

    public IInnerWriter CreateWriter(PacketWorkers workers, int worker) => new Writer(this, workers);

    /// <summary>Pings from a virtual host. The round-trip time, or null if no answer came; false in <c>Known</c> if there is no such host.</summary>
    public Task<(bool Known, TimeSpan? RoundTripTime)> PingAsync(string host, IpAddress destination, int dataLength, TimeSpan timeout)
    {
        var completion = new TaskCompletionSource<(bool, TimeSpan?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isPosted = TryPost(() =>
        {
            if (!_group.TryPing(host, destination, dataLength, timeout, time => completion.SetResult((true, time))))
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

    public void SetCarried(ImmutableArray<IpPrefix> prefixes) => ImmutableInterlocked.InterlockedExchange(ref _carried, prefixes);

    /// <summary>A tunnel of this instance is up for the address.</summary>
    public bool Carries(IpAddress destination) => _carried.Any(prefix => prefix.Contains(destination));

    /// <summary>Takes a packet of a host, one at a time. It may be changed in place.</summary>
    public void Send(byte[] packet)
    {
        _sealer!.BeginTurn();
        _sealer.Seal(packet, hasHeader: false);
        _sealer.EndTurn();
    }

    public void Dispose()
    {
        _group.Leave(this);
        _wake.Dispose();
    }

    bool TryPost(Action input)
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
            while (TryTake(out Action? input))
                input();
            TimeSpan? wait = _group.HandleTimeout();
            if (wait is null || wait > TimeSpan.Zero)
                _wake.WaitOne(wait is TimeSpan limit && limit < LongestWait ? limit + TimeSpan.FromMilliseconds(1) : LongestWait);
        }
    }

    bool TryTake([NotNullWhen(true)] out Action? input)
    {
        lock (_lock)
            return _inputs.TryDequeue(out input);
    }

    sealed class Writer(VirtualInnerSide inner, PacketWorkers workers) : IInnerWriter
    {
        public void Add(Span<byte> memory, Span<byte> packet)
        {
            byte[] copy = packet.ToArray();
            if (!inner.TryPost(() => inner._group.Receive(copy)))
                workers.CountUndelivered();
        }

        public void Flush(Span<byte> memory)
        {
        }

        public void Dispose()
        {
        }
    }
}
