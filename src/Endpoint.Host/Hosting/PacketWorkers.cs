using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.EndpointHost.Engine;
using Ipsec.EndpointHost.Inner;
using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Outer;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Esp;
using Ipsec.Net;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>
/// The threads that move packets: each reads a queue of the inner side and a socket of every local address, and one more the sockets of IKE. They call the data path's
/// worker face with buffers of their own; only IKE messages go to the engine's thread.
/// </summary>
sealed class PacketWorkers : IDisposable
{
    readonly DataPath _dataPath;
    readonly OuterSockets _sockets;
    readonly IInnerSide _inner;
    readonly EngineLoop _engine;
    readonly HostClock _clock;
    readonly ILogger _logger;
    readonly PacketWorkerOptions _options;
    readonly List<Thread> _threads = [];
    readonly SendFailureLog _failures;
    readonly PacketThread _ike;
    ulong _undelivered;

    public PacketWorkers(DataPath dataPath, OuterSockets sockets, IInnerSide inner, EngineLoop engine, PacketWorkerOptions options, HostClock clock, ILogger logger)
    {
        (_dataPath, _sockets, _inner, _engine, _options, _clock, _logger) = (dataPath, sockets, inner, engine, options, clock, logger);
        _failures = new SendFailureLog(logger);
        Threads = [.. Enumerable.Range(0, options.Count).Select(index => new PacketThread(CreateWorker(index), Stop, options.BusyPoll, logger))];
        _ike = new PacketThread(CreateWorker(0), Stop, TimeSpan.Zero, logger);
    }

    public StopSignal Stop { get; } = new();

    /// <summary>Those that move ESP, by their workers' index.</summary>
    public ImmutableArray<PacketThread> Threads { get; }

    /// <summary>Outer datagrams that the kernel refused to send.</summary>
    public ulong SendFailures => _failures.Count;

    /// <summary>Opened packets that the inner side did not take.</summary>
    public ulong Undelivered => Volatile.Read(ref _undelivered);

    /// <summary>What of the kernel's and the processor's abilities is used, in words.</summary>
    public string Description
    {
        get
        {
            string threads = Threads.Length == 1 ? "1 thread" : $"{Threads.Length} threads";
            string waiting = _options.BusyPoll > TimeSpan.Zero ? $" that poll for {_options.BusyPoll.TotalMicroseconds:0} µs" : "";
            return $"{threads}{waiting}; {_inner.Description}; {_sockets.Description}; AES-GCM by {PacketCiphers.GcmImplementation}";
        }
    }

    public void Start()
    {
        foreach (OuterSocket socket in _sockets.All)
            Start(socket);
        _inner.Start(this);
        foreach (PacketThread thread in Threads)
            StartThread($"packets {thread.Worker.Index}", thread.Run);
        StartThread("receive IKE", _ike.Run);
    }

    /// <summary>Receives from one socket more.</summary>
    public void Start(OuterSocket socket)
    {
        PacketThread thread = socket.Worker is int worker ? Threads[worker % Threads.Length] : _ike;
        thread.Add(new SocketSource(this, socket, thread, _engine, _logger));
    }

    /// <summary>Does something of the inner side on the engine's thread, where its routes are set too.</summary>
    public void OnEngine(Action work) => _ = _engine.InvokeAsync((_, _) =>
    {
        work();
        return true;
    });

    public void StartThread(string name, Action work)
    {
        var thread = new Thread(() => work()) { IsBackground = true, Name = name };
        lock (_threads)
            _threads.Add(thread);
        thread.Start();
    }

    /// <summary>For a thread that the inner side has for itself.</summary>
    public PacketWorker CreateWorker() => CreateWorker(0);

    /// <summary>One thread's way into the data path.</summary>
    public Sealer CreateSealer(PacketWorker worker) => new(this, worker, _logger);

    public void AdvanceTime() => _dataPath.AdvanceTo(_clock.Monotonic);

    /// <summary>Sends ESP to where the path leads.</summary>
    /// <param name="worker">Whose socket it leaves by; learns what the path carries, where that is less than what was sent.</param>
    /// <param name="segmentSize">Length of each datagram, the last one may be shorter.</param>
    public void Send(PacketWorker worker, in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
        OuterSocket? socket = _sockets.For(path, worker.Index);
        int error = socket?.Send(path.Remote, trafficClass, datagrams, segmentSize) ?? ErrorNumber.AddressNotAvailable;
        if (error == ErrorNumber.MessageTooLong && socket!.PathMtu(path.Remote.Address) is int mtu)
        {
            worker.DataPath.LearnPathMtu(path.Remote.Address, mtu);
            // These are sealed already, or cannot be smaller (IPv6 inside): they go in fragments, where the endpoint is one that fragments.
            if (_options.Fragments)
                error = socket.SendInFragments(path.Remote, trafficClass, datagrams, segmentSize);
        }
        if (error != 0)
            _failures.Add(path, error);
    }

    /// <summary>Sends what the engine says. On its thread.</summary>
    public void SendIke(in NetworkPath path, ReadOnlySpan<byte> datagram)
    {
        int error = _sockets.For(path, worker: null)?.Send(path.Remote, 0, datagram, datagram.Length) ?? ErrorNumber.AddressNotAvailable;
        if (error != 0)
            _failures.Add(path, error);
    }

    public void TellInnerSideIsLost(string name, int error) => _logger.InnerSideLost(name, LibC.Describe(error));

    public void TellInnerSideIsBack(string name) => _logger.InnerSideIsBack(name);

    public void TellInnerRefusal(string refusal) => _logger.InnerRouteRefused(refusal);

    public void CountUndelivered() => Interlocked.Increment(ref _undelivered);

    /// <summary>Wakes every worker and waits for its end.</summary>
    public void Dispose()
    {
        Stop.Set();
        Thread[] threads;
        lock (_threads)
            threads = [.. _threads];
        foreach (Thread thread in threads)
            thread.Join();
        foreach (PacketThread thread in Threads)
            thread.Dispose();
        _ike.Dispose();
        Stop.Dispose();
    }

    PacketWorker CreateWorker(int index) => new(index, _dataPath.CreateWorker(), _inner.CreateWriter(this, index));
}

/// <summary>How packets are moved.</summary>
/// <param name="Count">Threads, at least 1.</param>
/// <param name="BusyPoll">How long a thread that moved packets asks for more before it sleeps.</param>
/// <param name="Fragments">What is too long for the outer path goes in fragments until it is known that it is; otherwise it is lost.</param>
readonly record struct PacketWorkerOptions(int Count, TimeSpan BusyPoll, bool Fragments);
