using Ipsec.Crypto;
using Ipsec.Esp;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Benchmarks;

/// <summary>Two data paths with one SA between them, and a sink that keeps the last run without allocating.</summary>
sealed class Tunnel : IDisposable
{
    const int TunnelNumber = 1;

    public Tunnel(EspTransforms transforms)
    {
        var random = new SeededRandomSource(1);
        Sender = new DataPath(new DataPathOptions { Mtu = 9000 }, random);
        Receiver = new DataPath(new DataPathOptions { Mtu = 9000 }, random);
        Sender.SetRoutes(Routes("10.1.0.0/16", "10.2.0.0/16"));
        Receiver.SetRoutes(Routes("10.2.0.0/16", "10.1.0.0/16"));
        Sender.TryAllocateSpi(out uint senderSpi);
        Receiver.TryAllocateSpi(out uint receiverSpi);
        using var key = new Secret(new byte[transforms.Encryption.KeyMaterialLength]);
        using var integrityKey = new Secret(new byte[transforms.Integrity.KeyLength()]);
        var parameters = new TunnelSaParameters
        {
            Id = 1,
            Tunnel = TunnelNumber,
            Transforms = transforms,
            InboundSpi = senderSpi,
            OutboundSpi = receiverSpi,
            InboundEncryptionKey = key,
            InboundIntegrityKey = integrityKey,
            OutboundEncryptionKey = key,
            OutboundIntegrityKey = integrityKey,
            LocalSelectors = [TrafficSelector.AnyV4],
            RemoteSelectors = [TrafficSelector.AnyV4],
            Path = Path,
            // The same packet is opened again and again.
            ReplayWindow = 0,
        };
        Sender.Install(parameters);
        Receiver.Install(parameters with { InboundSpi = receiverSpi, OutboundSpi = senderSpi });
    }

    public static NetworkPath Path { get; } = new(new TransportAddress(IpAddress.Parse("192.0.2.1"), 4500),
        new TransportAddress(IpAddress.Parse("192.0.2.2"), 4500), PathEncapsulation.UdpEncapsulated);

    public DataPath Sender { get; }
    public DataPath Receiver { get; }

    /// <summary>A UDP packet of this many octets in all.</summary>
    public static byte[] Packet(int length) => IpPacketWriter.Udp(new TransportAddress(IpAddress.Parse("10.1.0.4"), 1000),
        new TransportAddress(IpAddress.Parse("10.2.0.5"), 2000), new byte[length - 28]);

    /// <summary>One sealed datagram.</summary>
    public byte[] Seal(byte[] packet)
    {
        var sink = new KeepingSink(new byte[65536]);
        Sender.Seal(new SuperPacket(packet), ref sink);
        return sink.Last[..sink.Length];
    }

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
    }

    static RouteTable Routes(string local, string remote) => new(
    [
        new Route(IpPrefix.Parse(local), RouteTarget.Local), new Route(IpPrefix.Parse(remote), RouteTarget.Into(TunnelNumber)),
    ]);
}

/// <summary>Copies the last run; counts what is delivered.</summary>
struct KeepingSink(byte[] buffer) : IDataPathSink
{
    public readonly byte[] Last => buffer;
    public int Length;
    public int Delivered;

    public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
        datagrams.CopyTo(buffer);
        Length = datagrams.Length;
    }

    public void Deliver(Span<byte> innerPacket) => Delivered++;

    public readonly void Ike(ReadOnlySpan<byte> message, in NetworkPath path)
    {
    }
}

/// <summary>Counts only: what the data path costs without its environment.</summary>
struct DiscardingSink : IDataPathSink
{
    public int Transmitted;
    public int Delivered;

    public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize) => Transmitted++;

    public void Deliver(Span<byte> innerPacket) => Delivered++;

    public readonly void Ike(ReadOnlySpan<byte> message, in NetworkPath path)
    {
    }
}
