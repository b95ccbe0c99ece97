using System.Globalization;
using System.Text.RegularExpressions;
using Ipsec.Lab.Report;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;

namespace Ipsec.Lab.Tests.Run;

/// <summary><c>emulation.limitBandwidth</c>: what the tunnels of a gateway carry together, seen by who fetches through them.</summary>
public partial class BandwidthTests
{
    /// <summary>The benchmark of the SKU Basic (the reference, §1.2).</summary>
    const double SkuMbps = 100;

    /// <summary>24 Mbit: 0.24 s of the SKU's bandwidth, of which the bucket lends 0.1 s.</summary>
    const int Octets = 3_000_000;

    [Fact]
    public void AFetchTakesTheTimeThatTheBucketSays()
    {
        double rate = Assert.Single(Rates(limit: true, "fetch pc0 -> vm1"));

        Assert.InRange(rate, SkuMbps / 2, SkuMbps * 0.24 / 0.14);
    }

    [Fact]
    public void WithoutTheLimitItIsFaster() => Assert.True(Assert.Single(Rates(limit: false, "fetch pc0 -> vm1")) > 3 * SkuMbps);

    [Fact]
    public void TwoConnectionsShareIt()
    {
        double[] rates = Rates(limit: true, "fetch pc0 -> vm1", "fetch pc1 -> vm1");

        // 48 Mbit: the slower one ends after 0.38 s at the earliest.
        Assert.Equal(2, rates.Length);
        Assert.InRange(rates.Min(), SkuMbps / 5, SkuMbps / 2 * 0.48 / 0.38);
    }

    static double[] Rates(bool limit, params string[] fetches)
    {
        LabReport report = Labs.RunToEnd(Samples.Load($$"""
            name: bandwidth
            azure:
              emulation: { limitBandwidth: {{(limit ? "true" : "false")}} }
              virtualNetworks:
                hub: { addressPrefixes: [10.1.0.0/16], subnets: { GatewaySubnet: 10.1.255.0/27, app: 10.1.1.0/24 } }
              virtualNetworkGateways:
                hub-gw: { virtualNetwork: hub, sku: Basic, publicIPAddresses: [198.51.100.10] }
              localNetworkGateways:
                site0: { gatewayIpAddress: 203.0.113.5, addressPrefixes: [10.2.0.0/24] }
                site1: { gatewayIpAddress: 203.0.113.6, addressPrefixes: [10.3.0.0/24] }
              connections:
                to0: { virtualNetworkGateway1: hub-gw, localNetworkGateway2: site0, sharedKey: Rt5gZ8hN1cXj3B }
                to1: { virtualNetworkGateway1: hub-gw, localNetworkGateway2: site1, sharedKey: q7Lf2sVw9Dk4Mp }
            sites:
              site0:
                networks: [10.2.0.0/24]
                device: { profile: azure-sample, vpnType: RouteBased, address: 203.0.113.5, connections: [to0] }
              site1:
                networks: [10.3.0.0/24]
                device: { profile: azure-sample, vpnType: RouteBased, address: 203.0.113.6, connections: [to1] }
            hosts:
              vm1: { in: hub/app, address: 10.1.1.4 }
              pc0: { in: site0, address: 10.2.0.10 }
              pc1: { in: site1, address: 10.3.0.10 }
            expect: [{{string.Join(", ", fetches.Select(fetch => $"{fetch} size {Octets}"))}}]
            """));
        Labs.AssertPassed(report);
        return [.. report.Expectations.Select(expectation => double.Parse(Rate().Match(expectation.Detail).Groups[1].ValueSpan, CultureInfo.InvariantCulture))];
    }

    [GeneratedRegex("([0-9.]+) Mbit/s")]
    private static partial Regex Rate();
}
