using System.Buffers.Binary;
using System.Collections.Concurrent;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>
/// What the kernel says of a coalesced read (UDP_GRO) is not believed: whatever the length of its segments is, each is counted for one reason, and what is no whole
/// datagram is dropped and moves no window.
/// </summary>
public sealed class GroBatchTests
{
    /// <summary>One cipher that opens packets one by one, and one that opens them side by side.</summary>
    public static TheoryData<bool> Ciphers => [false, true];

    static readonly DataPathCounter[] Outcomes =
    [
        DataPathCounter.Opened, DataPathCounter.MalformedEsp, DataPathCounter.UnknownSpi, DataPathCounter.Replay, DataPathCounter.Integrity,
        DataPathCounter.IkeMessages, DataPathCounter.Keepalives,
    ];

    [Theory]
    [MemberData(nameof(Ciphers))]
    public void EverySegmentSizeGivesEachSegmentOneOutcome(bool chains)
    {
        using TunnelPair pair = Pair(chains);
        byte[][] datagrams = [.. Enumerable.Range(0, 3).Select(_ => Assert.Single(pair.SealLeft(TestPackets.Udp(60))))];
        byte[] batch = [.. datagrams.SelectMany(datagram => datagram)];
        int right = datagrams[0].Length;
        for (int size = 1; size <= batch.Length + 3; size++)
        {
            // Where a datagram stands whole.
            if (size == right || size == 2 * right)
                continue;
            var sink = new CollectingSink();
            ulong before = Count(pair.Right);
            pair.Right.Open([.. batch], size, pair.RightPath, 0, ref sink);
            Assert.Empty(sink.Delivered);
            Assert.Equal((ulong)(batch.Length + size - 1) / (ulong)size, Count(pair.Right) - before);
        }
        Assert.Equal(0UL, pair.Right.GetCounter(DataPathCounter.Opened));
        Assert.NotEqual(0UL, pair.Right.GetCounter(DataPathCounter.MalformedEsp));
        Assert.NotEqual(0UL, pair.Right.GetCounter(DataPathCounter.UnknownSpi));
        Assert.NotEqual(0UL, pair.Right.GetCounter(DataPathCounter.Integrity));
        // None of that was authentic, so that nothing has moved.
        Assert.Equal(3, Open(pair, batch, right).Delivered.Count);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    [InlineData(true, 2)]
    public void ABoundaryInTheMiddleOfADatagramCostsWhatItCuts(bool chains, int shift)
    {
        using TunnelPair pair = Pair(chains);
        byte[][] datagrams = [.. Enumerable.Range(0, 4).Select(_ => Assert.Single(pair.SealLeft(TestPackets.Udp(60))))];
        int length = datagrams[0].Length;
        // Whole ones, then one of which the end is missing, so that all that follows stands at the wrong place.
        byte[] batch = [.. datagrams[0], .. datagrams[1], .. datagrams[2][..^shift], .. datagrams[3]];
        Assert.Equal(2, Open(pair, batch, length).Delivered.Count);
        Assert.Equal(2UL, Count(pair.Right) - pair.Right.GetCounter(DataPathCounter.Opened));
    }

    /// <summary>A read that did not fit its buffer ends anywhere (MSG_TRUNC).</summary>
    [Theory]
    [MemberData(nameof(Ciphers))]
    public void ATruncatedLastSegmentIsDroppedAndCounted(bool chains)
    {
        byte[] packet = TestPackets.Udp(60);
        int length;
        using (TunnelPair measured = Pair(chains))
            length = Assert.Single(measured.SealLeft(packet)).Length;
        for (int left = 1; left < length; left++)
        {
            using TunnelPair pair = Pair(chains);
            byte[][] datagrams = [.. Enumerable.Range(0, 3).Select(_ => Assert.Single(pair.SealLeft(packet)))];
            Assert.Equal([packet, packet], Open(pair, [.. datagrams[0], .. datagrams[1], .. datagrams[2][..left]], length).Delivered);
            Assert.Equal(3UL, Count(pair.Right));
            // The whole one may still come.
            Assert.Equal([packet], Open(pair, datagrams[2], 0).Delivered);
        }
    }

    [Theory]
    [MemberData(nameof(Ciphers))]
    public void ALastSegmentMayBeShorterAndAnOversizedSegmentSizeIsOneDatagram(bool chains)
    {
        using TunnelPair pair = Pair(chains);
        byte[] first = Assert.Single(pair.SealLeft(TestPackets.Udp(60)));
        byte[] shorter = Assert.Single(pair.SealLeft(TestPackets.Udp(3)));
        Assert.Equal([TestPackets.Udp(60), TestPackets.Udp(3)], Open(pair, [.. first, .. shorter], first.Length).Delivered);
        foreach (int size in (int[])[int.MaxValue, 65_536, 0, -1, int.MinValue])
        {
            byte[] alone = Assert.Single(pair.SealLeft(TestPackets.Udp(60)));
            Assert.Equal([TestPackets.Udp(60)], Open(pair, alone, size).Delivered);
            Assert.Empty(Open(pair, [.. alone, .. alone], size).Delivered);
        }
        Assert.Equal(5UL, pair.Right.GetCounter(DataPathCounter.Integrity) + pair.Right.GetCounter(DataPathCounter.Replay)
            + pair.Right.GetCounter(DataPathCounter.MalformedEsp));
    }

    /// <summary>Two SAs in turns, one of either cipher, and between them what else may stand in one read; what is good arrives, in its order.</summary>
    [Theory]
    [MemberData(nameof(Ciphers))]
    public void AMixedBatchIsTakenApartSegmentBySegment(bool chains)
    {
        using TunnelPair pair = Pair(chains);
        using TunnelPair other = Pair(!chains, seed: 2);
        // As many octets as a datagram of the other cipher may have.
        byte[] Next(int number) => Assert.Single(pair.SealLeft(TestPackets.Udp(chains ? 60 : 72, sourcePort: (ushort)number)));
        byte[] first = Next(1);
        byte[] forged = Next(2);
        forged[^1] ^= 1;
        byte[] ike = new byte[first.Length];
        ike[4] = 0xAB;
        byte[] unknown = [.. Assert.Single(other.SealLeft(TestPackets.Udp(60)))];
        unknown.AsSpan(0, 4).Fill(0x7F);
        Array.Resize(ref unknown, first.Length);
        byte[] garbage = new byte[first.Length];
        new Random(5).NextBytes(garbage);
        pair.AddSa(2, chains ? Suites.Gcm256 : Suites.Cbc256Sha256, right: sa => sa with { Replaces = TunnelPair.FirstSa });
        int second = Enumerable.Range(1, 200).First(octets => Assert.Single(pair.SealLeft(TestPackets.Udp(octets))).Length == first.Length);
        byte[] OfSecond(int number) => Assert.Single(pair.SealLeft(TestPackets.Udp(second, sourcePort: (ushort)number)));
        byte[][] datagrams = [first, OfSecond(3), OfSecond(4), forged, ike, OfSecond(5), first, unknown, OfSecond(6), garbage, OfSecond(7), [0xFF]];

        CollectingSink sink = Open(pair, [.. datagrams.SelectMany(datagram => datagram)], first.Length);

        Assert.Equal([1, 3, 4, 5, 6, 7], sink.Delivered.Select(SourcePort));
        Assert.Equal(ike[4..], Assert.Single(sink.IkeMessages));
        Assert.Equal([6UL, 0UL, 2UL, 1UL, 1UL, 1UL, 1UL], Outcomes.Select(pair.Right.GetCounter));
    }

    /// <summary>Each of several threads opens every batch, all of them at the same place of the stream.</summary>
    [Theory]
    [MemberData(nameof(Ciphers))]
    public async Task WhoeverOpensABatchEachDatagramIsDeliveredOnce(bool chains)
    {
        const int workers = 4;
        const int batches = 150;
        const int perBatch = 40;
        using TunnelPair pair = Pair(chains);
        (byte[] Octets, int Size)[] reads = [.. Enumerable.Range(0, batches).Select(batch => Batch(pair, batch, perBatch))];
        var delivered = new ConcurrentQueue<int>();
        using var barrier = new Barrier(workers);
        await Task.WhenAll(Enumerable.Range(0, workers).Select(number => Task.Factory.StartNew(() =>
        {
            DataPathWorker worker = pair.Right.CreateWorker();
            var sink = new NumberSink(delivered);
            foreach ((byte[] octets, int size) in reads)
            {
                byte[] copy = [.. octets];
                barrier.SignalAndWait(TestContext.Current.CancellationToken);
                // Half of them begin in the middle.
                int skipped = number % 2 * perBatch / 2 * size;
                worker.Open(copy.AsSpan(skipped), size, pair.RightPath, 0, ref sink);
                worker.Open(copy.AsSpan(0, skipped), size, pair.RightPath, 0, ref sink);
                worker.Flush(ref sink);
            }
        }, TaskCreationOptions.LongRunning)));
        Assert.Equal(Enumerable.Range(0, batches * perBatch), delivered.Order());
        Assert.Equal((ulong)(batches * perBatch), pair.Right.GetCounter(DataPathCounter.Opened));
        Assert.Equal((ulong)(batches * perBatch * (workers - 1)), pair.Right.GetCounter(DataPathCounter.Replay));
    }

    /// <summary>Threads with workers of their own, which gather single packets and super-packets until they flush, on one SA.</summary>
    [Theory]
    [MemberData(nameof(Ciphers))]
    public async Task WhoeverSealsNumbersLeaveInOrder(bool chains)
    {
        const int workers = 4;
        const int rounds = 400;
        using TunnelPair pair = Pair(chains);
        var wire = new ConcurrentQueue<(byte[] Datagrams, int SegmentSize)>();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(number => Task.Factory.StartNew(() =>
        {
            DataPathWorker worker = pair.Left.CreateWorker();
            var random = new Random(number);
            var sink = new WireSink(wire);
            byte[] packet = TestPackets.Udp(100);
            byte[] super = TestPackets.Udp(1000);
            for (int round = 0; round < rounds; round++)
            {
                if (random.Next(4) == 0)
                    worker.Seal(new SuperPacket([.. super], SegmentationKind.UdpV4, random.Next(100, 400)), ref sink);
                else
                    worker.Seal(new SuperPacket([.. packet]), ref sink);
                if (random.Next(5) == 0)
                    worker.Flush(ref sink);
            }
            worker.Flush(ref sink);
        }, TaskCreationOptions.LongRunning)));
        uint[] numbers = [.. wire.SelectMany(run => run.Datagrams.Chunk(run.SegmentSize)).Select(datagram => BinaryPrimitives.ReadUInt32BigEndian(datagram.AsSpan(4)))];
        Assert.True(numbers.Length > workers * rounds);
        Assert.Equal(Enumerable.Range(1, numbers.Length).Select(number => (uint)number), numbers);
    }

