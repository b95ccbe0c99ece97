using System.Text;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Topology;

/// <summary>What a device, a connection and a child can be told, and which level wins.</summary>
public class DeviceSettingsTests
{
    [Fact]
    public void ConnectionSpeaksOverDeviceAndDeviceOverProfile()
    {
        ConnectionConfiguration[] connections = Connections("""
            mssClamp: 1200
            dpdDelay: 10s
            connections:
              - { name: one, peerAddress: 192.0.2.1, sharedKey: a, remoteNetworks: [10.9.0.0/16], dpdDelay: 0s }
              - { name: two, peerAddress: 192.0.2.2, sharedKey: b, remoteNetworks: [10.8.0.0/16] }
            """);

        Assert.Equal([TimeSpan.Zero, TimeSpan.FromSeconds(10)], connections.Select(connection => connection.DeadPeerDetectionDelay));
        Assert.All(connections, connection => Assert.Equal(TimeSpan.FromHours(4), connection.Lifetime.RekeyTime));
    }

    [Fact]
    public void PeerThatMayBeAnybodyIsOnlyAnswered()
    {
        ConnectionConfiguration[] connections = Connections("""
            connections:
              - { name: anybody, peerAddress: any, sharedKey: a, remoteSelectors: [10.9.0.0/16] }
              - { name: network, peerAddress: 192.0.2.0/24, sharedKey: a, remoteSelectors: [10.9.0.0/16] }
              - { name: address, peerAddress: 192.0.2.7, sharedKey: a, remoteSelectors: [10.9.0.0/16] }
            """);

        Assert.Equal([null, null, IpAddress.Parse("192.0.2.7")], connections.Select(connection => connection.RemoteAddress));
        Assert.Equal(["", "192.0.2.0/24", "192.0.2.7/32"], connections.Select(connection => string.Join(',', connection.AcceptedRemoteAddresses)));
        Assert.Equal([StartAction.None, StartAction.None, StartAction.Start], connections.Select(connection => connection.StartAction));
        Assert.Equal([false, false, true], connections.Select(connection => connection.MayInitiate));
    }

    [Fact]
    public void PoolsVirtualIpsAndTheirSelectorsAreWhatTheFileSays()
    {
        EndpointConfiguration endpoint = Load("""
            pools:
              clients: { addresses: 10.3.0.0/24, dns: [10.1.0.53], subnets: [10.1.0.0/16], dnsDomains: [corp.example] }
              few: { addresses: 10.4.0.5-10.4.0.6 }
              hosts6: { addresses: "2001:db8::/64" }
            quickCrashDetectionSecret: a-secret-of-this-device
            connections:
              - { name: gateway, peerAddress: any, sharedKey: a, pools: [clients, few], redirectTo: gw2.example, redirectAt: auth, childless: never }
              - { name: client, peerAddress: 192.0.2.2, sharedKey: b, remoteNetworks: [10.8.0.0/16], virtualIps: [0.0.0.0, "::"], followRedirects: false, childless: prefer }
              - { name: ports, peerAddress: 192.0.2.3, sharedKey: c, localSelectors: ["dynamic[tcp/443]"], remoteSelectors: ["10.9.0.0/16[udp/opaque]", "dynamic"] }
              - { name: hosts, peerAddress: 192.0.2.4, sharedKey: d, mode: transport }
            """);

        Assert.Equal(["10.3.0.1-10.3.0.254", "10.4.0.5-10.4.0.6", "2001:db8::1-2001:db8::ffff:ffff:ffff:ffff"],
            endpoint.Pools.Select(pool => pool.Addresses.ToString()));
        Assert.Equal([24, null, 64], endpoint.Pools.Select(pool => pool.PrefixLength));
        Assert.Equal("a-secret-of-this-device", Encoding.UTF8.GetString(endpoint.QuickCrashDetectionSecret!.Span));
        ConnectionConfiguration[] connections = [.. endpoint.Tunnels.Select(tunnel => tunnel.Connection)];
        Assert.Equal(["clients", "few"], connections[0].Pools);
        Assert.Equal((RedirectTarget.Parse("gw2.example"), RedirectMoment.Auth, ChildlessPolicy.Never),
            (connections[0].RedirectTo, connections[0].RedirectAt, connections[0].Childless));
        Assert.Equal([DynamicSelector.Any], connections[0].Children[0].DynamicRemoteSelectors);
        Assert.Empty(connections[0].Children[0].RemoteSelectors);
        Assert.Equal([IpAddress.AnyV4, IpAddress.AnyV6], connections[1].VirtualIps);
        Assert.Equal([DynamicSelector.Any], connections[1].Children[0].DynamicLocalSelectors);
        Assert.False(connections[1].FollowRedirects);
        Assert.Equal([new DynamicSelector(6, 443, 443)], connections[2].Children[0].DynamicLocalSelectors);
        Assert.True(Assert.Single(connections[2].Children[0].RemoteSelectors).IsOpaquePort);
        Assert.Equal(ChildMode.Transport, connections[3].Children[0].Mode);
        Assert.All(endpoint.Tunnels.Where(tunnel => tunnel.Connection.Name != "client"), tunnel => Assert.Empty(tunnel.Routes));
    }

