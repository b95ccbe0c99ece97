using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Explanation;
using Ipsec.Lab.Profiles;
using Ipsec.Lab.Swanctl;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.DeviceConfig;

/// <summary>The swanctl.conf of a device: our own reader reads the device back, and an explanation against it says that it works.</summary>
public class SwanctlWriterTests
{
    const string DefaultPolicy = "proposals: [aes256-sha1-modp1024]";
    public static TheoryData<string> Names => [.. DeviceProfile.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void IsReadBackAsTheSameConnection(string profile)
    {
        TopologyModel model = DeviceConfigLab.Load(profile);
        ConnectionConfiguration device = DeviceConfigLab.Device(model).Endpoint.Tunnels[0].Connection;

        SwanctlFile file = Read(DeviceConfigLab.Swanctl(model));

        SwanctlConnection connection = Assert.Single(file.Connections);
        ConnectionConfiguration read = connection.Connection;
        Assert.Equal((device.Name, device.RemoteAddress, device.StartAction), (read.Name, read.RemoteAddress, read.StartAction));
        Assert.Equal([IpAddress.Parse("203.0.113.5")], connection.LocalAddresses);
        Assert.Equal("198.51.100.10", read.RemoteIdentity?.ToString());
        Assert.Equal(device.InitiatorProposals, read.InitiatorProposals.AsEnumerable());
        AssertTimes(device.Lifetime, read.Lifetime);
        ChildConfiguration child = Assert.Single(read.Children);
        Assert.Equal(device.Children[0].InitiatorProposals, child.InitiatorProposals.AsEnumerable());
        Assert.Equal(device.Children[0].LocalSelectors, child.LocalSelectors.AsEnumerable());
        Assert.Equal(device.Children[0].RemoteSelectors, child.RemoteSelectors.AsEnumerable());
        AssertTimes(device.Children[0].Lifetime, child.Lifetime);
        Assert.Contains(file.PresharedKeys, key => key.Key.Span.SequenceEqual("Gh7s0pQ2xV9k"u8));
        Assert.Equal((SwanctlAuthentication.PresharedKey, SwanctlAuthentication.PresharedKey), (connection.Local, connection.Remote));
        Assert.True(connection.SpeaksIkev2);
    }

    [Theory]
    [InlineData("strongswan", DefaultPolicy + "\n      espProposals: [aes256gcm16]", "")]
    [InlineData("strongswan", DefaultPolicy + "\n      espProposals: [aes256gcm16]\n      vpnType: RouteBased", "")]
    [InlineData("azure-sample", "", "")]
    [InlineData("cisco-asa", "", DeviceConfigLab.AsaPolicy)]
    [InlineData("cisco-ios", "", "")]
    [InlineData("juniper-srx", "", "")]
    [InlineData("fortigate", "", "")]
    [InlineData("palo-alto", "", "")]
    [InlineData("opnsense", "", "")]
    [InlineData("windows-rras", "", "")]
    public void ComesUpAndStaysUpAgainstTheGateway(string profile, string device, string connection)
    {
        TopologyModel model = DeviceConfigLab.Load(profile, device, connection);

        ConnectionExplanation explained = Assert.Single(DeviceConfigLab.ExplainAgainst(model, DeviceConfigLab.Swanctl(model)).Connections);

        Assert.Empty(explained.Statements.Where(statement => statement.Verdict != Statement.Agrees).Select(statement => statement.Reason.Text));
        Assert.True(explained.ComesUp && explained.StaysUp);
    }

    [Theory]
    [InlineData("strongswan")]
    [InlineData("cisco-asa")]
    public void ExplainSaysWhereAProfileCannotMeetTheDefaultPolicy(string profile)
    {
        TopologyModel model = DeviceConfigLab.Load(profile);

        ConnectionExplanation[] explained =
        [
            Assert.Single(Explainer.Explain(model, "lab.yaml", DeviceConfigLab.Utc).Connections),
            Assert.Single(DeviceConfigLab.ExplainAgainst(model, DeviceConfigLab.Swanctl(model)).Connections),
        ];

        Assert.All(explained, one => Assert.False(one.ComesUp));
        Assert.All(explained, one => Assert.Contains("no-proposal-chosen",
            one.Statements.Where(statement => statement.Verdict == Statement.Fails).Select(statement => statement.Reason.Code)));
    }

    [Fact]
    public void RouteBasedDeviceHasAnInterfaceItsRoutesAndTheClampInItsFirstLines()
    {
        string text = DeviceConfigLab.Swanctl(DeviceConfigLab.Load("cisco-ios"));

        Assert.Contains("#   ip link add ipsec1 type xfrm if_id 1 && ip link set ipsec1 mtu 1400 up\n", text);
        Assert.Contains("# Routes:\n#   ip route add 10.1.0.0/16 dev ipsec1\n", text);
        Assert.Contains("#   iptables -t mangle -A FORWARD -o ipsec1 -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1350\n", text);
        Assert.Contains("if_id_in = 1\n", text);
        Assert.Contains("local_ts = 0.0.0.0/0\n", text);
        Assert.DoesNotContain("if_id", DeviceConfigLab.Swanctl(DeviceConfigLab.Load("azure-sample")));
    }

    [Fact]
    public void ActiveActiveGatewayHasAConnectionAndAnInterfaceForEachInstance()
    {
        TopologyModel model = DeviceConfigLab.Load("fortigate", gateway: "publicIPAddresses: [198.51.100.10, 198.51.100.11], activeActive: true");

        SwanctlFile file = Read(DeviceConfigLab.Swanctl(model));

        Assert.Equal(["198.51.100.10", "198.51.100.11"], file.Connections.Select(connection => connection.Connection.RemoteAddress.ToString()));
        Assert.Equal(["hub-to-branch", "hub-to-branch-1"], file.Connections.Select(connection => connection.Connection.Name));
        Assert.Contains("if_id_out = 2", DeviceConfigLab.Swanctl(model));
        Assert.Contains("#   ip route add 10.1.0.0/16 nexthop dev ipsec1 nexthop dev ipsec2\n", DeviceConfigLab.Swanctl(model));
    }

    [Fact]
    public void PoliciesThatTheKernelCannotTellApartAreNamed()
    {
        TopologyModel model = DeviceConfigLab.Load("azure-sample", gateway: "publicIPAddresses: [198.51.100.10, 198.51.100.11], activeActive: true");

        string text = DeviceConfigLab.Swanctl(model);

        Assert.Contains("# hub-to-branch and hub-to-branch/1 have the same selectors, and only one of them carries traffic at a time", text);
        Assert.DoesNotContain("the same selectors", DeviceConfigLab.Swanctl(DeviceConfigLab.Load("azure-sample")));
    }

    [Theory]
    [InlineData("azure-sample", "vpnType: PolicyBased", new[] { "10.2.0.0/24 === 10.1.0.0/16", "10.3.0.0/24 === 10.1.0.0/16" })]
    [InlineData("cisco-asa", "", new[] { "10.2.0.0/24 === 10.1.0.0/16", "10.3.0.0/24 === 10.1.0.0/16" })]
    [InlineData("azure-sample", "vpnType: RouteBased", new[] { "0.0.0.0/0 === 0.0.0.0/0" })]
    public void PolicyBasedDeviceHasAChildForEachPairOfNetworks(string profile, string device, string[] pairs)
    {
        SwanctlFile file = Read(DeviceConfigLab.Swanctl(DeviceConfigLab.Load(profile, device, networks: "10.2.0.0/24, 10.3.0.0/24")));

        ImmutableArray<ChildConfiguration> children = Assert.Single(file.Connections).Connection.Children;
        Assert.Equal(pairs, children.Select(child => $"{Assert.Single(child.LocalSelectors)} === {Assert.Single(child.RemoteSelectors)}"));
        Assert.Equal(children.Length, children.Select(child => child.Name).Distinct().Count());
    }

    [Fact]
    public void AnotherSiteOfTheFileGetsOneChildForAllNetworks()
    {
        Assert.True(TopologyFile.TryLoad("""
            name: sites
            sites:
              left:
                networks: [10.2.0.0/24, 10.3.0.0/24]
                device: { address: 203.0.113.5, connections: [{ name: between, peer: right, sharedKey: Gh7s0pQ2xV9k }] }
              right:
                networks: [10.4.0.0/24]
                device: { address: 203.0.113.6, connections: [{ name: between, peer: left, sharedKey: Gh7s0pQ2xV9k }] }
            """, "lab.yaml", new MemorySecrets(), out TopologyModel? model, out ImmutableArray<TopologyError> errors), string.Join("\n", errors));

        SwanctlFile file = Read(SwanctlWriter.Write(model, model.Nodes[0], model.Nodes[0].Endpoint.Tunnels));

        ChildConfiguration child = Assert.Single(Assert.Single(file.Connections).Connection.Children);
        Assert.Equal(2, child.LocalSelectors.Length);
    }

    [Theory]
    [InlineData("'0xNotHex'")]
    [InlineData("'0sNotBase64'")]
    [InlineData("'quote\"and\\slash'")]
    [InlineData("'#no{comment}=:,'")]
    public void KeysOfAnyCharactersSurvive(string key)
    {
        SwanctlFile file = Read(DeviceConfigLab.Swanctl(DeviceConfigLab.Load("fortigate", key: key)));

        Assert.All(file.PresharedKeys, read => Assert.Equal(System.Text.Encoding.ASCII.GetBytes(key.Trim('\'')), read.Key.Span.ToArray()));
        Assert.NotEmpty(file.PresharedKeys);
    }

    [Fact]
    public void WhatTheFileSaysIsWritten()
    {
        string text = DeviceConfigLab.Swanctl(DeviceConfigLab.Load("azure-sample", """
            localIdentity: "C=CH, O=Example, CN=branch"
                  startAction: traffic
                  dpdAction: start
                  closeAction: none
                  duplicates: keep
                  fragmentation: accept
                  forceUdpEncapsulation: true
                  mobike: true
                  reauthTime: 1h
                  inactivity: 10m
                  replayWindow: 0
                  childLifetime: { rekey: 60s, hard: 80s, jitter: 5s, rekeyBytes: 1000000, hardBytes: 2000000 }
            """));

        string[] lines =
        [
            "id = \"C=CH, O=Example, CN=branch\"", "start_action = trap", "dpd_action = restart", "close_action = none", "unique = keep",
                "fragmentation = accept",
            "encap = yes", "mobike = yes", "reauth_time = 3600s", "inactivity = 600s", "replay_window = 0", "life_time = 80s", "rand_time = 5s",
            "rekey_bytes = 1000000", "life_bytes = 2000000",
        ];
        Assert.All(lines, line => Assert.Contains($"{line}\n", text));
    }

    [Theory]
    [InlineData("ppk: { id: one, key: 0123456789abcdef0123456789abcdef }", "has a post-quantum preshared key")]
    [InlineData("redirectTo: gw2.example", "redirects its peers")]
    public void WhatTheFileCannotHoldIsRefused(string keys, string why)
    {
        Assert.True(TopologyFile.TryLoad($$"""
            name: refused
            sites:
              branch:
                networks: [10.2.0.0/24]
                device:
                  address: 203.0.113.5
                  connections: [{ name: one, peerAddress: 192.0.2.1, sharedKey: Gh7s0pQ2xV9k, remoteNetworks: [10.9.0.0/16], {{keys}} }]
            """, "lab.yaml", new MemorySecrets(), out TopologyModel? model, out ImmutableArray<TopologyError> errors), string.Join("\n", errors));

        Assert.Equal($"Connection one {why}, which is not written to a swanctl.conf.", SwanctlWriter.WhyNot(model.Nodes[0].Endpoint.Tunnels[0].Connection));
    }

    static SwanctlFile Read(string text)
    {
        SwanctlFile? file = SwanctlFile.Load(text, "generated.conf", _ => [], out ImmutableArray<TopologyError> errors);
        Assert.True(file is not null, string.Join("\n", errors) + text);
        return file;
    }

    static void AssertTimes(Lifetime expected, Lifetime actual) =>
        Assert.Equal((expected.RekeyTime, expected.HardTime, expected.RekeyJitter), (actual.RekeyTime, actual.HardTime, actual.RekeyJitter));
}
