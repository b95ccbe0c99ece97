using Ipsec.Crypto;
using Ipsec.Esp.Associations;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Esp.Tests.Associations;

public sealed class OutboundPolicyTests
{
    const byte Tcp = 6;
    const byte Udp = 17;

    readonly SeededRandomSource _random = new(1);
    ulong _nextId = 1;

    [Fact]
    public void TheMostSpecificRemoteIsTakenWhateverTheOrderOfInstallation()
    {
        TunnelSa wide = Sa(Remote("10.0.0.0/8"));
        TunnelSa host = Sa(Remote("10.1.1.4/32"));
        TunnelSa network = Sa(Remote("10.1.0.0/16"));
        foreach (TunnelSa[] order in new TunnelSa[][] { [wide, host, network], [network, wide, host], [host, network, wide] })
        {
            OutboundPolicy policy = Policy(order);

            Assert.Same(host.Outbound, policy.Select(To("10.1.1.4")));
            Assert.Same(network.Outbound, policy.Select(To("10.1.1.5")));
            Assert.Same(wide.Outbound, policy.Select(To("10.2.1.4")));
            Assert.Null(policy.Select(To("192.0.2.1")));
        }
    }

    [Fact]
    public void OfEqualSelectorsTheOneInstalledLastIsTaken()
    {
        TunnelSa first = Sa(Remote("10.1.1.4/32"), Remote("10.2.0.0/16"));
        TunnelSa second = Sa(Remote("10.1.1.4/32"), Remote("10.2.0.0/16"));
        OutboundPolicy policy = Policy(first, second);

        Assert.Same(second.Outbound, policy.Select(To("10.1.1.4")));
        Assert.Same(second.Outbound, policy.Select(To("10.2.3.4")));

        policy.Remove(second);
        Assert.Same(first.Outbound, policy.Select(To("10.1.1.4")));
        Assert.Same(first.Outbound, policy.Select(To("10.2.3.4")));

        policy.Remove(first);
        Assert.Null(policy.Select(To("10.1.1.4")));
        Assert.Null(policy.Select(To("10.2.3.4")));
    }

    [Fact]
    public void AnAddressOfWhichOneProtocolIsTakenLeavesTheRestToTheNetwork()
    {
        TunnelSa network = Sa(Remote("10.1.0.0/16"));
        TunnelSa tcp = Sa(Remote("10.1.1.4/32") with { Protocol = Tcp });
        OutboundPolicy policy = Policy(network, tcp);

        Assert.Same(tcp.Outbound, policy.Select(To("10.1.1.4", Tcp)));
        Assert.Same(network.Outbound, policy.Select(To("10.1.1.4", Udp)));
    }

    [Fact]
    public void AWaitingHostIsTakenOnlyWhereNoActiveOneCan()
    {
        TunnelSa waiting = Sa(isActive: false, Remote("10.1.1.4/32"));
        TunnelSa active = Sa(Remote("10.1.0.0/16"));

        Assert.Same(active.Outbound, Policy(waiting, active).Select(To("10.1.1.4")));
        Assert.Same(waiting.Outbound, Policy(waiting).Select(To("10.1.1.4")));
    }

    [Fact]
    public void OneOfThousandsOfPeersIsFoundByItsAddress()
    {
        TunnelSa[] peers = [.. Enumerable.Range(0, 3000).Select(number => Sa(Remote($"10.3.{number >> 8}.{number & 255}/32")))];
        OutboundPolicy policy = Policy(peers);

        for (int number = 0; number < peers.Length; number += 7)
            Assert.Same(peers[number].Outbound, policy.Select(To($"10.3.{number >> 8}.{number & 255}")));
        foreach (TunnelSa peer in peers)
            policy.Remove(peer);
        Assert.Null(policy.Select(To("10.3.0.7")));
    }

    /// <summary>Few stand in a list, many in a table: on the way from the one to the other, and in both, the order is the same.</summary>
    [Fact]
    public void HoweverManyHostsThereAreTheOrderIsTheSame()
    {
        var policy = new OutboundPolicy();
        TunnelSa network = Sa(Remote("10.3.0.0/16"));
        TunnelSa waiting = Sa(isActive: false, Remote("10.3.0.0/32"));
        List<TunnelSa> older = [], newer = [];
        policy.Add(network);
        policy.Add(waiting);
        for (int number = 0; number < 30; number++)
        {
            older.Add(Sa(Remote($"10.3.0.{number}/32")));
            newer.Add(Sa(Remote($"10.3.0.{number}/32") with { Protocol = Tcp }));
            policy.Add(newer[number]);
            policy.Add(older[number]);
            for (int earlier = 0; earlier <= number; earlier++)
            {
                Assert.Same(newer[earlier].Outbound, policy.Select(To($"10.3.0.{earlier}", Tcp)));
                Assert.Same(older[earlier].Outbound, policy.Select(To($"10.3.0.{earlier}", Udp)));
            }
            Assert.Same(network.Outbound, policy.Select(To($"10.3.0.{number + 1}")));
        }
        for (int number = 0; number < 30; number++)
        {
            policy.Remove(newer[number]);
            Assert.Same(older[number].Outbound, policy.Select(To($"10.3.0.{number}", Tcp)));
            policy.Remove(older[number]);
            Assert.Same(network.Outbound, policy.Select(To($"10.3.0.{number}", Tcp)));
        }
        policy.Remove(network);
        Assert.Same(waiting.Outbound, policy.Select(To("10.3.0.0")));
        Assert.Null(policy.Select(To("10.3.0.1")));
    }