    [Fact]
    public void MobikeAndNamesAreWhatTheFileSays()
    {
        EndpointConfiguration endpoint = Load("""
            mobike: true
            additionalAddresses: [203.0.113.6]
            connections:
              - { name: one, peerName: hub.example.org, sharedKey: a, remoteNetworks: [10.9.0.0/16], mobikeReturnRoutability: false, mobikePeerAddresses: [192.0.2.0/24] }
              - { name: two, peerAddress: 192.0.2.2, sharedKey: b, remoteNetworks: [10.8.0.0/16], mobike: false }
            """);

        ConnectionConfiguration one = endpoint.Tunnels[0].Connection, two = endpoint.Tunnels[1].Connection;
        Assert.Equal(new MobikeOptions { CheckReturnRoutability = false, PeerAddresses = [IpPrefix.Parse("192.0.2.0/24")] }, one.Mobike);
        Assert.Equal(("hub.example.org", null, StartAction.Start), (one.RemoteName, one.RemoteAddress, one.StartAction));
        Assert.Null(two.Mobike);
        Assert.Equal("203.0.113.6", endpoint.LocalAddresses[1].ToString());
    }

    [Fact]
    public void KeyIsFoundByIdentityThenByAddressThenForAnybody()
    {
        EndpointConfiguration endpoint = Load("""
            localIdentity: gateway.example.org
            connections:
              - { name: one, peerAddress: 192.0.2.1, remoteIdentity: "@alice", sharedKey: alice, remoteNetworks: [10.9.0.0/16] }
              - { name: two, peerAddress: 192.0.2.1, sharedKey: address, remoteNetworks: [10.8.0.0/16] }
              - { name: three, peerAddress: any, sharedKey: anybody, remoteNetworks: [10.7.0.0/16] }
            """);

        Assert.Equal(
            [("alice", Identity.Fqdn("alice"), null), ("address", null, IpAddress.Parse("192.0.2.1")), ("anybody", (Identity?)null, (IpAddress?)null)],
            endpoint.PresharedKeys.Select(key => (Encoding.UTF8.GetString(key.Key.Span), key.RemoteIdentity, key.RemoteAddress)));
        Assert.Equal(Identity.Fqdn("gateway.example.org"), endpoint.PresharedKeys[0].LocalIdentity);
    }

