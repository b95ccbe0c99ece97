using System.Buffers.Binary;
using Ipsec.Esp.Coalescing;
using Ipsec.Esp.Segmentation;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Coalescing;

/// <summary>Whatever comes out, cut again, is what went in, in the order of each flow.</summary>
public sealed class PacketCoalescerTests
{
    const byte Ack = 0x10;
    const byte Push = 0x08;
    const byte Fin = 0x01;
    const byte EchoCongestion = 0x40;
    const int Gap = 34;

    static readonly byte[] Timestamps = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8];

    [Theory]
    [InlineData(false, 12)]
    [InlineData(true, 12)]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    public void SegmentsOfAStreamBecomeOnePacket(bool isV6, int optionsLength)
    {
        byte[][] packets = Stream(isV6, optionsLength, 1000, 1000, 1000, 400);
        Output whole = Assert.Single(Coalesce(packets));
        Assert.Equal(isV6 ? SegmentationKind.TcpV6 : SegmentationKind.TcpV4, whole.Kind);
        Assert.Equal(1000, whole.SegmentSize);
        Assert.Equal((isV6 ? 40 : 20) + 20 + optionsLength, whole.HeaderLength);
        Assert.Equal(isV6 ? 40 : 20, whole.ChecksumStart);
        Assert.Equal(16, whole.ChecksumOffset);
        AssertPartialChecksum(whole);
        AssertSame(packets, whole.Cut());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DatagramsOfAFlowBecomeOnePacket(bool isV6)
    {
        byte[][] packets = [.. Enumerable.Range(0, 5).Select(i => isV6 ? TestPackets.UdpV6(i == 4 ? 70 : 100) : TestPackets.Udp(i == 4 ? 70 : 100, identification: (ushort)(7 + i)))];
        Output whole = Assert.Single(Coalesce(packets));
        Assert.Equal(isV6 ? SegmentationKind.UdpV6 : SegmentationKind.UdpV4, whole.Kind);
        Assert.Equal(100, whole.SegmentSize);
        Assert.Equal(6, whole.ChecksumOffset);
        AssertPartialChecksum(whole);
        AssertSame(packets, whole.Cut());
    }

    [Fact]
    public void NoWholeIsLongerThanIpAllowsOrHasMoreSegmentsThanTheKernelTakes()
    {
        byte[][] large = Stream(isV6: false, 12, [.. Enumerable.Repeat(1400, 100)]);
        List<Output> wholes = Coalesce(large);
        Assert.All(wholes, whole => Assert.InRange(whole.Bytes.Length, 1, ushort.MaxValue));
        Assert.Equal(3, wholes.Count);
        AssertSame(large, [.. wholes.SelectMany(whole => whole.Cut())]);

        byte[][] small = Stream(isV6: false, 12, [.. Enumerable.Repeat(10, 200)]);
        wholes = Coalesce(small);
        Assert.All(wholes, whole => Assert.InRange(whole.Cut().Count, 1, PacketCoalescer.MaximumSegments));
        Assert.Equal(4, wholes.Count);
        AssertSame(small, [.. wholes.SelectMany(whole => whole.Cut())]);
    }

    /// <summary>What has to stay as it came, and keep its place in the flow.</summary>
    public static TheoryData<string> Exceptions =>
    [
        "pure acknowledgement", "FIN", "ECE", "another acknowledgement number", "another window", "other options", "other ECN mark", "other hop limit",
        "IPv4 options", "gap in the numbers", "broken TCP checksum", "broken IP header checksum", "longer than the first", "fragment", "DF cleared",
    ];

    [Theory, MemberData(nameof(Exceptions))]
    public void WhatDiffersStaysApart(string what)
    {
        byte[][] packets = Stream(isV6: false, 12, 500, 500, 500, 500, 500);
        packets[2] = Change(packets[2], what);
        List<Output> outputs = Coalesce(packets);
        Assert.True(outputs.Count >= 3, $"{outputs.Count} packets");
        Assert.Contains(outputs, output => output.Kind == SegmentationKind.None && output.Bytes.SequenceEqual(packets[2])
            || output.Kind != SegmentationKind.None && output.Cut()[0].SequenceEqual(packets[2]));
        AssertSame(packets, [.. outputs.SelectMany(output => output.Cut())]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PushEndsAWhole(bool isLast)
    {
        byte[][] packets = Stream(isV6: false, 12, 500, 500, 500, 500);
        packets[1] = WithFlags(packets[1], isLast ? Ack : (byte)(Ack | Push));
        List<Output> outputs = Coalesce(packets);
        Assert.Equal(isLast ? 1 : 2, outputs.Count);
        AssertSame(packets, [.. outputs.SelectMany(output => output.Cut())]);
    }

    [Fact]
    public void DatagramsWithoutAChecksumOrWithAWrongLengthGoOnAsTheyAre()
    {
        byte[] without = TestPackets.Udp(100);
        without.AsSpan(26, 2).Clear();
        byte[] shorter = TestPackets.Udp(100);
        BinaryPrimitives.WriteUInt16BigEndian(shorter.AsSpan(24), 90);
        foreach (byte[] packet in (byte[][])[without, shorter])
        {
            List<Output> outputs = Coalesce([packet, packet]);
            Assert.All(outputs, output => Assert.Equal(SegmentationKind.None, output.Kind));
            Assert.All(outputs, output => Assert.False(output.IsChecksumValid));
            AssertSame([packet, packet], [.. outputs.SelectMany(output => output.Cut())]);
        }
    }

    [Fact]
    public void AChecksumIsCalledValidOnlyIfItIs()
    {
        byte[] good = Stream(isV6: false, 0, 100)[0];
        byte[] bad = Change(good, "broken TCP checksum");
        Assert.True(Assert.Single(Coalesce([good])).IsChecksumValid);
        Assert.False(Assert.Single(Coalesce([bad])).IsChecksumValid);
    }

    [Fact]
    public void APacketFromOutsideTheMemoryIsGivenOnAtOnceAndBehindItsFlow()
    {
        byte[][] packets = Stream(isV6: false, 12, 500, 500, 500);
        byte[] memory = new byte[4096];
        var coalescer = new PacketCoalescer();
        var sink = new Sink { Memory = memory };
        packets[0].CopyTo(memory, 0);
        packets[1].CopyTo(memory, 2000);
        coalescer.Add(memory, memory.AsSpan(0, packets[0].Length), ref sink);
        coalescer.Add(memory, memory.AsSpan(2000, packets[1].Length), ref sink);
        coalescer.Add(memory, [.. packets[2]], ref sink);
        Assert.Equal(2, sink.Outputs.Count);
        coalescer.Flush(memory, ref sink);
        AssertSame(packets, [.. sink.Outputs.SelectMany(output => output.Cut())]);
    }

    /// <summary>Some flows at once, mixed, reordered, changed, with more flows than places.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    public void AnyMixtureComesOutAsItWentIn(int flows)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed * 100 + flows);
            byte[][][] streams = [.. Enumerable.Range(0, flows).Select(flow => RandomStream(random, (ushort)(40000 + flow)))];
            int[] next = new int[flows];
            List<byte[]> mixed = [];
            while (mixed.Count < streams.Sum(stream => stream.Length))
            {
                int flow = random.Next(flows);
                for (int burst = random.Next(1, 8); burst > 0 && next[flow] < streams[flow].Length; burst--)
                    mixed.Add(streams[flow][next[flow]++]);
            }
            List<byte[]> output = [.. Coalesce([.. mixed]).SelectMany(whole => whole.Cut())];
            Assert.Equal(mixed.Count, output.Count);
            foreach (IGrouping<string, byte[]> group in mixed.GroupBy(FlowOf))
                AssertSame([.. group], [.. output.Where(packet => FlowOf(packet) == group.Key)]);
        }
    }

    [Fact]
    public void RandomOctetsComeOutAsTheyWentIn()
    {
        var random = new Random(3);
        byte[][] packets = [.. Enumerable.Range(0, 3000).Select(i =>
        {
            byte[] packet = i % 3 == 0 ? new byte[random.Next(1, 90)] : [.. Stream(i % 2 == 0, 12, 60)[0]];
            if (i % 3 == 0)
                random.NextBytes(packet);
            else
                packet[random.Next(packet.Length)] ^= (byte)random.Next(1, 256);
            return packet;
        })];
        foreach (byte[][] batch in packets.Chunk(20))
            Assert.Equal(batch.Length, Coalesce(batch).Sum(output => output.Cut().Count));
    }

    [Fact]
    public void AllocatesNothingPerPacket()
    {
        byte[][] packets = Stream(isV6: false, 12, [.. Enumerable.Repeat(1000, 40)]);
        byte[] memory = new byte[60000];
        var coalescer = new PacketCoalescer();
        var sink = new CountingSink();
        long allocated = 0;
        for (int round = 0; round < 40; round++)
        {
            if (round == 20)
                allocated = GC.GetAllocatedBytesForCurrentThread();
            int offset = 0;
            foreach (byte[] packet in packets)
            {
                packet.CopyTo(memory, offset);
                coalescer.Add(memory, memory.AsSpan(offset, packet.Length), ref sink);
                offset += packet.Length;
            }
            coalescer.Flush(memory, ref sink);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
        Assert.Equal(40, sink.Count);
    }

    static byte[][] RandomStream(Random random, ushort port)
    {
        string[] changes = [.. Exceptions.Select(row => row.Data).Where(change => change != "gap in the numbers")];
        byte[][] packets = Stream(random.Next(2) == 0, random.Next(2) * 12, [.. Enumerable.Range(0, random.Next(1, 30)).Select(i => random.Next(4) == 0 ? random.Next(1, 700) : 700)]);
        for (int i = 0; i < packets.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packets[i].AsSpan(packets[i][0] >> 4 == 6 ? 40 : 20), port);
            FixChecksum(packets[i]);
            if (packets[i][0] == 0x45 && random.Next(12) == 0)
                packets[i] = Change(packets[i], changes[random.Next(changes.Length)]);
            int other = random.Next(packets.Length);
            if (random.Next(15) == 0)
                (packets[i], packets[other]) = (packets[other], packets[i]);
        }
        return packets;
    }

    static string FlowOf(byte[] packet) => packet[0] >> 4 == 6 ? Convert.ToHexString(packet.AsSpan(8, 36)) : Convert.ToHexString(packet.AsSpan((packet[0] & 15) * 4, 2));

    static byte[][] Stream(bool isV6, int optionsLength, params int[] lengths)
    {
        uint sequence = 0xFFFF_FF00;
        List<byte[]> packets = [];
        foreach (int length in lengths)
        {
            packets.Add(TestPackets.Tcp(packets.Count == lengths.Length - 1 ? (byte)(Ack | Push) : Ack, Timestamps.AsSpan(0, optionsLength), length, isV6, sequence, (ushort)(100 + packets.Count)));
            sequence += (uint)length;
        }
        return [.. packets];
    }

    static byte[] Change(byte[] original, string what)
    {
        byte[] packet = [.. original];
        switch (what)
        {
            case "pure acknowledgement":
                packet = packet[..52];
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
                break;
            case "FIN":
                packet[33] |= Fin;
                break;
            case "ECE":
                packet[33] |= EchoCongestion;
                break;
            case "another acknowledgement number":
                packet[31] ^= 1;
                break;
            case "another window":
                packet[34] ^= 1;
                break;
            case "other options":
                packet[^(packet.Length - 45)] ^= 1;
                break;
            case "other ECN mark":
                packet[1] ^= 3;
                break;
            case "other hop limit":
                packet[8] ^= 1;
                break;
            case "IPv4 options":
                packet = [.. packet[..20], 1, 1, 1, 1, .. packet[20..]];
                packet[0] = 0x46;
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
                break;
            case "gap in the numbers":
                BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(24), BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(24)) + 1);
                break;
            case "longer than the first":
                packet = [.. packet, .. new byte[20]];
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
                break;
            case "fragment":
                packet[6] = 0x20;
                break;
            case "DF cleared":
                packet[6] = 0;
                break;
        }
        FixChecksum(packet);
        switch (what)
        {
            case "broken TCP checksum":
                packet[^1] ^= 1;
                break;
            case "broken IP header checksum":
                packet[10] ^= 1;
                break;
        }
        return packet;
    }

    static byte[] WithFlags(byte[] original, byte flags)
    {
        byte[] packet = [.. original];
        packet[33] = flags;
        FixChecksum(packet);
        return packet;
    }

    static void FixChecksum(byte[] packet)
    {
        Assert.True(IpPacket.TryParse(packet, out IpPacket parsed));
        if (!parsed.IsV6)
        {
            Ipsec.Esp.Inner.InnerHeader.WriteV4Checksum(packet.AsSpan(0, parsed.HeaderLength));
        }
        Span<byte> tcp = packet.AsSpan(parsed.HeaderLength);
        tcp[16..18].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], InternetChecksum.Compute(tcp,
            InternetChecksum.PseudoHeader(parsed.Source, parsed.Destination, IpProtocol.Tcp, tcp.Length)));
    }

    static void AssertPartialChecksum(Output whole)
    {
        Assert.True(IpPacket.TryParse(whole.Bytes, out IpPacket parsed));
        Assert.Equal(whole.Bytes.Length, parsed.TotalLength);
        byte[] finished = [.. whole.Bytes];
        ushort checksum = InternetChecksum.Compute(finished.AsSpan(whole.ChecksumStart));
        BinaryPrimitives.WriteUInt16BigEndian(finished.AsSpan(whole.ChecksumStart + whole.ChecksumOffset), checksum);
        Assert.True(TestPackets.HasValidChecksums(finished));
    }

    /// <summary>With DF the identification means nothing (RFC 6864 §4.1).</summary>
    static void AssertSame(IReadOnlyList<byte[]> expected, IReadOnlyList<byte[]> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach ((byte[] before, byte[] after) in expected.Zip(actual))
            Assert.Equal(Convert.ToHexString(WithoutIdentification(before)), Convert.ToHexString(WithoutIdentification(after)));
    }

    static byte[] WithoutIdentification(byte[] packet)
    {
        byte[] copy = [.. packet];
        if (copy[0] == 0x45 && (copy[6] & 0x40) != 0 && InternetChecksum.IsValid(copy.AsSpan(0, 20)))
        {
            copy.AsSpan(4, 2).Clear();
            copy.AsSpan(10, 2).Clear();
        }
        return copy;
    }

    /// <summary>As they lie in a receive buffer: ESP's octets between them.</summary>
    static List<Output> Coalesce(byte[][] packets)
    {
        byte[] memory = new byte[packets.Sum(packet => packet.Length + Gap)];
        var coalescer = new PacketCoalescer();
        var sink = new Sink { Memory = memory };
        int offset = 0;
        foreach (byte[] packet in packets)
        {
            packet.CopyTo(memory, offset);
            coalescer.Add(memory, memory.AsSpan(offset, packet.Length), ref sink);
            offset += packet.Length + Gap;
        }
        coalescer.Flush(memory, ref sink);
        return sink.Outputs;
    }

    sealed record Output(byte[] Bytes, SegmentationKind Kind, int SegmentSize, int HeaderLength, int ChecksumStart, int ChecksumOffset, bool IsChecksumValid)
    {
        public List<byte[]> Cut()
        {
            if (Kind == SegmentationKind.None)
                return [Bytes];
            Assert.True(IpPacket.TryParse(Bytes, out IpPacket parsed));
            Assert.True(SegmentSeries.TryCreate(parsed, Kind, SegmentSize, out SegmentSeries series));
            List<byte[]> packets = [];
            while (series.NextLength > 0)
            {
                byte[] packet = new byte[series.NextLength];
                series.WriteNext(packet);
                packets.Add(packet);
            }
            return packets;
        }
    }

    struct Sink() : ICoalescedSink
    {
        public required byte[] Memory { get; init; }
        public List<Output> Outputs { get; } = [];

        public readonly void Deliver(in CoalescedPacket packet)
        {
            byte[] bytes = [.. packet.First];
            foreach (PayloadSlice slice in packet.Others)
                bytes = [.. bytes, .. Memory.AsSpan(slice.Offset, slice.Length)];
            Outputs.Add(new Output(bytes, packet.Segmentation, packet.SegmentSize, packet.HeaderLength, packet.ChecksumStart, packet.ChecksumOffset, packet.IsChecksumValid));
        }
    }

    struct CountingSink : ICoalescedSink
    {
        public int Count { get; private set; }

        public void Deliver(in CoalescedPacket packet) => Count++;
    }
}
