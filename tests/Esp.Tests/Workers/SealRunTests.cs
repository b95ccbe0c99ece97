using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>Datagrams that are sealed together, as an independent implementation reads them.</summary>
public sealed class SealRunTests
{
    const int SegmentSize = 160;

    [Theory]
    [MemberData(nameof(Suites.ReferenceNumbers), MemberType = typeof(Suites))]
    public void SealsEverySegmentOfASuperPacket(int suite)
    {
        EspTransforms transforms = Suites.All[suite];
        // With extended numbers the low half wraps within the run.
        ulong initial = transforms.ExtendedSequenceNumbers ? 0x7_FFFF_FFF0UL : 41;
        foreach (int count in (int[])[1, 2, 5, 9, 16, 17, 31, 64])
        {
            foreach (int lastLength in (int[])[SegmentSize, 1, 97])
            {
                using var pair = new TunnelPair(transforms, left: parameters => parameters with { InitialSequenceNumber = initial });
                var sink = new CollectingSink();
                byte[] packet = TestPackets.Tcp(0x10, [], (count - 1) * SegmentSize + lastLength);
                pair.Left.Seal(new SuperPacket(packet, SegmentationKind.TcpV4, SegmentSize), ref sink);
                Assert.Equal(count, sink.Datagrams.Count);
                List<byte> stream = [];
                for (int i = 0; i < count; i++)
                {
                    ulong sequence = initial + (ulong)i + 1;
                    byte[] payload = ReferenceEsp.Open(transforms, pair.ForwardKey, pair.ForwardIntegrityKey, sink.Datagrams[i],
                        transforms.ExtendedSequenceNumbers ? (uint)(sequence >> 32) : 0);
                    Assert.Equal((uint)sequence, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(sink.Datagrams[i].AsSpan(4)));
                    Assert.Equal(4, payload[^1]);
                    stream.AddRange(payload[40..^(payload[^2] + 2)]);
                }
                Assert.Equal(packet[40..], stream);
            }
        }
    }

    /// <summary>The engine's owner may remove an SA from within the sink of a worker that has not given everything away.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void NothingLeavesUnsealedWhenItsSaIsRemoved(bool chains)
    {
        using var pair = new TunnelPair(chains ? Suites.Cbc256Sha256 : Suites.Gcm256);
        DataPathWorker worker = pair.Left.CreateWorker();
        var sink = new RemovingSink(pair.Left);
        byte[] packet = TestPackets.Udp(200);
        worker.Seal(new SuperPacket([.. packet]), ref sink);
        worker.Open([0, 0, 0, 0, .. new byte[28]], 0, pair.LeftPath, 0, ref sink);
        worker.Flush(ref sink);
        Assert.True(sink.HasRemoved);
        foreach (byte[] datagram in sink.Datagrams)
            Assert.Equal([packet], pair.OpenRight(datagram));
        worker.Seal(new SuperPacket([.. packet]), ref sink);
        int count = sink.Datagrams.Count;
        worker.Flush(ref sink);
        Assert.Equal(count, sink.Datagrams.Count);
    }

    struct RemovingSink(DataPath dataPath) : IDataPathSink
    {
        public bool HasRemoved { get; private set; }
        public List<byte[]> Datagrams { get; } = [];

        public readonly void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize) =>
            Datagrams.Add(datagrams.ToArray());

        public readonly void Deliver(Span<byte> innerPacket) => Assert.Fail("nothing arrives here");

        public void Ike(ReadOnlySpan<byte> message, in NetworkPath path)
        {
            dataPath.Remove(TunnelPair.FirstSa);
            HasRemoved = true;
        }
    }
}
