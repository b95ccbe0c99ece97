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
sealed class PacketWorkers(DataPath dataPath, OuterSockets sockets, IInnerSide inner, EngineLoop engine, HostClock clock, ILogger logger) : IDisposable
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
    public void Start(OuterSocket socket) => StartThread($"receive {socket.Encapsulation} {socket.Local}", () => Receive(socket));

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

    /// <summary>Takes one inner packet from the inner side. It may be changed in place.</summary>
    public void Seal(Span<byte> packet)
    {
        var sink = new WorkerSink(this);
        try
        {
            dataPath.AdvanceTo(clock.Monotonic);
            dataPath.Seal(new SuperPacket(packet), ref sink);
        }
        catch (Exception exception)
        {
            logger.WorkerFault(exception);
        }
    }

    /// <summary>Sends one datagram to where the path leads. Called by the engine's thread too.</summary>
    public void Send(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagram)
    {
        int error = sockets.For(path)?.Send(path.Remote, trafficClass, datagram) ?? ErrorNumber.AddressNotAvailable;
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
        do
        {
            int count;
            while ((count = batch.Receive(socket.Descriptor)) > 0 && !Stop.IsSet)
            {
                dataPath.AdvanceTo(clock.Monotonic);
                for (int i = 0; i < count; i++)
                    Open(socket, batch.Datagram(i), batch.Sender(i), batch.TrafficClass(i));
            }
            if (count < 0)
                Thread.Sleep(PauseAfterError);
        }
        while (Stop.WaitForInput(socket.Descriptor));
    }

    void Open(OuterSocket socket, Span<byte> datagram, TransportAddress sender, byte trafficClass)
    {
        try
        {
            if (socket.Encapsulation == PathEncapsulation.Ike)
            {
                engine.Post(datagram, new NetworkPath(socket.Local, sender, PathEncapsulation.Ike));
                return;
            }
            if (socket.Encapsulation == PathEncapsulation.RawEsp)
            {
                sender = sender with { Port = 0 };
                if (!socket.Local.Address.IsV6 && !TryStripHeader(ref datagram, ref trafficClass))
                    return;
            }
            var sink = new WorkerSink(this);
            dataPath.Open(datagram, 0, new NetworkPath(socket.Local, sender, socket.Encapsulation), trafficClass, ref sink);
        }
        catch (Exception exception)
        {
            logger.WorkerFault(exception);
        }
    }

    /// <summary>A raw IPv4 socket hands over the IP header too, a raw IPv6 socket does not (raw(7), RFC 3542 §3).</summary>
    static bool TryStripHeader(ref Span<byte> datagram, ref byte trafficClass)
    {
        if (!IpPacket.TryParse(datagram, out IpPacket packet))
            return false;
        trafficClass = packet.TrafficClass;
        datagram = datagram[packet.HeaderLength..packet.TotalLength];
        return true;
    }

    readonly struct WorkerSink(PacketWorkers workers) : IDataPathSink
    {
        public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
        {
            while (datagrams.Length > segmentSize)
            {
                workers.Send(path, trafficClass, datagrams[..segmentSize]);
                datagrams = datagrams[segmentSize..];
            }
            workers.Send(path, trafficClass, datagrams);
        }

        public void Deliver(ReadOnlySpan<byte> innerPacket) => workers.Deliver(innerPacket);

        public void Ike(ReadOnlySpan<byte> message, in NetworkPath path) => workers.PostToEngine(message, path);
    }

    void Deliver(ReadOnlySpan<byte> packet) => inner.Deliver(packet, this);

    void PostToEngine(ReadOnlySpan<byte> message, in NetworkPath path) => engine.Post(message, path);
}