    /// <summary>Prefixes, ranges, protocols and ports of both families: what a search through all selectors says, the index says too, whatever has come and gone.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AgreesWithASearchThroughAllSelectors(int seed)
    {
        var random = new Random(seed);
        var policy = new OutboundPolicy();
        List<TunnelSa> installed = [];
        for (int step = 0; step < 400; step++)
        {
            if (installed.Count > 0 && random.Next(3) == 0)
            {
                TunnelSa gone = installed[random.Next(installed.Count)];
                installed.Remove(gone);
                policy.Remove(gone);
            }
            else
            {
                TunnelSa sa = Sa(isActive: random.Next(8) > 0, [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => AnySelector(random))]);
                installed.Add(sa);
                policy.Add(sa);
            }
            for (int i = 0; i < 5; i++)
            {
                Flow flow = To($"10.0.{random.Next(2)}.{random.Next(16)}", random.Next(2) == 0 ? Tcp : Udp);
                Assert.Same(Expected(installed, flow), policy.Select(flow));
            }
        }
    }

    static TrafficSelector AnySelector(Random random)
    {
        uint address = 0x0A000000 + (uint)random.Next(2) * 256 + (uint)random.Next(16);
        byte protocol = random.Next(4) == 0 ? Tcp : (byte)0;
        var range = new IpAddressRange(IpAddress.V4(address), IpAddress.V4(address + (uint)random.Next(20)));
        return random.Next(3) == 0 ? new TrafficSelector(range, protocol)
            : TrafficSelector.From(new IpPrefix(IpAddress.V4(address), random.Next(20, 33))) with { Protocol = protocol };
    }

    static OutboundAssociation? Expected(List<TunnelSa> installed, Flow flow)
    {
        TunnelSa[] inOrder = [.. from sa in installed
                                 from remote in sa.RemoteSelectors
                                 where remote.Matches(flow.Destination, flow.Protocol, flow.DestinationPort)
                                 orderby remote.Addresses.Last.Bits - remote.Addresses.First.Bits, remote.Addresses.TryGetPrefix(out _) ? 0 : 1,
                                     remote.Protocol == 0 ? 1 : 0, installed.IndexOf(sa) descending
                                 select sa];
        return (inOrder.FirstOrDefault(sa => sa.Outbound.IsActive) ?? inOrder.FirstOrDefault())?.Outbound;
    }

    static OutboundPolicy Policy(params TunnelSa[] installed)
    {
        var policy = new OutboundPolicy();
        foreach (TunnelSa sa in installed)
            policy.Add(sa);
        return policy;
    }

    static TrafficSelector Remote(string prefix) => TrafficSelector.From(IpPrefix.Parse(prefix));

    static Flow To(string address, byte protocol = Udp)
    {
        byte[] octets = IpPacketWriter.Udp(new TransportAddress(IpAddress.Parse("172.16.0.1"), 1000), new TransportAddress(IpAddress.Parse(address), 2000),
            new byte[8]);
        const int ProtocolOffset = 9;
        octets[ProtocolOffset] = protocol;
        Assert.True(IpPacket.TryParse(octets, out IpPacket packet));
        return new Flow(packet);
    }

    TunnelSa Sa(params TrafficSelector[] remote) => Sa(isActive: true, remote);

    TunnelSa Sa(bool isActive, params TrafficSelector[] remote)
    {
        using var key = new Secret(new byte[36]);
        using var none = new Secret([]);
        ulong id = _nextId++;
        return new TunnelSa(new TunnelSaParameters
        {
            Id = id,
            Tunnel = 1,
            Transforms = new EspTransforms(new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 256), IntegrityAlgorithm.None, false),
            InboundSpi = 0x1000 + (uint)id,
            OutboundSpi = 0x2000 + (uint)id,
            InboundEncryptionKey = key,
            InboundIntegrityKey = none,
            OutboundEncryptionKey = key,
            OutboundIntegrityKey = none,
            LocalSelectors = [TrafficSelector.AnyV4],
            RemoteSelectors = [.. remote],
            Path = default,
            ReplayWindow = 64,
        }, isActive, _random);
    }
}
