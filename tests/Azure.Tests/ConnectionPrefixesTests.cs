using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Tests;

public class ConnectionPrefixesTests
{
    [Fact]
    public void DefaultSiteGetsEverythingElse()
    {
        AzureEnvironment environment = SampleEnvironment.Create().With(SampleEnvironment.Gateway with { GatewayDefaultSite = "branch" });

        Assert.Equal(["10.2.0.0/24", "0.0.0.0/0"], Prefixes(environment));
        Assert.Equal(["10.2.0.0/24"], Prefixes(environment.With(SampleEnvironment.Gateway)));
    }

    [Fact]
    public void OtherNetworkOfVnet2VnetIsKnownByItself()
    {
        AzureEnvironment environment = TwoNetworks.Create();
        VirtualNetwork grown = environment.VirtualNetworks[1] with { AddressPrefixes = [IpPrefix.Parse("10.5.0.0/16"), IpPrefix.Parse("10.6.0.0/16")] };

        Assert.Equal(["10.5.0.0/16"], Prefixes(environment));
        Assert.Equal(["10.5.0.0/16", "10.6.0.0/16"], Prefixes(environment with { VirtualNetworks = environment.VirtualNetworks.SetItem(1, grown) }));
    }

    [Theory]
    [InlineData("10.0.1.0/24", "100.0.2.0/24")]
    [InlineData("10.0.1.64/26", "100.0.2.64/26")]
    [InlineData("10.0.0.0/16", "100.0.2.0/24 10.0.0.0/16")]
    [InlineData("10.7.0.0/16", "10.7.0.0/16")]
    [InlineData("100.0.2.0/24", "100.0.2.0/24")]
    public void StaticRuleMovesWhatItCovers(string prefix, string expected) => Assert.Equal(expected.Split(' '), Translated(prefix, new NatRule
    {
        Name = "in",
        Mode = VpnNatRuleMode.IngressSnat,
        InternalMappings = [IpPrefix.Parse("10.0.1.0/24")],
        ExternalMappings = [IpPrefix.Parse("100.0.2.0/24")],
    }));

    [Fact]
    public void DynamicRuleLeadsToItsExternalMapping() => Assert.Equal(["100.0.2.0/28"], Translated("10.0.1.64/26", new NatRule
    {
        Name = "in",
        Type = VpnNatRuleType.Dynamic,
        Mode = VpnNatRuleMode.IngressSnat,
        InternalMappings = [IpPrefix.Parse("10.0.1.0/24")],
        ExternalMappings = [IpPrefix.Parse("100.0.2.0/28")],
    }));

    [Fact]
    public void DeviceReachesTheNetworkAndItsSpokesAsTheRulesShowThem()
    {
        NatRule rule = new()
        {
            Name = "out",
            Mode = VpnNatRuleMode.EgressSnat,
            InternalMappings = [IpPrefix.Parse("10.1.0.0/16")],
            ExternalMappings = [IpPrefix.Parse("100.64.0.0/16")],
        };
        AzureEnvironment environment = SampleEnvironment.Create().With(SampleEnvironment.Gateway with { NatRules = [rule] });
        environment = environment with
        {
            VirtualNetworks = environment.VirtualNetworks.Add(TwoNetworks.Network("spoke", "10.11.0.0/16")),
            VirtualNetworkPeerings = TwoNetworks.Peerings("hub", "spoke", isTransit: true),
        };

        Assert.Equal([IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("10.11.0.0/16")], ConnectionPrefixes.Offered(environment, environment.Connections[0], 0));
        Assert.Equal([IpPrefix.Parse("100.64.0.0/16"), IpPrefix.Parse("10.11.0.0/16")],
            ConnectionPrefixes.Offered(environment, SampleEnvironment.Connection with { EgressNatRules = ["out"] }, 0));
    }

    static IEnumerable<string> Translated(string prefix, NatRule rule) => Prefixes(SampleEnvironment.Create()
        .With(SampleEnvironment.Gateway with { NatRules = [rule] })
        .With(SampleEnvironment.Connection with { IngressNatRules = ["in"] }) with
    {
        LocalNetworkGateways = [SampleEnvironment.LocalGateway with { AddressPrefixes = [IpPrefix.Parse(prefix)] }],
    });

    static IEnumerable<string> Prefixes(AzureEnvironment environment) =>
        ConnectionPrefixes.Of(environment, environment.Connections[0]).Select(prefix => prefix.ToString());
}