    [Fact]
    public void ChildrenHaveSelectorsAndSuitesOfTheirOwn()
    {
        ConnectionConfiguration connection = Connections("""
            connections:
              - name: one
                peerAddress: 192.0.2.1
                sharedKey: a
                children:
                  web: { localSelectors: ["10.2.0.0/24[tcp/443]"], remoteSelectors: [10.9.0.0/16], espProposals: [aes128-sha1] }
                  rest: { remoteSelectors: [10.9.0.5-10.9.0.9], inactivity: 10m, replayWindow: 0, extendedSequenceNumbers: either }
            """)[0];

        Assert.Equal(["web", "rest"], connection.Children.Select(child => child.Name));
        Assert.Equal(new TrafficSelector(IpPrefix.Parse("10.2.0.0/24").Range, 6, 443, 443), connection.Children[0].LocalSelectors[0]);
        Assert.Equal("aes128-sha1", ProposalText.Print(connection.Children[0].InitiatorProposals[0]));
        Assert.Equal(new IpAddressRange(IpAddress.Parse("10.9.0.5"), IpAddress.Parse("10.9.0.9")), connection.Children[1].RemoteSelectors[0].Addresses);
        Assert.Equal([TrafficSelector.From(IpPrefix.Parse("10.2.0.0/24"))], connection.Children[1].LocalSelectors);
        Assert.Equal((TimeSpan.FromMinutes(10), null), (connection.Children[1].InactivityTimeout, connection.Children[0].InactivityTimeout));
        Assert.Equal((0, 1024), (connection.Children[1].ReplayWindow, connection.Children[0].ReplayWindow));
    }

    [Fact]
    public void LifetimesHaveMarginsUnlessTheyAreGiven()
    {
        ConnectionConfiguration[] connections = Connections("""
            ikeLifetime: { rekey: 10m }
            childLifetime: { rekey: 60s, hard: 80s, jitter: 5s, rekeyBytes: 1000000, hardBytes: 2000000, rekeyPackets: 100, hardPackets: 200 }
            connections: [{ name: one, peerAddress: 192.0.2.1, sharedKey: a, remoteNetworks: [10.9.0.0/16] }]
            """);

        Assert.Equal(new Lifetime { RekeyTime = TimeSpan.FromMinutes(10), HardTime = TimeSpan.FromMinutes(11), RekeyJitter = TimeSpan.FromMinutes(1) },
            connections[0].Lifetime);
        Assert.Equal(
            new Lifetime
            {
                RekeyTime = TimeSpan.FromSeconds(60),
                HardTime = TimeSpan.FromSeconds(80),
                RekeyJitter = TimeSpan.FromSeconds(5),
                RekeyBytes = 1_000_000,
                HardBytes = 2_000_000,
                RekeyPackets = 100,
                HardPackets = 200,
            },
            connections[0].Children[0].Lifetime);
    }

    [Fact]
    public void EndpointTakesPortsRetransmissionAndInnerOptions()
    {
        EndpointConfiguration endpoint = Load("""
            ikePort: 5500
            natTraversalPort: 5501
            retransmission: { timeout: 500ms, backoff: 1.5, tries: 9, jitter: 20%, maximumPause: 4s }
            closeAction: none
            dpdAction: trap
            maximumRetryDelay: 90s
            innerMtu: 1300
            fragmentInner: false
            sendPacketTooBig: false
            copyDscp: false
            mssClamp: 0
            forceUdpEncapsulation: true
            fragmentation: accept
            fragmentSize: 576
            duplicates: never
            startAction: traffic
            retryDelay: 2s
            connections: [{ name: one, peerAddress: 192.0.2.1, peerIkePort: 600, peerNatTraversalPort: 601, sharedKey: a, remoteNetworks: [10.9.0.0/16] }]
            """);
        ConnectionConfiguration connection = endpoint.Tunnels[0].Connection;

        Assert.Equal((5500, 5501), (endpoint.IkePort, endpoint.NatTraversalPort));
        Assert.Equal(new RetransmissionPolicy
        {
            Timeout = TimeSpan.FromMilliseconds(500),
            Backoff = 1.5,
            Tries = 9,
            Jitter = 0.2,
            MaximumPause = TimeSpan.FromSeconds(4)
        }, connection.Retransmission);
        Assert.Equal((EndAction.None, EndAction.Trap, TimeSpan.FromSeconds(90)),
            (connection.CloseAction, connection.DeadPeerAction, connection.MaximumRetryDelay));
        Assert.Equal(new InnerOptions { Mtu = 1300, FragmentInner = false, SendPacketTooBig = false, CopyDscp = false }, endpoint.Inner);
        Assert.Null(endpoint.Tunnels[0].MssClamp);
        Assert.True(connection.ForceUdpEncapsulation);
        Assert.Equal((FragmentationPolicy.Accept, 576), (connection.Fragmentation, connection.FragmentSize));
        Assert.Equal((DuplicatePolicy.Never, StartAction.Traffic, TimeSpan.FromSeconds(2)),
            (connection.DuplicatePolicy, connection.StartAction, connection.RetryDelay));
        Assert.Equal((600, 601), (connection.RemoteIkePort, connection.RemoteNatTraversalPort));
    }

