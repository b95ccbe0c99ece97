using System.Diagnostics;
using Ipsec.EndpointHost.Hosting;
using Ipsec.EndpointHost.Inner;
using Ipsec.EndpointHost.Native;
using Ipsec.Esp;
using Ipsec.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Ipsec.EndpointHost.Tests.Hosting;

public sealed class PacketThreadTests : IDisposable
{
    static readonly TimeSpan WayLongerThanAPoll = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(30);

    readonly DataPath _dataPath = new(new DataPathOptions(), new SeededRandomSource(1));
    readonly StopSignal _stop = new();

    [Fact]
    public void ASourceThatIsReadyHasItsTurn()
    {
        using PacketThread packets = Create(TimeSpan.Zero);
        var source = new CountingSource(TurnOutcome.Worked);
        packets.Add(source);
        Thread thread = Start(packets);

        for (int count = 1; count <= 5; count++)
        {
            source.Ready.Set();
            Assert.True(SpinWait.SpinUntil(() => source.Turns >= count, LongEnough));
        }
        Stop(thread);
        Assert.InRange(source.Turns, 5, 6);
    }

    [Fact]
    public void ASourceMayComeLater()
    {
        using PacketThread packets = Create(TimeSpan.Zero);
        Thread thread = Start(packets);
        var source = new CountingSource(TurnOutcome.Worked);
        source.Ready.Set();

        packets.Add(source);

        Assert.True(SpinWait.SpinUntil(() => source.Turns > 0, LongEnough));
        Stop(thread);
    }

    /// <summary>A descriptor with an error is ready all the time.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ASourceThatFailsIsLeftAloneAndHoldsNobodyUp(bool throws)
    {
        using PacketThread packets = Create(TimeSpan.Zero);
        var broken = new CountingSource(throws ? null : TurnOutcome.Failed, resets: false);
        var sound = new CountingSource(TurnOutcome.Worked);
        broken.Ready.Set();
        packets.Add(broken);
        packets.Add(sound);
        long start = Stopwatch.GetTimestamp();
        Thread thread = Start(packets);
        Assert.True(SpinWait.SpinUntil(() => broken.Turns > 0, LongEnough));

        for (int count = 1; count <= 50; count++)
        {
            sound.Ready.Set();
            Assert.True(SpinWait.SpinUntil(() => sound.Turns >= count, LongEnough));
        }
        Assert.True(SpinWait.SpinUntil(() => broken.Turns > 1, LongEnough));
        Stop(thread);
        // One turn each 100 ms.
        Assert.InRange(broken.Turns, 2, (int)(Stopwatch.GetElapsedTime(start).TotalMilliseconds / 100) + 2);
    }

    /// <summary>It would have a whole processor otherwise.</summary>
    [Fact]
    public void AThreadThatPollsSleepsWhenNothingCame()
    {
        using PacketThread packets = Create(TimeSpan.FromMilliseconds(5));
        var source = new CountingSource(TurnOutcome.Worked);
        packets.Add(source);
        Thread thread = Start(packets);
        source.Ready.Set();
        Assert.True(SpinWait.SpinUntil(() => source.Turns > 0, LongEnough));

        // It asks each source for its descriptor before it polls.
        Assert.True(SpinWait.SpinUntil(() =>
        {
            int polls = source.Polls;
            Thread.Sleep(WayLongerThanAPoll);
            return source.Polls == polls;
        }, LongEnough));
        source.Ready.Set();
        Assert.True(SpinWait.SpinUntil(() => source.Turns > 1, LongEnough));
        Stop(thread);
    }

    public void Dispose()
    {
        _dataPath.Dispose();
        _stop.Dispose();
    }

    PacketThread Create(TimeSpan busyPoll) =>
        new(new PacketWorker(0, _dataPath.CreateWorker(), new NoWriter()), _stop, busyPoll, NullLogger.Instance);

    static Thread Start(PacketThread packets)
    {
        var thread = new Thread(packets.Run) { IsBackground = true };
        thread.Start();
        return thread;
    }

    void Stop(Thread thread)
    {
        _stop.Set();
        Assert.True(thread.Join(LongEnough));
    }

    /// <param name="outcome">Null throws.</param>
    /// <param name="resets">What was ready is not ready after its turn.</param>
    sealed class CountingSource(TurnOutcome? outcome, bool resets = true) : IPacketSource
    {
        int _polls;
        int _turns;

        public WakeEvent Ready { get; } = new();
        public int Turns => Volatile.Read(ref _turns);
        public int Polls => Volatile.Read(ref _polls);

        public FileDescriptor Descriptor
        {
            get
            {
                Interlocked.Increment(ref _polls);
                return Ready.Descriptor;
            }
        }

        public TurnOutcome TakeTurn()
        {
            if (resets)
                Ready.Reset();
            Interlocked.Increment(ref _turns);
            return outcome ?? throw new InvalidOperationException("A fault of ours");
        }

        public void Dispose() => Ready.Dispose();
    }

    sealed class NoWriter : IInnerWriter
    {
        public void Add(Span<byte> memory, Span<byte> packet)
        {
        }

        public void Flush(Span<byte> memory)
        {
        }

        public void Dispose()
        {
        }
    }
}
