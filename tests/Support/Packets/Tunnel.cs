using Ipsec.Crypto;
using Ipsec.Esp;
using Ipsec.Net;

namespace Ipsec.Tests.Support.Packets;

/// <summary>What a <see cref="Tunnel"/> may have beyond its suite.</summary>
public sealed record TunnelShape
{
    public PathEncapsulation Encapsulation { get; init; } = PathEncapsulation.UdpEncapsulated;

    /// <summary>The outer addresses.</summary>
    public bool IsOuterV6 { get; init; }

    public bool IsTransport { get; init; }

    /// <summary>0: a packet may be opened again and again.</summary>
    public int ReplayWindow { get; init; }

    /// <summary>Octets of the longest inner packet.</summary>
    public int Mtu { get; init; } = 9000;

    /// <summary>Of the sender.</summary>
    public NatRule[] Nat { get; init; } = [];

    /// <summary>What the receiver lets through; null is everything.</summary>
    public TrafficSelector? ReceiverSelector { get; init; }
}

/// <summary>Two data paths with one SA between them: behind the sender are 10.1.0.0/16 and 2001:db8:1::/48, behind the receiver 10.2.0.0/16 and 2001:db8:2::/48.</summary>
public sealed class Tunnel : IDisposable
{
    public const int Number = 1;

    /// <summary>Into which a route leads (10.4.0.0/16), and which has no SA.</summary>
    public const int NumberWithoutSa = 2;

    public Tunnel(EspTransforms transforms, TunnelShape? shape = null)
    {
        shape ??= new TunnelShape();
        var random = new SeededRandomSource(1);
        var options = new DataPathOptions { Mtu = shape.Mtu };
        Sender = new DataPath(options, random);
        Receiver = new DataPath(options, random);
        Path = PathOf(shape);
        Sender.SetRoutes(Routes(["10.1.0.0/16", "2001:db8:1::/48"], ["10.2.0.0/16", "2001:db8:2::/48", Host(Path.Remote.Address)], shape.Nat));
        // 10.3.0.0/16 is behind the sender too, but its packets may come out at the receiver, which sends them back.
        Receiver.SetRoutes(Routes(["10.2.0.0/16", "2001:db8:2::/48"], ["10.1.0.0/16", "10.3.0.0/16", "10.9.0.0/16", "2001:db8:1::/48"], []));
        Sender.TryAllocateSpi(out uint senderSpi);
        Receiver.TryAllocateSpi(out uint receiverSpi);
        using var key = new Secret(new byte[transforms.Encryption.KeyMaterialLength]);
        using var integrityKey = new Secret(new byte[transforms.Integrity.KeyLength()]);
        TrafficSelector[] any = [TrafficSelector.AnyV4, TrafficSelector.AnyV6];
        var parameters = new TunnelSaParameters
        {
            Id = 1,
            Tunnel = Number,
            Transforms = transforms,
            InboundSpi = senderSpi,
            OutboundSpi = receiverSpi,
            InboundEncryptionKey = key,
            InboundIntegrityKey = integrityKey,
            OutboundEncryptionKey = key,
            OutboundIntegrityKey = integrityKey,
            LocalSelectors = [.. any],
            RemoteSelectors = [.. any],
            Path = Path,
            TransportMode = shape.IsTransport ? new TransportModeAddresses(Path.Remote.Address, Path.Local.Address) : null,
            ReplayWindow = shape.ReplayWindow,
        };
        Sender.Install(parameters);
        Receiver.Install(parameters with
        {
            InboundSpi = receiverSpi,
            OutboundSpi = senderSpi,
            LocalSelectors = shape.ReceiverSelector is TrafficSelector one ? [one] : parameters.LocalSelectors,
            Path = PathBack,
            TransportMode = shape.IsTransport ? new TransportModeAddresses(Path.Local.Address, Path.Remote.Address) : null,
        });
    }

    public DataPath Sender { get; }
    public DataPath Receiver { get; }

    /// <summary>From the sender.</summary>
    public NetworkPath Path { get; }

    /// <summary>As the receiver sees it.</summary>
    public NetworkPath PathBack => new(Path.Remote, Path.Local, Path.Encapsulation);

    /// <summary>A UDP packet of this many octets in all.</summary>
    public static byte[] Packet(int length, bool isV6 = false, string? destination = null, bool dontFragment = false, byte hopLimit = 64) => IpPacketWriter.Udp(
        new TransportAddress(IpAddress.Parse(isV6 ? "2001:db8:1::4" : "10.1.0.4"), 1000),
        new TransportAddress(IpAddress.Parse(destination ?? (isV6 ? "2001:db8:2::5" : "10.2.0.5")), 2000),
        new byte[length - IpPacketWriter.HeaderLength(isV6) - 8], hopLimit: hopLimit, dontFragment: dontFragment);

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

    static NetworkPath PathOf(TunnelShape shape)
    {
        ushort port = shape.Encapsulation == PathEncapsulation.UdpEncapsulated ? (ushort)4500 : (ushort)0;
        string network = shape.IsOuterV6 ? "2001:db8::" : "192.0.2.";
        return new NetworkPath(new TransportAddress(IpAddress.Parse(network + "1"), port), new TransportAddress(IpAddress.Parse(network + "2"), port), shape.Encapsulation);
    }

    static string Host(IpAddress address) => IpPrefix.Host(address).ToString();

    static RouteTable Routes(string[] local, string[] remote, NatRule[] nat) => new(
        [
            .. local.Select(network => new Route(IpPrefix.Parse(network), RouteTarget.Local)),
            .. remote.Select(network => new Route(IpPrefix.Parse(network), RouteTarget.Into(Number))),
            new Route(IpPrefix.Parse("10.4.0.0/16"), RouteTarget.Into(NumberWithoutSa)),
        ],
        [new TunnelSettings(Number, 1350) { Nat = [.. nat] }]);
}
