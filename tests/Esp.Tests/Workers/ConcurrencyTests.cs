using System.Buffers.Binary;
using System.Collections.Concurrent;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>Several workers on one SA: numbers are unique and leave in order, each packet is accepted once.</summary>
public class ConcurrencyTests
{
    const int Workers = 4;
    const int PacketsPerWorker = 3000;

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task SealsInOrderAndAcceptsEachPacketOnce(int suite)
    {
        using var pair = new TunnelPair(Suites.All[suite], right: parameters => parameters with { ReplayWindow = 4096 });
        var wire = new ConcurrentQueue<byte[]>();
        await Run(worker =>
        {
            var sink = new QueueSink(wire);
            for (int i = 0; i < PacketsPerWorker; i++)
                pair.Left.Seal(new SuperPacket(TestPackets.Udp(20 + worker)), ref sink);
        });
        byte[][] datagrams = [.. wire];
        Assert.Equal(Enumerable.Range(1, Workers * PacketsPerWorker).Select(i => (uint)i),
            datagrams.Select(datagram => BinaryPrimitives.ReadUInt32BigEndian(datagram.AsSpan(4))));

        // Every worker opens every packet, all at the same place of the stream.
        int delivered = 0;
        using var barrier = new Barrier(Workers);
        await Run(worker =>
        {
            var sink = new CountingSink { Last = [] };
            for (int start = 0; start < datagrams.Length; start += 1000)
            {
                barrier.SignalAndWait(TestContext.Current.CancellationToken);
                for (int i = start; i < start + 1000; i++)
                    pair.Right.Open([.. datagrams[i]], 0, pair.RightPath, 0, ref sink);
            }
            Interlocked.Add(ref delivered, sink.Delivered);
        });
        Assert.Equal(datagrams.Length, delivered);
        Assert.Equal((ulong)datagrams.Length, pair.Right.InboundPackets(TunnelPair.FirstSa));
        Assert.Equal((ulong)(datagrams.Length * (Workers - 1)), pair.Right.GetCounter(DataPathCounter.Replay));
    }

    [Fact]
    public async Task SurvivesInstallingAndRemovingUnderTraffic()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        using var stop = new CancellationTokenSource();
        int delivered = 0;
        Task traffic = Run(worker =>
        {
            var sink = new CountingSink { Last = new byte[65_536] };
            byte[] batch = new byte[65_536];
            while (!stop.IsCancellationRequested)
            {
                // Between two SAs a packet may find none; then nothing is sent.
                sink.LastLength = 0;
                pair.Left.Seal(new SuperPacket(TestPackets.Udp(500)), ref sink);
                sink.Last.AsSpan(0, sink.LastLength).CopyTo(batch);
                pair.Right.Open(batch.AsSpan(0, sink.LastLength), 0, pair.RightPath, 0, ref sink);
            }
            Interlocked.Add(ref delivered, sink.Delivered);
        });
        for (ulong id = 2; id < 300; id++)
        {
            pair.AddSa(id, id % 2 == 0 ? Suites.Cbc256Sha256 : Suites.Gcm256,
                left: parameters => parameters with { Replaces = id - 1 },
                right: parameters => parameters with { Replaces = id - 1, OutboundWaits = true });
            pair.Left.RemoveOutbound(id - 1);
            pair.Left.Remove(id - 1);
            pair.Right.Remove(id - 1);
            TunnelPair.TakeReports(pair.Right);
            pair.Right.SetPath(id, pair.RightPath);
            pair.Left.SetRoutes(TunnelPair.Routes(TunnelPair.LeftNetworks, TunnelPair.RightNetworks, mssClamp: (int)id));
        }
        await stop.CancelAsync();
        await traffic;
        Assert.True(delivered > 0);
        Assert.Equal(0UL, pair.Right.GetCounter(DataPathCounter.Integrity));
        Assert.Equal(0UL, pair.Right.GetCounter(DataPathCounter.MalformedInner));
    }

    static Task Run(Action<int> work) =>
        Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Factory.StartNew(() => work(worker), TaskCreationOptions.LongRunning)));

    readonly struct QueueSink(ConcurrentQueue<byte[]> wire) : IDataPathSink
    {
        public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize) =>
            wire.Enqueue(datagrams.ToArray());

        public void Deliver(Span<byte> innerPacket) => throw new InvalidOperationException();

        public void Ike(ReadOnlySpan<byte> message, in NetworkPath path) => throw new InvalidOperationException();
    }
}
