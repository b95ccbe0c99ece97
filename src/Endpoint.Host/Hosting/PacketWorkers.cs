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
/// The threads that move packets: one per outer socket and one for the inner side. They call the data path's worker face with
/// buffers of their own; only IKE messages go to the engine's thread.
/// </summary>
/// <param name="fragments">What is too long for the outer path goes in fragments until it is known that it is; otherwise it is lost.</param>
sealed class PacketWorkers(DataPath dataPath, OuterSockets sockets, IInnerSide inner, EngineLoop engine, bool fragments, HostClock clock, ILogger logger) : IDisposable
{
    /// <summary>A socket that keeps failing (its interface is gone) is asked again this much later.</summary>
    static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(100);

    readonly List<Thread> _threads = [];
    readonly SendFailureLog _failures = new(logger);
    ulong _undelivered;

    public StopSignal Stop { get; } = new();

    /// <summary>Outer datagrams that the kernel refused to send.</summary>
    public ulong SendFailures => _failures.Count;

    /// <summary>Opened packets that the inner side did not take.</summary>
    public ulong Undelivered => Volatile.Read(ref _undelivered);

    public void Start()
    {
        foreach (OuterSocket socket in sockets.All)
            Start(socket);
        inner.Start(this);
    }

    /// <summary>Receives from one socket more.</summary>
    public void Start(OuterSocket socket) => StartThread($"receive {(socket.IsForIke ? "IKE" : socket.Encapsulation)} {socket.Local}", () => Receive(socket));

    /// <summary>Does something of the inner side on the engine's thread, where its routes are set too.</summary>
    public void OnEngine(Action work) => _ = engine.InvokeAsync((_, _) =>
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

    /// <summary>One thread's way into the data path.</summary>
    public Sealer CreateSealer() => new(this, dataPath.CreateWorker(), inner.CreateWriter(this), logger);

    public void AdvanceTime() => dataPath.AdvanceTo(clock.Monotonic);

    /// <summary>Sends ESP to where the path leads.</summary>
    /// <param name="worker">Learns what the path carries, where that is less than what was sent.</param>
    /// <param name="segmentSize">Length of each datagram, the last one may be shorter.</param>
    public void Send(DataPathWorker worker, in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
        OuterSocket? socket = sockets.For(path, isIke: false);
        int error = socket?.Send(path.Remote, trafficClass, datagrams, segmentSize) ?? ErrorNumber.AddressNotAvailable;
        if (error == ErrorNumber.MessageTooLong && socket!.PathMtu(path.Remote.Address) is int mtu)
        {
            worker.LearnPathMtu(path.Remote.Address, mtu);
            // These are sealed already: they go in fragments, where the endpoint is one that fragments.
            if (fragments && sockets.For(path, isIke: true) is OuterSocket fragmenting && fragmenting != socket)
                error = fragmenting.Send(path.Remote, trafficClass, datagrams, segmentSize);
        }
        if (error != 0)
            _failures.Add(path, error);
    }

    /// <summary>Sends what the engine says. On its thread.</summary>
    public void SendIke(in NetworkPath path, ReadOnlySpan<byte> datagram)
    {
        int error = sockets.For(path, isIke: true)?.Send(path.Remote, 0, datagram, datagram.Length) ?? ErrorNumber.AddressNotAvailable;
        if (error != 0)
            _failures.Add(path, error);
    }

    /// <summary>A descriptor with an error is ready all the time: without a pause its worker would take a whole processor.</summary>
    public void PauseAfterInnerError(string name, int error, ref bool isTold)
    {
        if (!isTold)
            logger.InnerSideLost(name, LibC.Describe(error));
        isTold = true;
        Thread.Sleep(PauseAfterError);
    }

    public void TellInnerSideIsBack(string name) => logger.InnerSideIsBack(name);

    public void TellInnerRefusal(string refusal) => logger.InnerRouteRefused(refusal);

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
        Stop.Dispose();
    }

    void Receive(OuterSocket socket)
    {
        using var batch = new ReceiveBatch();
        using IInnerWriter writer = inner.CreateWriter(this);
        var opener = new Opener(this, socket, dataPath.CreateWorker(), writer, engine, logger);
        do
        {
            int count;
            while ((count = batch.Receive(socket.Descriptor)) > 0 && !Stop.IsSet)
            {
                AdvanceTime();
                opener.Open(batch, count);
            }
            if (count < 0)
                Thread.Sleep(PauseAfterError);
        }
        while (Stop.WaitForInput(socket.Descriptor));
    }
}
