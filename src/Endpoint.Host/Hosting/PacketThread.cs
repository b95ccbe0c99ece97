using System.Collections.Immutable;
using System.Diagnostics;
using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Outer;
using Ipsec.EndpointHost.Telemetry;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>
/// One thread with its own worker of the data path, which moves packets in both directions: an answer that the kernel gives while a packet is written to the TUN is
/// sealed without anybody having been woken.
/// </summary>
/// <param name="busyPoll">After the last packet the thread asks on for so long, instead of sleeping until it is woken.</param>
sealed unsafe class PacketThread(PacketWorker worker, StopSignal stop, TimeSpan busyPoll, ILogger logger) : IDisposable
{
    const int Forever = -1;

    // Before those of the sources: the signal to stop, and that the sources have changed.
    const int FirstSource = 2;

    static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    readonly WakeEvent _changed = new();
    readonly long _busyTicks = (long)(busyPoll.TotalSeconds * Stopwatch.Frequency);
    ImmutableArray<Entry> _sources = [];

    public PacketWorker Worker => worker;

    /// <summary>What all its sockets receive into: nothing lies in there between two turns.</summary>
    public ReceiveBatch Batch { get; } = new();

    /// <summary>From any thread.</summary>
    public void Add(IPacketSource source)
    {
        ImmutableInterlocked.Update(ref _sources, sources => sources.Add(new Entry(source)));
        _changed.Set();
    }

    /// <summary>Until the signal is set.</summary>
    public void Run()
    {
        PollEntry[] polled = GC.AllocateUninitializedArray<PollEntry>(FirstSource, pinned: true);
        long lastWork = Stopwatch.GetTimestamp();
        while (!stop.IsSet)
        {
            ImmutableArray<Entry> sources = _sources;
            if (polled.Length < FirstSource + sources.Length)
                polled = GC.AllocateUninitializedArray<PollEntry>(FirstSource + sources.Length, pinned: true);
            bool isBusy = _busyTicks > 0 && Stopwatch.GetTimestamp() - lastWork < _busyTicks;
            Wait(polled, sources, isBusy);
            for (int index = 0; index < sources.Length; index++)
            {
                if (polled[FirstSource + index].Returned != 0 && TakeTurn(sources[index]) && _busyTicks > 0)
                    lastWork = Stopwatch.GetTimestamp();
            }
            if (polled[1].Returned != 0)
                _changed.Reset();
        }
    }

    public void Dispose()
    {
        foreach (Entry entry in _sources)
            entry.Source.Dispose();
        worker.Writer.Dispose();
        Batch.Dispose();
        _changed.Dispose();
    }

    void Wait(PollEntry[] polled, ImmutableArray<Entry> sources, bool isBusy)
    {
        polled[0] = PollEntry.ForInput(stop.Descriptor);
        polled[1] = PollEntry.ForInput(_changed.Descriptor);
        int timeout = isBusy ? 0 : Forever;
        for (int index = 0; index < sources.Length; index++)
        {
            Entry entry = sources[index];
            PollEntry one = PollEntry.ForInput(entry.Source.Descriptor);
            if (entry.PausedUntil != 0 && Pause(entry) is > 0 and int milliseconds)
            {
                // poll(2) passes over what is below 0.
                one.Descriptor = -1;
                timeout = timeout == Forever ? milliseconds : Math.Min(timeout, milliseconds);
            }
            polled[FirstSource + index] = one;
        }
        int ready;
        fixed (PollEntry* start = polled)
            ready = LibC.Poll(start, (nuint)(FirstSource + sources.Length), timeout);
        if (ready < 0)
            polled.AsSpan().Clear();
        // Whom the packets are for may have been woken on this processor.
        if (ready == 0 && isBusy)
            Thread.Yield();
    }

    /// <summary>Milliseconds that are left of a source's pause, 0 if it is over.</summary>
    static int Pause(Entry entry)
    {
        long left = entry.PausedUntil - Stopwatch.GetTimestamp();
        if (left > 0)
            return (int)(left * 1000 / Stopwatch.Frequency) + 1;
        entry.PausedUntil = 0;
        return 0;
    }

    /// <summary>True if something was moved.</summary>
    bool TakeTurn(Entry entry)
    {
        TurnOutcome outcome;
        try
        {
            outcome = entry.Source.TakeTurn();
        }
        catch (Exception exception)
        {
            worker.DataPath.Reset();
            logger.WorkerFault(exception);
            outcome = TurnOutcome.Failed;
        }
        if (outcome == TurnOutcome.Failed)
            entry.PausedUntil = Stopwatch.GetTimestamp() + (long)(PauseAfterFailure.TotalSeconds * Stopwatch.Frequency);
        return outcome == TurnOutcome.Worked;
    }

    sealed class Entry(IPacketSource source)
    {
        public IPacketSource Source => source;

        /// <summary>A timestamp; 0 while it is not paused.</summary>
        public long PausedUntil { get; set; }
    }
}
