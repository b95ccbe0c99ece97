using System.Collections.Immutable;
using Ipsec.Lab.Explanation;
using Ipsec.Lab.Report;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Explanation;

public sealed class ExplainerTests
{
    static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The Azure side of the README; what stands in braces differs from test to test.</summary>
    const string Gateway = """
        name: azure
        azure:
          virtualNetworks:
            hub: { addressPrefixes: [10.1.0.0/16], subnets: { GatewaySubnet: 10.1.255.0/27 } }
          virtualNetworkGateways:
            hub-gw: { virtualNetwork: hub, sku: VpnGw2AZ, publicIPAddresses: [198.51.100.10] }
          localNetworkGateways:
            branch: { gatewayIpAddress: 203.0.113.5, addressPrefixes: [10.2.0.0/24] }
          connections:
            hub-to-branch: { virtualNetworkGateway1: hub-gw, localNetworkGateway2: branch, sharedKey: TheRightKey }
        """;

    /// <summary>A device that has one key for everybody.</summary>
    const string Device = """
        name: device
        sites:
          hub:
            networks: [10.1.0.0/16]
            device: { address: 198.51.100.10, connections: [ { name: hub, peerAddress: 203.0.113.5, remoteIdentity: 203.0.113.5, remoteNetworks: [10.2.0.0/24], sharedKey: TheRightKey, proposals: [aes256-sha1-modp1024] } ] }
        """;

    const string Swanctl = """
        # what the administrator of the branch sent
        connections {
          hub {
            version = 2
            local_addrs = 203.0.113.5
            remote_addrs = 198.51.100.10
            proposals = aes256-sha1-modp1024
            local { auth = psk
            }
            remote { auth = psk
            }
            children {
              net {
                local_ts = 10.2.0.0/24
                remote_ts = 10.1.0.0/16
                esp_proposals = aes256gcm16
                start_action = start
              }
            }
          }
        }
        secrets {
          ike-1 {
            secret = "TheRightKey"
          }
        }
        """;

    [Theory]
    [MemberData(nameof(SamplesInOneFile))]
    public void WhatIsForeseenForASampleIsWhatItsRunDoes(string sample)
    {
        TopologyModel model = Labs.Sample(sample);
        LabReport run = Labs.RunToEnd(model);

        ExplanationReport explained = Explainer.Explain(model, sample, Now);

        foreach (ConnectionExplanation connection in explained.Connections)
        {
            bool isUp = run.Tunnels.Where(tunnel => tunnel.Connection == connection.Connection).All(tunnel => tunnel.State == "established");
            Assert.True(connection.ComesUp == isUp, $"{connection.Connection}: {string.Join('\n', connection.Statements)}");
        }
    }

    public static TheoryData<string> SamplesInOneFile => [.. Run.SampleTests.All.Select(row => row.Data)
        // Its peer is a program outside the file, or its certificates live in the lab's time.
        .Where(name => name is not "site-to-site-certificate.yaml")];

    [Fact]
    public void AGatewayAndTheStrongSwanThatFitsItComeUpAndStayUp()
    {
        ConnectionExplanation explained = Explain(Gateway, Swanctl);

        Assert.True(explained.ComesUp && explained.StaysUp, string.Join('\n', explained.Statements));
        Assert.Contains(explained.Statements, statement => statement.Reason.Text.Contains("aes256-sha1-modp1024"));
        Assert.DoesNotContain(explained.Statements, statement => statement.Verdict == Statement.Fails);
    }

