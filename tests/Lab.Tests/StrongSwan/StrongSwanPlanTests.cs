using System.Collections.Immutable;
using Ipsec.Crypto.Signatures;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Run;
using Ipsec.Lab.StrongSwan;
using Ipsec.Lab.Swanctl;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Lab.Tests.StrongSwan;

/// <summary>What strongSwan is told where it plays a node of a lab.</summary>
public sealed class StrongSwanPlanTests
{
    const string TwoPeers = """
        name: two-peers
        sites:
          branch:
            networks: [10.2.0.0/24]
            device:
              kind: strongswan
              address: 203.0.113.5
              vpnType: RouteBased
              startAction: traffic
              mssClamp: 1300
              retransmission: { timeout: 2s, tries: 4 }
              connections:
                - { name: one, peerAddress: 192.0.2.1, sharedKey: Gh7s0pQ2xV9k, remoteNetworks: [10.8.0.0/16] }
                - { name: two, peerAddress: 192.0.2.2, sharedKey: Zh7s0pQ2xV9k, remoteNetworks: [10.9.0.0/16, 10.10.0.0/16], mssClamp: 1200 }
        """;

    [Fact]
    public void RouteBasedTunnelsBesideEachOtherAreToldApartByTheirNetworks()
    {
        TopologyModel model = Load(TwoPeers);
        using StrongSwanPlan plan = StrongSwanPlan.Create(model, model.Nodes[0]);

        Assert.Equal(NodeProgram.StrongSwan, model.Nodes[0].Program);
        ConnectionConfiguration[] read = [.. Read(plan).Connections.Select(connection => connection.Connection)];
        Assert.Equal(["0.0.0.0/0 === 10.8.0.0/16", "0.0.0.0/0 === 10.9.0.0/16 10.10.0.0/16"],
            read.Select(connection => Selectors(Assert.Single(connection.Children))));
        Assert.Equal(["10.8.0.0/16", "10.9.0.0/16", "10.10.0.0/16"], plan.Routes.Select(route => route.ToString()));
        // User-space ESP has no traps, and its policies no interface.
        Assert.All(read, connection => Assert.Equal(StartAction.None, connection.StartAction));
        Assert.Equal(2, plan.Configuration.Split("close_action = start\n").Length - 1);
        Assert.Equal([true, true], plan.Tunnels.Select(tunnel => tunnel.Dials));
        Assert.DoesNotContain("if_id", plan.Configuration, StringComparison.Ordinal);
        Assert.Equal((1200, TimeSpan.FromSeconds(2), 4, true), (plan.MssClamp, plan.Retransmission.Timeout, plan.Retransmission.Tries, plan.Transit));
        Assert.Contains("id = 192.0.2.2\n    secret = Zh7s0pQ2xV9k\n", plan.Configuration, StringComparison.Ordinal);
    }

    [Fact]
    public void ASingleRouteBasedTunnelStaysAnyToAny()
    {
        TopologyModel model = Load(TwoPeers[..TwoPeers.IndexOf("        - { name: two", StringComparison.Ordinal)]);
        using StrongSwanPlan plan = StrongSwanPlan.Create(model, model.Nodes[0]);

        Assert.Equal("0.0.0.0/0 === 0.0.0.0/0", Selectors(Assert.Single(Assert.Single(Read(plan).Connections).Connection.Children)));
        Assert.Equal([["one"]], plan.Tunnels.Select(tunnel => tunnel.Children));
        Assert.Empty(plan.SelectorAddresses);
    }

    [Theory]
    [InlineData("10.8.0.0/16", "10.8.0.0/15")]
    [InlineData("Gh7s0pQ2xV9k", "Gh7s0pQ2xV9l")]
    [InlineData("startAction: traffic", "startAction: traffic")]
    public void ALabThatRunsDoesNotTellItAnythingElse(string before, string after)
    {
        string? fault = LabReload.FindFault(Load(TwoPeers), Load(TwoPeers.Replace(before, after, StringComparison.Ordinal)));

        Assert.Equal(before == after ? null : "What strongSwan is told, which plays branch, cannot change while a lab runs; run it again.", fault);
    }

