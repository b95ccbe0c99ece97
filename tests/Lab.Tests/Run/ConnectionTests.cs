using Ipsec.Azure.Diagnostics;
using Ipsec.Lab.Report;
using Ipsec.Lab.Run;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Run;

public sealed class ConnectionTests
{
    [Fact]
    public void Ipv6CarriesIpv6AndIpv4()
    {
        TopologyModel model = Samples.Load("""
            name: v6
            sites:
              left:
                networks: [fd00:1::/64, 10.1.0.0/24]
                device: { address: "2001:db8:1::1", connections: [{ name: link, peer: right, sharedKey: secret-of-both }] }
              right:
                networks: [fd00:2::/64, 10.2.0.0/24]
                device: { address: "2001:db8:2::1", startAction: none, connections: [{ name: link, peer: left, sharedKey: secret-of-both }] }
            hosts:
              a6: { in: left, address: "fd00:1::10" }
              b6: { in: right, address: "fd00:2::10" }
              a4: { in: left, address: 10.1.0.10 }
              b4: { in: right, address: 10.2.0.10 }
            expect:
              - tunnel link is up
              - ping a6 -> b6
              - ping b6 -> a6 size 1200
              - ping a4 -> b4

            """);
        Labs.AssertPassed(Labs.RunToEnd(model));
    }

    [Fact]
    public void AWrongKeyIsKnownFromBothSides()
    {
        LabReport report = Labs.RunToEnd(Labs.Devices("", "", """
            expect:
              - tunnel link fails authentication-failed
              - no ping a -> b

            """, rightKey: "another-secret"));
        Labs.AssertPassed(report);
        TunnelReport left = report.Tunnels.Single(tunnel => tunnel.Node == "left");
        Assert.All(left.Reasons, reason => Assert.Equal(("known", 13801), (reason.Certainty, reason.AzureError)));
        Assert.Contains(left.Reasons, reason => reason.Text.StartsWith("right: AUTH of 192.0.2.1 does not verify", StringComparison.Ordinal));
    }

    [Fact]
    public void DisjointSelectorsAreNamed()
    {
        LabReport report = Labs.RunToEnd(Labs.Devices(", remoteSelectors: [10.9.0.0/24]", "", """
            expect:
              - tunnel link fails ts-unacceptable
              - no ping a -> b

            """));
        Labs.AssertPassed(report);
        Assert.Contains(report.Tunnels.SelectMany(tunnel => tunnel.Reasons), reason => reason.AzureError == 13999);
    }

    [Fact]
    public void TrafficStartsATunnelThatWaitsForIt() =>
        Labs.AssertPassed(Labs.RunToEnd(Labs.Devices(", startAction: traffic", "", """
            expect:
              - tunnel link is up
              - ping a -> b

            """)));

    [Fact]
    public void ATunnelThatNobodyStartsIsNotUp()
    {
        LabReport report = Labs.RunToEnd(Labs.Devices(", startAction: none", "", """
            expect:
              - tunnel link is up
              - tunnel link fails

            """));
        Assert.Equal([false, false], report.Expectations.Select(expectation => expectation.Passed));
    }

    // Nothing is wrong until the right side starts the first rekey, which happens after hours: said on the first day (D8).
    [Fact]
    public void ARekeyThatWillFailIsForetold()
    {
        LabReport report = Labs.RunToEnd(Labs.Devices(", espProposals: [aes256gcm16-modp2048]", ", espProposals: [aes256gcm16]", """
            expect:
              - tunnel link is up
              - ping a -> b

            """));
        Labs.AssertPassed(report);
        Assert.All(report.Tunnels, tunnel =>
        {
            ReasonReport reason = Assert.Single(tunnel.Reasons);
            Assert.Equal(("rekey-will-fail", "known", 13868), (reason.Code, reason.Certainty, reason.AzureError));
            Assert.Contains($"rekey that {tunnel.Node} starts will fail: key exchange", reason.Text);
        });
    }

    [Fact]
    public void HostsBehindOneNodeNeedNoTunnel() => Labs.AssertPassed(Labs.RunToEnd(Samples.Load("""
        name: one-site
        sites:
          left:
            networks: [10.1.0.0/24]
            device: { address: 192.0.2.1, connections: [] }
        hosts:
          a: { in: left, address: 10.1.0.10 }
          b: { in: left, address: 10.1.0.11 }
        expect:
          - ping a -> b

        """)));
}