    static TunnelPair Pair(bool chains, ulong seed = 1) => new(chains ? Suites.Cbc256Sha256 : Suites.Gcm256, seed: seed);

    static CollectingSink Open(TunnelPair pair, byte[] batch, int segmentSize)
    {
        var sink = new CollectingSink();
        pair.Right.Open([.. batch], segmentSize, pair.RightPath, 0, ref sink);
        return sink;
    }

    static ulong Count(DataPath dataPath) => Outcomes.Aggregate(0UL, (sum, counter) => sum + dataPath.GetCounter(counter));

    /// <summary>Datagrams of one length whose packets carry their numbers as both ports.</summary>
    static (byte[] Octets, int Size) Batch(TunnelPair pair, int batch, int count)
    {
        byte[][] datagrams = [.. Enumerable.Range(batch * count, count)
            .Select(number => Assert.Single(pair.SealLeft(TestPackets.Udp(60, sourcePort: (ushort)(number >> 8), destinationPort: (ushort)(number & 255)))))];
        return ([.. datagrams.SelectMany(datagram => datagram)], datagrams[0].Length);
    }

    static int SourcePort(byte[] packet) => BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(20));

    readonly struct NumberSink(ConcurrentQueue<int> delivered) : IDataPathSink
    {
        public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize) => throw new InvalidOperationException();

        public void Deliver(Span<byte> innerPacket) =>
            delivered.Enqueue(BinaryPrimitives.ReadUInt16BigEndian(innerPacket[20..]) << 8 | BinaryPrimitives.ReadUInt16BigEndian(innerPacket[22..]));

        public void Ike(ReadOnlySpan<byte> message, in NetworkPath path) => throw new InvalidOperationException();
    }

    readonly struct WireSink(ConcurrentQueue<(byte[] Datagrams, int SegmentSize)> wire) : IDataPathSink
    {
        public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize) =>
            wire.Enqueue((datagrams.ToArray(), segmentSize));

        public void Deliver(Span<byte> innerPacket) => throw new InvalidOperationException();

        public void Ike(ReadOnlySpan<byte> message, in NetworkPath path) => throw new InvalidOperationException();
    }
}
