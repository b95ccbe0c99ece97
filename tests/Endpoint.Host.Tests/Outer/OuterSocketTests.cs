using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Outer;
using Ipsec.Esp;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.EndpointHost.Tests.Outer;

public class OuterSocketTests
{
    /// <summary>IPv6 only where this machine has it: a container without it has nothing to lose here.</summary>
    public static TheoryData<string, byte> TrafficClasses => Socket.OSSupportsIPv6
        ? new() { { "127.0.0.1", 0 }, { "127.0.0.1", 0xB9 }, { "::1", 0 }, { "::1", 0xBB } }
        : new() { { "127.0.0.1", 0 }, { "127.0.0.1", 0xB9 } };

    [Theory]
    [MemberData(nameof(TrafficClasses))]
    public void CarriesDscpAndEcnPerDatagram(string address, byte trafficClass)
    {
        using OuterSocket sender = Open(address);
        using OuterSocket receiver = Open(address);
        using var batch = new ReceiveBatch();
        using var stop = new StopSignal();

        Assert.Equal(0, sender.Send(receiver.Local, trafficClass, "first"u8, 5));
        Assert.Equal(0, sender.Send(receiver.Local, 0, "second"u8, 6));
        Assert.True(stop.WaitForInput(receiver.Descriptor));
        int count = batch.Receive(receiver.Descriptor);

        Assert.Equal(2, count);
        Assert.Equal("first"u8, batch.Datagram(0));
        Assert.Equal(trafficClass, batch.TrafficClass(0, out _));
        Assert.Equal("second"u8, batch.Datagram(1));
        Assert.Equal(0, batch.TrafficClass(1, out _));
        Assert.Equal(sender.Local, batch.Sender(0));
    }

    [Fact]
    public void AnEmptySocketGivesNothingAndDoesNotWait()
    {
        using OuterSocket socket = Open("127.0.0.1");
        using var batch = new ReceiveBatch();

        Assert.Equal(0, batch.Receive(socket.Descriptor));
    }

    [Fact]
    public void TakesTheLargestDatagramWhole()
    {
        using OuterSocket sender = Open("127.0.0.1");
        using OuterSocket receiver = Open("127.0.0.1");
        using var batch = new ReceiveBatch();
        using var stop = new StopSignal();
        byte[] datagram = new byte[65507];
        datagram[^1] = 0xA5;

        Assert.Equal(0, sender.Send(receiver.Local, 0, datagram, datagram.Length));
        Assert.True(stop.WaitForInput(receiver.Descriptor));

        Assert.Equal(1, batch.Receive(receiver.Descriptor));
        Assert.Equal(datagram, batch.Datagram(0).ToArray());
    }

