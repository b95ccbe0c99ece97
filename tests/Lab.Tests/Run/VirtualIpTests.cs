using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;

namespace Ipsec.Lab.Tests.Run;

/// <summary>Addresses that a gateway gives its clients, transport mode, childless IKE SAs and redirection, packets included.</summary>
public sealed class VirtualIpTests
{
    [Theory]
    [InlineData("")]
    [InlineData(", nat: { publicAddress: 203.0.113.77 }")]
    public void ClientsReachTheNetworkBehindTheGatewayFromTheirVirtualIps(string nat) => Labs.AssertPassed(Labs.RunToEnd(Samples.Load($$"""
        name: road-warriors
        sites:
          gateway:
            networks: [10.1.0.0/24, "fd00:1::/64"]
            device:
              address: 192.0.2.1
              localIdentity: gateway.example
              pools:
                four: { addresses: 10.3.0.0/24, dns: [10.1.0.53] }
                six: { addresses: "fd00:3::/64" }
              connections: [{ name: clients, peerAddress: any, sharedKey: secret-of-all, pools: [four, six] }]
          alice:
            networks: [192.168.1.0/24]
            device: { address: 198.51.100.1, localIdentity: alice.example, remoteIdentity: gateway.example{{nat}},
                      connections: [{ name: clients, peerAddress: 192.0.2.1, sharedKey: secret-of-all, virtualIps: [0.0.0.0, "::"], remoteSelectors: [10.1.0.0/24, "fd00:1::/64"] }] }
        hosts:
          server: { in: gateway, address: 10.1.0.10 }
          server6: { in: gateway, address: "fd00:1::10" }
          alice4: { in: alice, address: 10.3.0.1 }
          alice6: { in: alice, address: "fd00:3::1" }
          printer: { in: alice, address: 192.168.1.9 }
        expect:
          - tunnel clients is up
          - ping alice4 -> server
          - ping server -> alice4 size 1200
          - ping alice6 -> server6
          - no ping printer -> server

        """)));

    [Theory]
    [InlineData("192.0.2.1", "198.51.100.1", "")]
    [InlineData("2001:db8:1::1", "2001:db8:2::1", "")]
    [InlineData("192.0.2.1", "198.51.100.1", ", forceUdpEncapsulation: true")]
    public void TransportModeCarriesWhatTheTwoEndsSendEachOther(string left, string right, string more) => Labs.AssertPassed(Labs.RunToEnd(Samples.Load($$"""
        name: host-to-host
        sites:
          left:
            networks: [10.1.0.0/24]
            device: { address: "{{left}}", mode: transport{{more}}, connections: [{ name: link, peer: right, sharedKey: secret-of-both }] }
          right:
            networks: [10.2.0.0/24]
            device: { address: "{{right}}", mode: transport, startAction: none, connections: [{ name: link, peer: left, sharedKey: secret-of-both }] }
        hosts:
          a: { in: left, address: "{{left}}" }
          b: { in: right, address: "{{right}}" }
          c: { in: left, address: 10.1.0.10 }
          d: { in: right, address: 10.2.0.10 }
        expect:
          - tunnel link is up
          - ping a -> b
          - ping b -> a size 1200
          - no ping c -> d

        """)));

    [Theory]
    [InlineData("remoteSelectors: [10.1.0.0/24]", "remoteSelectors: [dynamic]", "10.1.0.10", "printer")]
    [InlineData("remoteSelectors: [10.1.0.0/24]", "remoteSelectors: [dynamic]", "10.1.0.10", "printer", ", forceUdpEncapsulation: true")]
    [InlineData("remoteSelectors: [dynamic]", "localSelectors: [dynamic], remoteSelectors: [dynamic]", "192.0.2.1", "printer")]
    public void ATunnelEndsAtTheOuterAddressWhereNobodyGivesAnotherOne(string client, string gateway, string server, string outside, string more = "") =>
        Labs.AssertPassed(Labs.RunToEnd(Samples.Load($$"""
        name: outer-address
        sites:
          gateway:
            networks: [10.1.0.0/24]
            device: { address: 192.0.2.1, startAction: none, connections: [{ name: link, peer: alice, sharedKey: secret-of-both, {{gateway}} }] }
          alice:
            networks: [192.168.1.0/24]
            device: { address: 198.51.100.1{{more}}, connections: [{ name: link, peer: gateway, sharedKey: secret-of-both, localSelectors: [dynamic], {{client}} }] }
        hosts:
          server: { in: gateway, address: {{server}} }
          laptop: { in: alice, address: 198.51.100.1 }
          printer: { in: alice, address: 192.168.1.9 }
        expect:
          - tunnel link is up
          - ping laptop -> server
          - ping server -> laptop size 1200
          - no ping {{outside}} -> server

        """)));

    [Fact]
    public void ChildlessFirstAndTheChildAfterwards() => Labs.AssertPassed(Labs.RunToEnd(Labs.Devices(", childless: prefer", "", """
        expect:
          - tunnel link is up
          - ping a -> b

        """)));

    [Fact]
    public void SelectorsOfOneProtocolCarryNothingElse() => Labs.AssertPassed(Labs.RunToEnd(Labs.Devices(
        ", localSelectors: [\"10.1.0.0/24[tcp]\"], remoteSelectors: [\"10.2.0.0/24[tcp]\"]", "", """
        expect:
          - tunnel link is up
          - no ping a -> b

        """)));
}
