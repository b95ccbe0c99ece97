using Ipsec.Crypto;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Esp.Tests.Kit;

/// <summary>Two data paths with SAs between them: "left" has 10.1.0.0/16 and 2001:db8:1::/48 behind it, "right" 10.2 and 2001:db8:2.</summary>
sealed class TunnelPair : IDisposable
{
    public const int Tunnel = 7;
    public const ulong FirstSa = 1;

    readonly SeededRandomSource _random;

    public TunnelPair(EspTransforms transforms, Func<TunnelSaParameters, TunnelSaParameters>? left = null,
        Func<TunnelSaParameters, TunnelSaParameters>? right = null, DataPathOptions? options = null,
        PathEncapsulation encapsulation = PathEncapsulation.UdpEncapsulated, int? mssClamp = null, ulong seed = 1)
    {
        _random = new SeededRandomSource(seed);
        Left = new DataPath(options ?? new DataPathOptions(), _random);
        Right = new DataPath(options ?? new DataPathOptions(), _random);
        LeftPath = PathFor(encapsulation);
        RightPath = Reverse(LeftPath);
        Left.SetRoutes(Routes(LeftNetworks, RightNetworks, mssClamp));
        Right.SetRoutes(Routes(RightNetworks, LeftNetworks, mssClamp));
        AddSa(FirstSa, transforms, left, right);
    }

    public static string[] LeftNetworks { get; } = ["10.1.0.0/16", "2001:db8:1::/48"];
    public static string[] RightNetworks { get; } = ["10.2.0.0/16", "2001:db8:2::/48"];

    public DataPath Left { get; }
    public DataPath Right { get; }
    public NetworkPath LeftPath { get; }
    public NetworkPath RightPath { get; }

    /// <summary>What left writes into its packets.</summary>
    public uint LeftToRightSpi { get; private set; }

    /// <summary>The keys of the newest SA from left to right.</summary>
    public byte[] ForwardKey { get; private set; } = [];
    public byte[] ForwardIntegrityKey { get; private set; } = [];

    public static NetworkPath PathFor(PathEncapsulation encapsulation)
    {
        ushort port = encapsulation == PathEncapsulation.UdpEncapsulated ? (ushort)4500 : (ushort)0;
        return new NetworkPath(new TransportAddress(IpAddress.Parse("192.0.2.1"), port),
            new TransportAddress(IpAddress.Parse("192.0.2.2"), port), encapsulation);
    }

    public static NetworkPath Reverse(NetworkPath path) => new(path.Remote, path.Local, path.Encapsulation);

    public static RouteTable Routes(string[] local, string[] remote, int? mssClamp = null) => new(
        [
            .. local.Select(network => new Route(IpPrefix.Parse(network), RouteTarget.Local)),
            .. remote.Select(network => new Route(IpPrefix.Parse(network), RouteTarget.Into(Tunnel))),
        ],
        [new TunnelSettings(Tunnel, mssClamp)]);

    public void AddSa(ulong id, EspTransforms transforms, Func<TunnelSaParameters, TunnelSaParameters>? left = null,
        Func<TunnelSaParameters, TunnelSaParameters>? right = null)
    {
        Assert.True(Left.TryAllocateSpi(out uint leftSpi));
        Assert.True(Right.TryAllocateSpi(out uint rightSpi));
        LeftToRightSpi = rightSpi;
        using Secret forwardKey = RandomKey(transforms.Encryption.KeyMaterialLength);
        using Secret backwardKey = RandomKey(transforms.Encryption.KeyMaterialLength);
        using Secret forwardIntegrity = RandomKey(transforms.Integrity.KeyLength());
        using Secret backwardIntegrity = RandomKey(transforms.Integrity.KeyLength());
        ForwardKey = forwardKey.Span.ToArray();
        ForwardIntegrityKey = forwardIntegrity.Span.ToArray();
        var parameters = new TunnelSaParameters
        {
            Id = id,
            Tunnel = Tunnel,
            Transforms = transforms,
            InboundSpi = leftSpi,
            OutboundSpi = rightSpi,
            OutboundEncryptionKey = forwardKey,
            OutboundIntegrityKey = forwardIntegrity,
            InboundEncryptionKey = backwardKey,
            InboundIntegrityKey = backwardIntegrity,
            LocalSelectors = [.. LeftNetworks.Select(network => TrafficSelector.From(IpPrefix.Parse(network)))],
            RemoteSelectors = [.. RightNetworks.Select(network => TrafficSelector.From(IpPrefix.Parse(network)))],
            Path = LeftPath,
        };
        var mirrored = parameters with
        {
            InboundSpi = rightSpi,
            OutboundSpi = leftSpi,
            InboundEncryptionKey = forwardKey,
            InboundIntegrityKey = forwardIntegrity,
            OutboundEncryptionKey = backwardKey,
            OutboundIntegrityKey = backwardIntegrity,
            LocalSelectors = parameters.RemoteSelectors,
            RemoteSelectors = parameters.LocalSelectors,
            Path = RightPath,
        };
        Left.Install(left?.Invoke(parameters) ?? parameters);
        Right.Install(right?.Invoke(mirrored) ?? mirrored);
    }

    /// <summary>Seals on the left; returns the datagrams.</summary>
    public List<byte[]> SealLeft(byte[] packet)
    {
        var sink = new CollectingSink();
        Left.Seal(new SuperPacket(packet), ref sink);
        return sink.Datagrams;
    }

    /// <summary>Opens on the right; returns what was delivered.</summary>
    public List<byte[]> OpenRight(byte[] datagram, byte outerTrafficClass = 0)
    {
        var sink = new CollectingSink();
        Right.Open([.. datagram], 0, RightPath, outerTrafficClass, ref sink);
        return sink.Delivered;
    }

    /// <summary>Takes packets over the wire from left to right; returns what was delivered.</summary>
    public List<byte[]> Carry(byte[] packet) => [.. SealLeft(packet).SelectMany(datagram => OpenRight(datagram))];

    /// <summary>And back.</summary>
    public List<byte[]> CarryBack(byte[] packet)
    {
        var sink = new CollectingSink();
        Right.Seal(new SuperPacket(packet), ref sink);
        var delivered = new CollectingSink();
        foreach (byte[] datagram in sink.Datagrams)
            Left.Open(datagram, 0, LeftPath, 0, ref delivered);
        return delivered.Delivered;
    }

    public static List<DataPathReport> TakeReports(DataPath dataPath)
    {
        List<DataPathReport> reports = [];
        while (dataPath.TryTakeReport(out DataPathReport? report))
            reports.Add(report);
        return reports;
    }

    public void Dispose()
    {
        Left.Dispose();
        Right.Dispose();
    }

    Secret RandomKey(int length)
    {
        byte[] octets = new byte[length];
        _random.Fill(octets);
        return new Secret(octets);
    }
}