    [Fact]
    public void APostquantumKeyIsTheConnectionsOwn()
    {
        ConnectionConfiguration[] connections = Connections("""
            connections:
              - { name: demanded, peerAddress: 192.0.2.1, sharedKey: a, remoteNetworks: [10.9.0.0/16], ppk: { id: lab@example.org, key: a-post-quantum-key-of-32-octets!, required: true } }
              - { name: optional, peerAddress: 192.0.2.2, sharedKey: a, remoteNetworks: [10.8.0.0/16], ppk: { id: other, key: another-post-quantum-key-32-octets } }
              - { name: none, peerAddress: 192.0.2.3, sharedKey: a, remoteNetworks: [10.7.0.0/16] }
            """);

        Assert.Equal([true, false, false], connections.Select(connection => connection.RequiresPostquantumKey));
        Assert.Equal("lab@example.org", Assert.Single(connections[0].PostquantumKeys).Identity);
        Assert.Equal("a-post-quantum-key-of-32-octets!"u8, connections[0].PostquantumKeys[0].Key.Span);
        Assert.Equal("other", Assert.Single(connections[1].PostquantumKeys).Identity);
        Assert.Empty(connections[2].PostquantumKeys);
    }

    [Fact]
    public void APostquantumKeyMayStandInAFileOrTheEnvironment()
    {
        string file = Sample("ppk: { id: lab, key: { file: ppk.txt } }");
        TopologyModel model = Samples.Load(file, new MemorySecrets { Files = { ["ppk.txt"] = "a-post-quantum-key-of-32-octets!\n" } });
        Assert.Equal("a-post-quantum-key-of-32-octets!"u8, model.Nodes[0].Endpoint.Tunnels[0].Connection.PostquantumKeys[0].Key.Span);
        model = Samples.Load(file.Replace("{ file: ppk.txt }", "{ env: PPK }"), new MemorySecrets { Environment = { ["PPK"] = "from-the-environment" } });
        Assert.Equal("from-the-environment"u8, model.Nodes[0].Endpoint.Tunnels[0].Connection.PostquantumKeys[0].Key.Span);
    }

    [Fact]
    public void ReauthenticationIsTheDevicesOrTheConnectionsAndNotAskedForByDefault()
    {
        const string Two = """

            connections:
              - { name: own, peerAddress: 192.0.2.1, sharedKey: a, remoteNetworks: [10.9.0.0/16], reauthTime: 10s }
              - { name: other, peerAddress: 192.0.2.2, sharedKey: a, remoteNetworks: [10.8.0.0/16] }
            """;
        Assert.Equal([TimeSpan.FromSeconds(10), TimeSpan.FromHours(3)],
            Connections("reauthTime: 3h" + Two).Select(connection => connection.ReauthenticationTime!.Value));
        Assert.Equal([TimeSpan.FromSeconds(10), null], Connections(Two.TrimStart()).Select(connection => connection.ReauthenticationTime));
    }

    [Theory]
    [InlineData("ppk: { id: lab }", "connections[0].ppk must have the key key.")]
    [InlineData("ppk: { key: a-post-quantum-key-of-32-octets! }", "connections[0].ppk must have the key id.")]
    [InlineData("ppk: { id: \"\", key: secret-octets }", "connections[0].ppk.id must be 1 to 255 characters")]
    [InlineData("ppk: { id: lab, key: secret-octets, required: perhaps }", "connections[0].ppk.required must be true or false")]
    [InlineData("ppk: { id: lab, key: secret-octets, identity: lab }", "ppk.identity")]
    [InlineData("ppk: secret-octets", "connections[0].ppk must be a mapping")]
    [InlineData("reauthTime: 9s", "connections[0].reauthTime must be 10s or more.")]
    [InlineData("reauthTime: never", "connections[0].reauthTime must be a duration")]
    [InlineData("reauthTime: 0s", "connections[0].reauthTime")]
    public void AWrongPostquantumKeyOrTimeIsOneSentenceThatNamesTheKeyAndKeepsTheSecret(string key, string sentence)
    {
        string error = Assert.Single(Samples.Errors(Sample(key)));
        Assert.Matches(@"^test\.yaml:\d+:\d+: \S.*\.$", error);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-octets", error, StringComparison.Ordinal);
    }

