using System.Text.Json;
using Ipsec.Azure.Diagnostics;
using Ipsec.Lab.Explanation;
using Ipsec.Lab.Report;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Explanation;

/// <summary>Each way in which traffic can end, and the words about it.</summary>
public sealed class TrafficExplanationTests
{
    static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("01-site-to-site", "vm1 -> pc2", "not-in-local-network-gateway", false, "addressPrefixes of the local network gateway branch (10.2.0.0/24)")]
    [InlineData("01-site-to-site", "pc2 -> vm1", "not-in-local-network-gateway", true, "It arrives, and the reply does not come back")]
    [InlineData("02-multi-site", "geneva1 -> zurich1", "no-transit", false, "in Azure that needs BGP on every connection of the way")]
    [InlineData("02-multi-site", "lugano1 -> zurich1", "not-in-remote-networks", false, "The way to zurich would lead through hub; in Azure that needs BGP")]
    [InlineData("03-policy-based-device", "test1 -> pc2", "selectors-do-not-cover", false, "usePolicyBasedTrafficSelectors")]
    [InlineData("03-policy-based-device", "pc1 -> test1", "not-in-remote-networks", false, "The remoteNetworks of hub-to-branch on branch lack it")]
    [InlineData("07-vnet-to-vnet", "vm-east -> vm-north", "not-connected", false, "No connection, peering or circuit leads from east to north")]
    [InlineData("07-vnet-to-vnet", "vm-north -> vm-west", "not-connected", false, "north has no gateway")]
    [InlineData("08-vnet-to-vnet-multi-site", "pc1 -> vm-west", "no-transit", false, "on into east-to-west")]
    [InlineData("08-vnet-to-vnet-multi-site", "vm-west -> pc1", "no-transit", false, "leads through east")]
    [InlineData("09-classic-to-resource-manager", "vm-modern -> vm-old", "not-in-local-network-gateway", false, "the-classic-one")]
    [InlineData("10-peering-gateway-transit", "vm-spoke1 -> vm-spoke2", "peering-not-transitive", false, "both peered with hub")]
    [InlineData("10-peering-gateway-transit", "vm-spoke2 -> pc1", "no-gateway-transit", false,
        "hub-spoke2 has no allowGatewayTransit and spoke2-hub has no useRemoteGateways")]
    [InlineData("10-peering-gateway-transit", "pc1 -> vm-spoke2", "no-gateway-transit", false, "spoke2 does not use the gateways of hub")]
    [InlineData("11-expressroute-coexistence", "pc2 -> pc1", "no-transit", false, "on into hub-to-main")]
    [InlineData("12-overlapping-sites", "pc1 -> pc2", "overlapping-addresses", false, "NAT rules")]
    public void WhatASampleForbidsIsExplained(string sample, string hosts, string code, bool isBack, string words) =>
        AssertEnds(Explain(Labs.Sample($"topologies/{sample}.yaml")), hosts, code, isBack, words);

    [Theory]
    [InlineData("10-peering-gateway-transit", "    spoke2-hub: { virtualNetwork: spoke2, remoteVirtualNetwork: hub }\n", "",
        "vm-hub -> vm-spoke2", "peering-not-connected", false, "Initiated")]
    [InlineData("10-peering-gateway-transit", "remoteVirtualNetwork: spoke2 }", "remoteVirtualNetwork: spoke2, allowVirtualNetworkAccess: false }",
        "vm-spoke2 -> vm-hub", "peering-without-access", false, "allowVirtualNetworkAccess")]
    [InlineData("11-expressroute-coexistence", "addressPrefixes: [10.2.0.0/24]", "addressPrefixes: [10.99.0.0/24]", "pc2 -> pc1", "no-transit", false,
        "Route Server")]
    [InlineData("02-multi-site", "remoteNetworks: [10.1.0.0/16, 10.21.0.0/24]", "remoteNetworks: [10.1.0.0/16, 10.0.0.0/8]", "geneva1 -> lugano1",
        "no-transit", false, "BGP")]
    [InlineData("12-overlapping-sites", "network: { mode: EgressSnat, internalMappings: [10.0.1.0/24], externalMappings: [100.0.1.0/24] }",
        "network: { mode: EgressSnat, internalMappings: [10.0.1.0/25], externalMappings: [100.0.1.0/25] }", "vm1 -> pc1 at 100.0.2.10", null, false, "")]
    [InlineData("02-multi-site", "sharedKey: kq3Vd82nZt0Lw5",
        "sharedKey: kq3Vd82nZt0Lw5, ipsecPolicies: [{ ikeEncryption: AES256, ikeIntegrity: SHA384, dhGroup: ECP384, "
        + "ipsecEncryption: GCMAES256, ipsecIntegrity: GCMAES256, pfsGroup: None, saLifeTimeSeconds: 27000, saDataSizeKilobytes: 102400000 }]",
        "vm1 -> zurich1", "tunnel-down", false, "which is not up: The IKE SA fails on")]
    [InlineData("10-peering-gateway-transit", "    spoke1-hub: { virtualNetwork: spoke1, remoteVirtualNetwork: hub, useRemoteGateways: true }\n", "",
        "pc1 -> vm-spoke1", "peering-not-connected", false, "The peering of hub and spoke1 has one direction only")]
    [InlineData("10-peering-gateway-transit", "    spoke1-hub: { virtualNetwork: spoke1, remoteVirtualNetwork: hub, useRemoteGateways: true }\n", "",
        "vm-spoke1 -> pc1", "peering-not-connected", false, "The peering of spoke1 and hub has one direction only")]
    [InlineData("12-overlapping-sites", "connections: [to-site1] }", "connections: [{ name: to-site1, sharedKey: anotherKeyThanThat }] }",
        "vm1 -> pc1 at 100.0.2.10", "tunnel-down", false, "The pre-shared keys differ")]
    [InlineData("08-vnet-to-vnet-multi-site", "[10.11.0.0/16, 10.12.0.0/16]", "[10.12.0.0/16]", "pc1 -> vm-east", "not-in-remote-networks", false,
        "remoteNetworks of east-to-branch")]
    public void WhatIsTakenAwayIsNamed(string sample, string part, string change, string hosts, string? code, bool isBack, string words)
    {
        TrafficReport traffic = Explain(Changed(sample, part, change));
        if (code is not null)
            AssertEnds(traffic, hosts, code, isBack, words);
        else
            Assert.Equal(TrafficExplanation.Reaches, Assert.Single(traffic.Pairs, pair => pair.Hosts.Contains(hosts)).Verdict);
    }

    [Fact]
    public void AnAddressBehindAnIngressRuleIsHiddenByTheRuleAndNotByAPrefix()
    {
        TrafficReport traffic = Explain(Changed("12-overlapping-sites",
            "  site1:\n    networks: [10.0.1.0/24]", "  site1:\n    networks: [10.7.0.0/24]",
            "203.0.113.5, addressPrefixes: [10.0.1.0/24]", "203.0.113.5, addressPrefixes: [10.7.0.0/24]",
            "site1: { mode: IngressSnat, internalMappings: [10.0.1.0/24]", "site1: { mode: IngressSnat, internalMappings: [10.7.0.0/24]",
            "pc1: { in: site1, address: 10.0.1.10 }", "pc1: { in: site1, address: 10.7.0.10 }"));

        ForeseenExpectation hidden = Assert.Single(traffic.Expectations, expectation => expectation.Description == "no ping vm1 -> pc1");
        Assert.Equal((true, "behind-nat-rule"), (hidden.Passed, hidden.Reason!.Code));
        Assert.Equal("The ingress NAT rule site1 of to-site1 hides 10.7.0.10: hub-gw and the networks behind it know 10.7.0.0/24 of site1 as 100.0.2.0/24.",
            hidden.Reason.Text);
    }

    [Fact]
    public void ADynamicRuleLetsItsInternalSideBeginAndNobodyElse()
    {
        TrafficReport traffic = Explain(Changed("12-overlapping-sites",
            "network: { mode: EgressSnat, internalMappings: [10.0.1.0/24], externalMappings: [100.0.1.0/24] }",
            "network: { type: Dynamic, mode: EgressSnat, internalMappings: [10.0.1.0/24], externalMappings: [100.0.1.0/26] }",
            "sharedKey: Hm3dY9rP6fLs1J, egressNatRules: [network], ", "sharedKey: Hm3dY9rP6fLs1J, "));

        TrafficExplanation outward = Assert.Single(traffic.Pairs, pair => pair.Hosts.Contains("vm1 -> pc1 at 100.0.2.10"));
        Assert.Equal(TrafficExplanation.Reaches, outward.Verdict);
        ForeseenExpectation inward = Assert.Single(traffic.Expectations, expectation => expectation.Description == "ping pc1 -> vm1 at 100.0.1.4");
        Assert.Equal((false, TrafficExplanation.Ends, "nat-drops"), (inward.Passed, inward.Verdict, inward.Reason!.Code));
    }

    [Fact]
    public void ATunnelThatStartsOnTrafficWaitsForTheSideThatStartsIt()
    {
        TrafficReport traffic = Explain(Changed("01-site-to-site", "address: 203.0.113.5, connections", "address: 203.0.113.5, startAction: trap, connections",
            "sharedKey: { env: LAB_PSK, default: Gh7s0pQ2xV9k }", "sharedKey: Gh7s0pQ2xV9k, connectionMode: ResponderOnly"));

        Assert.Equal(TrafficExplanation.Reaches, Assert.Single(traffic.Pairs, pair => pair.Hosts.Contains("pc1 -> vm1")).Verdict);
        TrafficExplanation outward = Assert.Single(traffic.Pairs, pair => pair.Hosts.Contains("vm1 -> pc1"));
        Assert.Equal((TrafficExplanation.Depends, "started-by-traffic"), (outward.Verdict, outward.Reason!.Code));
    }

    [Fact]
    public void WhatTheSiteDoesNotHaveEndsAtItsDevice()
    {
        TrafficReport traffic = Explain(Changed("02-multi-site", "gatewayIpAddress: 203.0.113.5, addressPrefixes: [10.21.0.0/24]",
            "gatewayIpAddress: 203.0.113.5, addressPrefixes: [10.21.0.0/24, 10.29.0.0/24]", "  zurich1:",
                "  lost: { in: geneva, address: 10.29.0.10 }\n  zurich1:",
            "networks: [10.22.0.0/24]", "networks: [10.22.0.0/24, 10.29.0.0/24]"));

        AssertEnds(traffic, "vm1 -> lost", "not-in-site-networks", false, "10.29.0.10 is not among the networks of zurich (10.21.0.0/24)");
    }

    [Fact]
    public void APeerOutsideOfTheFileIsUnknown()
    {
        TrafficReport traffic = Explain(Changed("01-site-to-site", "connections: [hub-to-branch]",
            "connections: [{ name: elsewhere, peerAddress: 192.0.2.1, sharedKey: Abc123, remoteNetworks: [10.1.0.0/16] }]"));

        Assert.Equal((TrafficExplanation.Unknown, "not-foreseen"), Assert.Single(traffic.Pairs, pair => pair.Hosts.Contains("pc1 -> vm1")) is var pair
            ? (pair.Verdict, pair.Reason!.Code) : default);
    }

    [Fact]
    public void WhatNeedsBgpInAzureIsSaidAlthoughItWorksHere()
    {
        TrafficReport traffic = Explain(Labs.Sample("topologies/06-dual-redundancy.yaml"));

        ReasonReport note = Assert.Single(traffic.Notes);
        Assert.Equal("needs-bgp", note.Code);
        Assert.Contains("to-left and to-right", note.Text);
        TrafficExplanation pair = Assert.Single(traffic.Pairs, pair => pair.From == "hub/app");
        Assert.Equal(["vm1 -> pc1", "vm1 -> pc2", "vm2 -> pc1", "vm2 -> pc2"], pair.Hosts);
        Assert.Equal(["to-left"], pair.Way);
        Assert.Equal(["to-right"], pair.OtherWays);
        Assert.All(traffic.Pairs, one => Assert.Equal(TrafficExplanation.Reaches, one.Verdict));
        Assert.Empty(Explain(Labs.Sample("topologies/05-active-active.yaml")).Notes);
    }

    [Fact]
    public void AnExpectationThatWillNotHoldFailsTheWhole()
    {
        Assert.True(Explainer.Explain(Labs.Sample("topologies/01-site-to-site.yaml"), "lab.yaml", Now).Passed);
        ExplanationReport report = Explainer.Explain(Changed("01-site-to-site", "no ping vm1 -> pc2", "ping vm1 -> pc2"), "lab.yaml", Now);

        Assert.False(report.Passed);
        Assert.Equal("ping vm1 -> pc2", Assert.Single(report.Traffic.Expectations, expectation => !expectation.Passed).Description);
    }

    [Fact]
    public void ManyHostsAreCountedAndLeftOut()
    {
        string hosts = string.Concat(Enumerable.Range(20, 60).Select(host => $"  more{host}: {{ in: branch, address: 10.2.0.{host} }}\n"));
        TrafficReport traffic = Explain(Changed("01-site-to-site", "expect:", $"{hosts}expect:"));

        Assert.Equal(63 - TrafficReport.MostEnds, traffic.LeftOut);
        Assert.Equal(4, traffic.Pairs.Length);
    }

    [Fact]
    public void TheDocumentHasTheMembersOfThePage()
    {
        using JsonDocument document = JsonDocument.Parse(LabReportJson.Write(Explainer.Explain(Labs.Sample("topologies/01-site-to-site.yaml"), "lab.yaml",
            Now)));
        JsonElement traffic = document.RootElement.GetProperty("traffic");
        Assert.Equal(["pairs", "notes", "expectations", "leftOut"], traffic.EnumerateObject().Select(member => member.Name));
        Assert.Equal(["from", "to", "hosts", "verdict", "way", "otherWays", "wayBack", "endsOnTheWayBack", "reason"],
            traffic.GetProperty("pairs")[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal(["description", "passed", "verdict", "reason"], traffic.GetProperty("expectations")[0].EnumerateObject().Select(member => member.Name));
    }

    static TopologyModel Changed(string sample, params string[] changes)
    {
        string text = Samples.Read($"topologies/{sample}.yaml");
        foreach (string[] change in changes.Chunk(2))
        {
            Assert.Contains(change[0], text);
            text = text.Replace(change[0], change[1]);
        }
        return Samples.Load(text);
    }

    static TrafficReport Explain(TopologyModel model) => Explainer.Explain(model, "lab.yaml", Now).Traffic;

    static void AssertEnds(TrafficReport traffic, string hosts, string code, bool isBack, string words)
    {
        TrafficExplanation pair = Assert.Single(traffic.Pairs, pair => pair.Hosts.Contains(hosts));
        Assert.Equal((TrafficExplanation.Ends, code, "known", isBack), (pair.Verdict, pair.Reason!.Code, pair.Reason.Certainty, pair.EndsOnTheWayBack));
        Assert.Contains(words, pair.Reason.Text);
    }
}