    [Fact]
    public void ADeviceWithPfsAgainstAGatewayWithoutComesUpAndFailsAtTheFirstRekey()
    {
        ConnectionExplanation explained = Explain(Gateway, Swanctl.Replace("esp_proposals = aes256gcm16", "esp_proposals = aes256gcm16-modp2048"));

        Assert.True(explained.ComesUp);
        Assert.False(explained.StaysUp);
        Statement[] failures = [.. explained.Statements.Where(statement => statement.Verdict == Statement.Fails)];
        Assert.NotEmpty(failures);
        Assert.All(failures, failure =>
        {
            Assert.Equal((Statement.Rekey, "rekey-will-fail", "known", 13868),
                (failure.Stage, failure.Reason.Code, failure.Reason.Certainty, failure.Reason.AzureError));
            Assert.Contains("modp2048", failure.Reason.Text);
        });
        Assert.Contains(failures, failure => failure.Reason.Text.StartsWith("The first child SA rekey that hub-gw starts will fail", StringComparison.Ordinal));
        // The IKE SA's rekey does not fail, so its time is none of theirs.
        Assert.All(failures, failure => Assert.DoesNotContain("(IKE SA)", failure.Reason.Text));
        Assert.All(failures, failure => Assert.Contains("(child SA), unless", failure.Reason.Text));
        Assert.Equal(2, explained.Statements.Count(statement => statement is { Stage: Statement.Rekey, Verdict: Statement.Agrees }
            && statement.Reason.Text.Contains("(IKE SA), will be accepted") && !statement.Reason.Text.Contains("child")));
    }

    [Theory]
    [InlineData("secret = \"TheRightKey\"", "secret = \"AnotherKey\"", "authentication-failed", "The pre-shared keys differ")]
    [InlineData("local { auth = psk", "local { auth = pubkey", "authentication-failed", "demands a pre-shared key")]
    [InlineData("local { auth = psk", "local { auth = eap-mschapv2", "authentication-failed", "proves itself by EAP")]
    [InlineData("proposals = aes256-sha1-modp1024", "proposals = aes256-sha256-modp2048", "no-proposal-chosen", "modp2048")]
    [InlineData("esp_proposals = aes256gcm16", "esp_proposals = chacha20poly1305", "no-proposal-chosen", "chacha20poly1305")]
    [InlineData("version = 2", "version = 1", "invalid-major-version", "IKEv1 only")]
    [InlineData("mode", "mode", null, "")]
    public void WhatDiffersIsNamed(string part, string change, string? code, string words)
    {
        ConnectionExplanation explained = Explain(Gateway, Swanctl.Replace(part, change));

        Assert.Equal(code is null, explained.ComesUp);
        if (code is not null)
        {
            Statement failure = Assert.Single(explained.Statements.Where(statement => statement.Verdict == Statement.Fails
                && statement.Reason.Text.Contains(words)).Take(1));
            Assert.Equal((Statement.Start, code, "known"), (failure.Stage, failure.Reason.Code, failure.Reason.Certainty));
        }
    }

    [Fact]
    public void AnIdentityThatTheOtherSideDoesNotExpectIsNamed()
    {
        ConnectionExplanation explained = Explain(Gateway, Swanctl.Replace("remote { auth = psk", "remote { auth = psk\n id = hub.example"));

        Assert.False(explained.ComesUp);
        Assert.Contains(explained.Statements, statement => statement.Verdict == Statement.Fails && statement.Reason.Code == "authentication-failed"
            && statement.Reason.Text.Contains("hub-gw calls itself 198.51.100.10, and strongSwan expects hub.example"));
    }

    [Fact]
    public void NetworksThatDoNotMeetAreNamedFromBothSides()
    {
        ConnectionExplanation explained = Explain(Device, Swanctl.Replace("remote_ts = 10.1.0.0/16", "remote_ts = 10.7.0.0/16"));

        Assert.False(explained.ComesUp);
        Assert.Contains(explained.Statements, statement => statement.Verdict == Statement.Fails && statement.Reason.Code == "ts-unacceptable"
            && statement.Reason.Text.Contains("10.7.0.0/16") && statement.Reason.Text.Contains("10.1.0.0/16") && statement.Reason.AzureError == 13999);
    }