    [Fact]
    public void EachLocalSelectorHasAnAddressWhichUserSpaceEspWants()
    {
        TopologyModel model = Load(TwoPeers.Replace("vpnType: RouteBased", "vpnType: PolicyBased", StringComparison.Ordinal));
        using StrongSwanPlan plan = StrongSwanPlan.Create(model, model.Nodes[0]);

        Assert.Equal(["10.2.0.0"], plan.SelectorAddresses.Select(address => address.ToString()));
        Assert.Equal([["one"], ["two", "two-2"]], plan.Tunnels.Select(tunnel => tunnel.Children));
    }

    [Fact]
    public void CertificatesAndKeysBecomeFilesThatTheConfigurationNames()
    {
        TestCertificate root = TestCertificate.Root("CN=Root", new() { IsAuthority = true });
        TestCertificate own = root.Issue("CN=left", new() { Dns = ["left.example"] });
        MemorySecrets secrets = new();
        secrets.Files["left.pem"] = own.Pem;
        secrets.Files["left.key"] = own.KeyPem;
        secrets.Files["root.pem"] = root.Pem;
        TopologyModel model = Load("""
            name: certificates
            sites:
              branch:
                networks: [10.2.0.0/24]
                device:
                  kind: strongswan
                  address: 203.0.113.5
                  certificate: { file: left.pem }
                  privateKey: { file: left.key }
                  certificateAuthorities: { file: root.pem }
                  localIdentity: left.example
                  connections: [{ name: one, peerAddress: 192.0.2.1, remoteNetworks: [10.8.0.0/16], remoteIdentity: right.example, revocation: strict }]
            """, secrets);
        Assert.Empty(StrongSwanPlan.WhyNot(model.Nodes[0]));
        using StrongSwanPlan plan = StrongSwanPlan.Create(model, model.Nodes[0]);

        Assert.Equal(["private", "x509", "x509ca"], plan.Files.Select(file => file.Folder).Order(StringComparer.Ordinal));
        string certificate = plan.Files.Single(file => file.Folder == "x509").Name;
        Assert.Contains($"auth = pubkey\n      certs = {certificate}\n      id = left.example\n", plan.Configuration, StringComparison.Ordinal);
        string authority = plan.Files.Single(file => file.Folder == "x509ca").Name;
        Assert.Contains($"id = right.example\n      cacerts = {authority}\n      revocation = strict\n", plan.Configuration, StringComparison.Ordinal);
        Assert.DoesNotContain("secret =", plan.Configuration, StringComparison.Ordinal);
        Assert.True(SigningKey.TryRead(plan.Files.Single(file => file.Folder == "private").Content.Span, [], out SigningKey? key, out string? error), error);
        Assert.Equal(own.Key.PublicKey, key.PublicKey);
        key.Dispose();
    }

    [Theory]
    [InlineData("ppk: { id: one, key: 0123456789abcdef0123456789abcdef }", "has a post-quantum preshared key, which is not written to a swanctl.conf")]
    [InlineData("mode: transport", "has transport mode, which user-space ESP of strongSwan does not have")]
    public void WhatStrongSwanCannotGiveIsRefused(string keys, string why)
    {
        TopologyModel model = Load($$"""
            name: refused
            sites:
              branch:
                networks: [10.2.0.0/24]
                device:
                  kind: strongswan
                  address: 203.0.113.5
                  connections: [{ name: one, peerAddress: 192.0.2.1, sharedKey: Gh7s0pQ2xV9k, remoteNetworks: [10.9.0.0/16], {{keys}} }]
            """);

        Assert.Equal([$"branch cannot be played by strongSwan: its connection one {why}."], StrongSwanPlan.WhyNot(model.Nodes[0]));
    }

    static string Selectors(ChildConfiguration child) => $"{string.Join(' ', child.LocalSelectors)} === {string.Join(' ', child.RemoteSelectors)}";

    static SwanctlFile Read(StrongSwanPlan plan)
    {
        SwanctlFile? file = SwanctlFile.Load(plan.Configuration, "swanctl.conf", _ => [], out ImmutableArray<TopologyError> errors);
        Assert.True(file is not null, string.Join("\n", errors) + plan.Configuration);
        return file;
    }

    static TopologyModel Load(string text, MemorySecrets? secrets = null)
    {
        Assert.True(TopologyFile.TryLoad(text, "lab.yaml", secrets ?? new MemorySecrets(), out TopologyModel? model, out ImmutableArray<TopologyError> errors),
            string.Join("\n", errors));
        return model;
    }
}