    /// <summary>However they travel, they arrive one by one or side by side, with their lengths.</summary>
    [Theory]
    [InlineData(PathEncapsulation.UdpEncapsulated, PathEncapsulation.UdpEncapsulated)]
    [InlineData(PathEncapsulation.UdpEncapsulated, PathEncapsulation.Ike)]
    [InlineData(PathEncapsulation.Ike, PathEncapsulation.UdpEncapsulated)]
    public void DatagramsSideBySideArriveAsThemselves(PathEncapsulation sending, PathEncapsulation receiving)
    {
        const int segmentSize = 1000;
        using OuterSocket sender = Open("127.0.0.1", sending);
        using OuterSocket receiver = Open("127.0.0.1", receiving);
        using var batch = new ReceiveBatch();
        using var stop = new StopSignal();
        byte[] datagrams = new byte[20 * segmentSize + 77];
        new Random(1).NextBytes(datagrams);

        Assert.Equal(0, sender.Send(receiver.Local, 2, datagrams, segmentSize));

        List<byte[]> arrived = [];
        bool areSideBySide = false;
        while (arrived.Sum(datagram => datagram.Length) < datagrams.Length)
        {
            Assert.True(stop.WaitForInput(receiver.Descriptor));
            int count = batch.Receive(receiver.Descriptor);
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(2, batch.TrafficClass(i, out int size));
                areSideBySide |= size > 0;
                foreach (byte[] datagram in size > 0 ? batch.Datagram(i).ToArray().Chunk(size) : [batch.Datagram(i).ToArray()])
                    arrived.Add(datagram);
            }
        }
        Assert.Equal(datagrams.Chunk(segmentSize), arrived);
        Assert.Equal(sending == receiving, areSideBySide);
    }

    /// <summary>What the kernel puts together of pieces that are no ESP is counted piece by piece.</summary>
    [Theory]
    [InlineData(5, 20, 0)]
    [InlineData(12, 1, 8)]
    public void PiecesThatAreNoEspAreEachCounted(int segmentSize, ulong malformed, ulong unknown)
    {
        using OuterSocket sender = Open("127.0.0.1", PathEncapsulation.UdpEncapsulated);
        using OuterSocket receiver = Open("127.0.0.1", PathEncapsulation.UdpEncapsulated);
        using var batch = new ReceiveBatch();
        using var stop = new StopSignal();
        using var dataPath = new DataPath(new DataPathOptions(), new SeededRandomSource(1));
        byte[] octets = new byte[100];
        octets.AsSpan().Fill(0x7F);
        var sink = new NoSink();

        Assert.Equal(0, sender.Send(receiver.Local, 0, octets, segmentSize));

        for (int arrived = 0; arrived < octets.Length;)
        {
            Assert.True(stop.WaitForInput(receiver.Descriptor));
            int count = batch.Receive(receiver.Descriptor);
            for (int i = 0; i < count; i++)
            {
                byte trafficClass = batch.TrafficClass(i, out int size);
                arrived += batch.Datagram(i).Length;
                dataPath.Open(batch.Datagram(i), size, new NetworkPath(receiver.Local, sender.Local, PathEncapsulation.UdpEncapsulated), trafficClass, ref sink);
            }
        }
        Assert.Equal(malformed, dataPath.GetCounter(DataPathCounter.MalformedEsp));
        Assert.Equal(unknown, dataPath.GetCounter(DataPathCounter.UnknownSpi));
    }

    /// <summary>RFC 3948 §2.2 and §2.3: IKE behind four zeros, keepalives of one octet, ESP with its SPI.</summary>
    [Fact]
    public void IkeDoesNotWaitBehindData()
    {
        TransportAddress free = FreePort("127.0.0.1");
        ImmutableArray<OuterSocket> sockets = OuterSocketFactory.OpenNatTraversal(free, workers: 1);
        try
        {
            Assert.Equal([null, 0], sockets.Select(socket => socket.Worker));
            using OuterSocket sender = Open("127.0.0.1");
            using var batch = new ReceiveBatch();
            using var stop = new StopSignal();
            byte[] esp = [1, 2, 3, 4, 0, 0, 0, 1];
            byte[] ike = [0, 0, 0, 0, 9];
            foreach (byte[] datagram in (byte[][])[esp, ike, esp, [0xFF]])
                Assert.Equal(0, sender.Send(free, 0, datagram, datagram.Length));
            foreach ((OuterSocket socket, byte[] first, byte[] second) in new[] { (sockets[0], ike, (byte[])[0xFF]), (sockets[1], esp, esp) })
            {
                Assert.True(stop.WaitForInput(socket.Descriptor));
                Assert.Equal(2, batch.Receive(socket.Descriptor));
                Assert.Equal(first, batch.Datagram(0));
                Assert.Equal(second, batch.Datagram(1));
            }
        }
        finally
        {
            foreach (OuterSocket socket in sockets)
                socket.Dispose();
        }
    }

    /// <summary>D4: one tunnel is received by one worker, so that its packets stay in order, and several tunnels by several.</summary>
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void PeersAreSharedOutAmongWorkers(string address)
    {
        const int Workers = 3;
        const int Peers = 48;
        TransportAddress free = FreePort(address);
        ImmutableArray<OuterSocket> sockets = OuterSocketFactory.OpenNatTraversal(free, Workers);
        try
        {
            Assert.Equal([null, 0, 1, 2], sockets.Select(socket => socket.Worker));
            var sentBy = new HashSet<TransportAddress>();
            for (byte peer = 1; peer <= Peers; peer++)
            {
                using OuterSocket sender = Open(address);
                sentBy.Add(sender.Local);
                for (byte packet = 1; packet <= 3; packet++)
                    Assert.Equal(0, sender.Send(free, 0, [packet, peer, packet, packet, 0, 0, 0, packet], 8));
            }
            using var batch = new ReceiveBatch();
            Assert.Equal(0, batch.Receive(sockets[0].Descriptor));
            List<TransportAddress>[] peersOf = [.. sockets[1..].Select(socket => ReceiveAll(batch, socket))];
            Assert.All(peersOf, peers => Assert.InRange(peers.Distinct().Count(), Peers / Workers / 4, Peers));
            Assert.Equal(sentBy.Count, peersOf.Sum(peers => peers.Distinct().Count()));
            Assert.Equal(3 * Peers, peersOf.Sum(peers => peers.Count));
        }
        finally
        {
            foreach (OuterSocket socket in sockets)
                socket.Dispose();
        }
    }

    /// <summary>The senders of what waits, one entry for each datagram.</summary>
    static List<TransportAddress> ReceiveAll(ReceiveBatch batch, OuterSocket socket)
    {
        var senders = new List<TransportAddress>();
        while (batch.Receive(socket.Descriptor) is > 0 and int count)
        {
            for (int index = 0; index < count; index++)
            {
                batch.TrafficClass(index, out int segmentSize);
                int datagrams = segmentSize == 0 ? 1 : batch.Datagram(index).Length / segmentSize;
                senders.AddRange(Enumerable.Repeat(batch.Sender(index), datagrams));
            }
        }
        return senders;
    }

    [Fact]
    public void ASharedPortIsStillClaimedByOneOnly()
    {
        TransportAddress free = FreePort("127.0.0.1");
        ImmutableArray<OuterSocket> sockets = OuterSocketFactory.OpenNatTraversal(free, workers: 1);
        try
        {
            UserErrorException refusal = Assert.Throws<UserErrorException>(() => OuterSocketFactory.OpenNatTraversal(free, workers: 1));
            Assert.Contains("already in use", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            foreach (OuterSocket socket in sockets)
                socket.Dispose();
        }
    }

    [Fact]
    public void TheStopSignalEndsAWait()
    {
        using OuterSocket socket = Open("127.0.0.1");
        using var stop = new StopSignal();
        bool isCalled = false;
        stop.Register(() => isCalled = true);

        stop.Set();

        Assert.False(stop.WaitForInput(socket.Descriptor));
        Assert.True(isCalled);
    }

    static OuterSocket Open(string address, PathEncapsulation encapsulation = PathEncapsulation.Ike) => OuterSocketFactory.OpenUdp(FreePort(address), encapsulation);

    static TransportAddress FreePort(string address)
    {
        using var probe = new Socket(address == "::1" ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        return TransportAddress.From((IPEndPoint)probe.LocalEndPoint!);
    }

    readonly struct NoSink : IDataPathSink
    {
        public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize) => Assert.Fail("nothing is sent");

        public void Deliver(Span<byte> innerPacket) => Assert.Fail("nothing arrives");

        public void Ike(ReadOnlySpan<byte> message, in NetworkPath path) => Assert.Fail("nothing is IKE");
    }
}