    [Fact]
    public void AnAddressThatDoesNotFitIsALikelyFaultOnly()
    {
        ConnectionExplanation explained = Explain(Device, Swanctl.Replace("local_addrs = 203.0.113.5", "local_addrs = 192.168.1.5")
            .Replace("local { auth = psk", "local { auth = psk\n id = 203.0.113.5"));

        Assert.True(explained.ComesUp, string.Join('\n', explained.Statements));
        Assert.Contains(explained.Statements, statement => statement.Verdict == Statement.Warns && statement.Reason.Certainty == "likely"
            && statement.Reason.Text.Contains("192.168.1.5"));
    }

    [Fact]
    public void CertificatesOfAStrongSwanFileAreNotCompared()
    {
        string both = Swanctl.Replace("auth = psk", "auth = pubkey");
        ConnectionExplanation explained = Explain(Device, both);

        // The device has a key only, so this is a failure that is known.
        Assert.False(explained.ComesUp);
        Assert.Contains(explained.Statements, statement => statement.Reason.Text.Contains("demands a signature"));
    }

    [Fact]
    public void EachInstanceOfAnActiveActiveGatewayMeetsATunnelOfItsOwn()
    {
        string file = Gateway.Replace("publicIPAddresses: [198.51.100.10]", "publicIPAddresses: [198.51.100.10, 198.51.100.11], activeActive: true") + """

            sites:
              branch: { networks: [10.2.0.0/24], device: { profile: azure-sample, address: 203.0.113.5, connections: [hub-to-branch] } }
            """;

        ExplanationReport report = Explainer.Explain(Samples.Load(file), "lab.yaml", Now);

        Assert.True(report.Passed);
        Assert.Equal(["hub-gw/0 198.51.100.10 <-> branch 203.0.113.5", "hub-gw/1 198.51.100.11 <-> branch 203.0.113.5"],
            report.Connections.Select(connection => $"{connection.Left} <-> {connection.Right}"));
    }

    [Fact]
    public void ConnectionsOfTwoNamesBetweenTwoGatewaysMeetByTheirAddresses()
    {
        ExplanationReport report = Explainer.Explain(Samples.Load("""
            name: vnet-to-vnet
            azure:
              virtualNetworks:
                one: { addressPrefixes: [10.1.0.0/16], subnets: { GatewaySubnet: 10.1.255.0/27 } }
                two: { addressPrefixes: [10.2.0.0/16], subnets: { GatewaySubnet: 10.2.255.0/27 } }
              virtualNetworkGateways:
                one-gw: { virtualNetwork: one, publicIPAddresses: [198.51.100.10] }
                two-gw: { virtualNetwork: two, publicIPAddresses: [198.51.100.20] }
              connections:
                one-to-two: { connectionType: Vnet2Vnet, virtualNetworkGateway1: one-gw, virtualNetworkGateway2: two-gw, sharedKey: TheRightKey }
                two-to-one: { connectionType: Vnet2Vnet, virtualNetworkGateway1: two-gw, virtualNetworkGateway2: one-gw, sharedKey: TheRightKey }
            """), "lab.yaml", Now);

        Assert.True(report.Passed, string.Join("\n", report.Connections.SelectMany(connection => connection.Statements)
            .Select(statement => statement.Reason.Text)));
        Assert.Equal("one-gw 198.51.100.10 <-> two-gw 198.51.100.20",
            Assert.Single(report.Connections.Select(connection => $"{connection.Left} <-> {connection.Right}")));
    }

    [Fact]
    public void APeerThatIsNotInTheFileIsAskedFor()
    {
        ExplanationReport explained = Explainer.Explain(Samples.Load(Gateway), "azure.yaml", Now);

        ConnectionExplanation alone = Assert.Single(explained.Connections);
        Assert.False(explained.Passed);
        Assert.Contains("--peer", Assert.Single(alone.Statements).Reason.Text);
    }

    static ConnectionExplanation Explain(string ours, string swanctl)
    {
        Assert.True(PeerFile.TryLoad(swanctl, "swanctl.conf", new MemorySecrets(), _ => [], out PeerFile? peer, out ImmutableArray<TopologyError> errors),
            string.Join('\n', errors));
        return Assert.Single(Explainer.Explain(Samples.Load(ours), "azure.yaml", peer, Now).Connections);
    }
}
