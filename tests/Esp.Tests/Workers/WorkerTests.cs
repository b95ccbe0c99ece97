using System.Buffers.Binary;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>A worker that gathers what it seals until it is told to give it away.</summary>
public sealed class WorkerTests
{
    [Fact]
    public void PacketsOfOneSaLeaveTogether()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        DataPathWorker worker = pair.Left.CreateWorker();
        var sink = new RunSink();
        for (int i = 0; i < 100; i++)
            worker.Seal(new SuperPacket(TestPackets.Udp(64)), ref sink);
        // The kernel takes 64 in one go.
        Assert.Equal([64], sink.Runs.Select(run => run.Count));
        worker.Flush(ref sink);
        Assert.Equal([64, 36], sink.Runs.Select(run => run.Count));
        Assert.Equal(Enumerable.Range(1, 100).Select(number => (uint)number), sink.Sequences);
        Assert.Equal(100, sink.Datagrams.Sum(datagram => pair.OpenRight(datagram).Count));
        Assert.Equal(100ul, pair.Left.GetCounter(DataPathCounter.Sealed));
    }

    [Fact]
    public void AShorterPacketIsTheLastOfItsRun()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        DataPathWorker worker = pair.Left.CreateWorker();
        var sink = new RunSink();
        foreach (int length in (int[])[64, 64, 60, 64, 100])
            worker.Seal(new SuperPacket(TestPackets.Udp(length)), ref sink);
        worker.Flush(ref sink);
        Assert.Equal([3, 1, 1], sink.Runs.Select(run => run.Count));
        Assert.Equal(5, sink.Datagrams.Sum(datagram => pair.OpenRight(datagram).Count));
    }

    [Fact]
    public void AnotherTrafficClassGoesInARunOfItsOwn()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        DataPathWorker worker = pair.Left.CreateWorker();
        var sink = new RunSink();
        foreach (byte trafficClass in (byte[])[0, 0, 2, 2])
            worker.Seal(new SuperPacket(TestPackets.Udp(64, trafficClass: trafficClass)), ref sink);
        worker.Flush(ref sink);
        Assert.Equal([(2, 0), (2, 2)], sink.Runs.Select(run => (run.Count, (int)run.TrafficClass)));
    }

    [Fact]
    public void AChangedPathTakesWhatComesAfter()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        DataPathWorker worker = pair.Left.CreateWorker();
        var sink = new RunSink();
        NetworkPath moved = pair.LeftPath with { Remote = new TransportAddress(IpAddress.Parse("192.0.2.77"), 4500) };
        worker.Seal(new SuperPacket(TestPackets.Udp(64)), ref sink);
        pair.Left.SetPath(TunnelPair.FirstSa, moved);
        worker.Seal(new SuperPacket(TestPackets.Udp(64)), ref sink);
        worker.Flush(ref sink);
        Assert.Equal([pair.LeftPath, moved], sink.Runs.Select(run => run.Path));
    }

    [Fact]
    public void NumbersLeaveInOrderHoweverManyWorkersSend()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        var sequences = new List<uint>();
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            DataPathWorker worker = pair.Left.CreateWorker();
            var sink = new RunSink { Shared = sequences };
            for (int i = 0; i < 400; i++)
            {
                worker.Seal(new SuperPacket(TestPackets.Udp(64)), ref sink);
                if (i % 7 == 0)
                    worker.Flush(ref sink);
            }
            worker.Flush(ref sink);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Equal(Enumerable.Range(1, 1600).Select(number => (uint)number), sequences);
    }

    [Fact]
    public void AWorkerThatFailedStopsNobody()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        DataPathWorker failing = pair.Left.CreateWorker();
        var sink = new RunSink { Fails = true };
        failing.Seal(new SuperPacket(TestPackets.Udp(64)), ref sink);
        Assert.Throws<InvalidOperationException>(() => failing.Flush(ref sink));
        failing.Seal(new SuperPacket(TestPackets.Udp(64)), ref sink);
        failing.Reset();

        List<byte[]> datagrams = [];
        var other = new Thread(() => datagrams = pair.SealLeft(TestPackets.Udp(64)));
        other.Start();
        Assert.True(other.Join(TimeSpan.FromSeconds(30)));
        Assert.Single(datagrams);
    }

    [Fact]
    public void AllocatesNothingPerPacket()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        DataPathWorker worker = pair.Left.CreateWorker();
        byte[] packet = TestPackets.Udp(64);
        var sink = new CountingSink { Last = new byte[70000] };
        long allocated = 0;
        for (int round = 0; round < 400; round++)
        {
            if (round == 200)
                allocated = GC.GetAllocatedBytesForCurrentThread();
            worker.Seal(new SuperPacket(packet), ref sink);
            if (round % 10 == 0)
                worker.Flush(ref sink);
        }
        worker.Flush(ref sink);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    sealed record Run(NetworkPath Path, byte TrafficClass, int Count);

    struct RunSink() : IDataPathSink
    {
        public List<Run> Runs { get; } = [];
        public List<byte[]> Datagrams { get; } = [];
        public List<uint>? Shared { get; init; }
        public bool Fails { get; init; }
        public readonly IEnumerable<uint> Sequences => Datagrams.Select(datagram => BinaryPrimitives.ReadUInt32BigEndian(datagram.AsSpan(4)));

        public readonly void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
        {
            if (Fails)
                throw new InvalidOperationException();
            int count = 0;
            for (; datagrams.Length > 0; datagrams = datagrams[Math.Min(segmentSize, datagrams.Length)..])
            {
                Datagrams.Add(datagrams[..Math.Min(segmentSize, datagrams.Length)].ToArray());
                // The SA is this worker's alone until the run is away: no other lock is needed.
                Shared?.Add(BinaryPrimitives.ReadUInt32BigEndian(datagrams[4..]));
                count++;
            }
            Runs.Add(new Run(path, trafficClass, count));
        }

        public readonly void Deliver(Span<byte> innerPacket) => Assert.Fail("nothing arrives here");

        public readonly void Ike(ReadOnlySpan<byte> message, in NetworkPath path) => Assert.Fail("nothing arrives here");
    }
}