    [Fact]
    public void DeviceMayHaveAnotherKeyThanItsGateway()
    {
        string sample = Samples.Read("site-to-site.yaml").Replace("connections: [hub-to-branch]",
            "connections: [{ name: hub-to-branch, sharedKey: { file: wrong.key } }]");
        TopologyModel model = Samples.Load(sample, new MemorySecrets { Files = { ["wrong.key"] = "wrong\r\n" } });

        Assert.Equal("Gh7s0pQ2xV9k"u8, model.Nodes[0].Endpoint.PresharedKeys[0].Key.Span);
        Assert.Equal("wrong"u8, model.Nodes[1].Endpoint.PresharedKeys[0].Key.Span);
    }

    [Fact]
    public void ActiveActiveGatewayHasTwoNodesAndTheDeviceTwoTunnels()
    {
        string sample = Samples.Read("site-to-site.yaml").Replace("publicIPAddresses: [198.51.100.10]",
            "activeActive: true, publicIPAddresses: [198.51.100.10, 198.51.100.11]");
        TopologyModel model = Samples.Load(sample);

        Assert.Equal([("hub-gw", 0), ("hub-gw", 1), ("branch", 0)], model.Nodes.Select(node => (node.Name, node.Instance)));
        Assert.Equal(["hub-to-branch", "hub-to-branch/1"], model.Nodes[2].Endpoint.Tunnels.Select(tunnel => tunnel.Connection.Name));
    }

    [Theory]
    [InlineData("any", "", "", true)]
    [InlineData("any", "", "remoteIdentity: two.example", false)]
    [InlineData("any", "remoteIdentity: one.example", "remoteIdentity: two.example", false)]
    [InlineData("any", "remoteIdentity: one.example", "remoteIdentity: one.example", true)]
    [InlineData("192.0.2.2", "", "", false)]
    public void PostquantumKeysOfOneNameMustBeToldApart(string secondAddress, string first, string second, bool isRefused)
    {
        const string common = "sharedKey: a, remoteNetworks: [10.1.0.0/16]";
        string file = File($$"""
            connections:
              - { name: one, peerAddress: any, {{common}}, ppk: { id: lab, key: first-key }, {{first}} }
              - { name: two, peerAddress: {{secondAddress}}, {{common}}, ppk: { id: lab, key: second-key }, {{second}} }
              - { name: three, peerAddress: any, {{common}}, ppk: { id: other, key: third-key } }
              - { name: four, peerAddress: any, {{common}}, ppk: { id: other, key: third-key } }
            """.Replace(", }", " }", StringComparison.Ordinal));
        if (isRefused)
            Assert.EndsWith("must have another ppk id than lab, or another remoteIdentity: one has another key of that id for the same peer.",
                Assert.Single(Samples.Errors(file)));
        else
            Assert.Equal(4, Samples.Load(file).Nodes[0].Endpoint.Tunnels.Length);
    }

    static string Sample(string key) =>
        File($$"""connections: [{ name: one, peerAddress: 192.0.2.1, sharedKey: a, remoteNetworks: [10.9.0.0/16], {{key}} }]""");

    static ConnectionConfiguration[] Connections(string device) => [.. Load(device).Tunnels.Select(tunnel => tunnel.Connection)];

    /// <summary>The only node of a file with one site, whose device has these keys beside its address.</summary>
    static EndpointConfiguration Load(string device) => Samples.Load(File(device)).Nodes[0].Endpoint;

    static string File(string device) => $"""
        name: test
        sites:
          branch:
            networks: [10.2.0.0/24]
            device:
              address: 203.0.113.5
              {device.ReplaceLineEndings("\n      ")}
        """;
}
