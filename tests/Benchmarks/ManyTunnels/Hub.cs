using Ipsec.Crypto;
using Ipsec.Esp;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Benchmarks.ManyTunnels;

/// <summary>One data path with any number of tunnels, each with one SA, a network of one address behind it and a peer of its own.</summary>
sealed class Hub : IDisposable
{
    /// <summary>What leads into the tunnels together.</summary>
    public const string Networks = "10.64.0.0/10";

    /// <summary>The peers of all of them.</summary>
    public const string Peers = "198.18.0.0/15";

    /// <summary>Octets of the longest inner packet.</summary>
    public const int Mtu = 1400;

    const uint FirstNetwork = 0x0A40_0005; // 10.64.0.5
    const uint FirstPeer = 0xC612_0001; // 198.18.0.1
    const ushort Port = 4500;

    public Hub(int tunnels, EspTransforms transforms, IpAddress local)
    {
        Tunnels = tunnels;
        var random = new SeededRandomSource(1);
        DataPath = new DataPath(new DataPathOptions { Mtu = Mtu }, random);
        for (int number = 1; number <= tunnels; number++)
            Install(number, transforms, new TransportAddress(local, Port), random);
        DataPath.SetRoutes(new RouteTable(Enumerable.Range(1, tunnels).Select(number => new Route(Network(number), RouteTarget.Into(number))),
            Enumerable.Range(1, tunnels).Select(number => new TunnelSettings(number, MssClamp: null))));
        Worker = DataPath.CreateWorker();
    }

    public int Tunnels { get; }
    public DataPath DataPath { get; }
    public DataPathWorker Worker { get; }

    /// <summary>Behind this tunnel, from 1.</summary>
    public static IpAddress Host(int number) => IpAddress.V4(FirstNetwork + ((uint)number << 8));

    public void Dispose() => DataPath.Dispose();

    static IpPrefix Network(int number) => new(Host(number), 32);

    void Install(int number, EspTransforms transforms, TransportAddress local, SeededRandomSource random)
    {
        DataPath.TryAllocateSpi(out uint spi);
        using Secret inbound = Draw(transforms.Encryption.KeyMaterialLength), outbound = Draw(transforms.Encryption.KeyMaterialLength);
        using Secret inboundIntegrity = Draw(transforms.Integrity.KeyLength()), outboundIntegrity = Draw(transforms.Integrity.KeyLength());
        DataPath.Install(new TunnelSaParameters
        {
            Id = (ulong)number,
            Tunnel = number,
            Transforms = transforms,
            InboundSpi = spi,
            OutboundSpi = spi,
            InboundEncryptionKey = inbound,
            InboundIntegrityKey = inboundIntegrity,
            OutboundEncryptionKey = outbound,
            OutboundIntegrityKey = outboundIntegrity,
            LocalSelectors = [TrafficSelector.AnyV4],
            RemoteSelectors = [TrafficSelector.From(Network(number))],
            Path = new NetworkPath(local, new TransportAddress(IpAddress.V4(FirstPeer + (uint)number), Port), PathEncapsulation.UdpEncapsulated),
        });

        Secret Draw(int length)
        {
            byte[] octets = new byte[length];
            random.Fill(octets);
            return new Secret(octets);
        }
    }
}
