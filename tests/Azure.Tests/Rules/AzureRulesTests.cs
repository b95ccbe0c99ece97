using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Azure.Rules;
using Ipsec.Net;

namespace Ipsec.Azure.Tests.Rules;

public class AzureRulesTests
{
    [Fact]
    public void SampleHasNoErrors() => Assert.Empty(AzureRules.Check(SampleEnvironment.Create()));

    [Theory]
    [InlineData("a")]
    [InlineData("!\"#$%&'()*+,./09:;<=>?@AZ[\\]^_`az{|}")]
    public void KeyIsPrintableAscii(string key) => Assert.Empty(Check(SampleEnvironment.Connection with { SharedKey = SampleEnvironment.Key(key) }));

    [Theory]
    [InlineData("abc def", "which character 4 is not")]
    [InlineData("-bc", "which character 1 is not")]
    [InlineData("ab~", "which character 3 is not")]
    [InlineData("ab\u007F", "which character 3 is not")]
    [InlineData("a\u00E9b-c", "which character 2 is not")]
    public void KeyHasNoSpaceHyphenOrTilde(string key, string end)
    {
        AzureError error = Assert.Single(Check(SampleEnvironment.Connection with { SharedKey = SampleEnvironment.Key(key) }));

        Assert.Equal("Microsoft.Network/connections/hub-to-branch properties.sharedKey", error.ArmPath);
        Assert.EndsWith(end, error.Message);
        Assert.DoesNotContain(key, error.Message);
    }

    [Fact]
    public void KeyHasAtMost128Characters()
    {
        Assert.Empty(Check(SampleEnvironment.Connection with { SharedKey = SampleEnvironment.Key(new string('k', 128)) }));
        AzureError error = Assert.Single(Check(SampleEnvironment.Connection with { SharedKey = SampleEnvironment.Key(new string('k', 129)) }));
        Assert.Equal("must have 1 to 128 characters, not 129", error.Message);
    }

    [Theory]
    [InlineData(IpsecEncryption.GCMAES256, IpsecIntegrity.GCMAES128, "must be GCMAES256 as ipsecEncryption is, not GCMAES128")]
    [InlineData(IpsecEncryption.GCMAES128, IpsecIntegrity.SHA256, "must be GCMAES128 as ipsecEncryption is, not SHA256")]
    [InlineData(IpsecEncryption.AES256, IpsecIntegrity.GCMAES256, "must not be GCMAES256 with the ipsecEncryption AES256; accepted: MD5, SHA1, SHA256")]
    public void GcmWantsItsOwnIntegrity(IpsecEncryption encryption, IpsecIntegrity integrity, string message)
    {
        IpsecPolicy policy = SampleEnvironment.Policy with { IpsecEncryption = encryption, IpsecIntegrity = integrity };

        AzureError error = Assert.Single(Check(SampleEnvironment.Connection with { IpsecPolicies = [policy] }));

        Assert.Equal(("properties.ipsecPolicies[0].ipsecIntegrity", message), (error.PropertyPath, error.Message));
    }

    [Fact]
    public void OnePolicyAtMostAndNoneOnBasic()
    {
        GatewayConnection two = SampleEnvironment.Connection with { IpsecPolicies = [SampleEnvironment.Policy, SampleEnvironment.Policy] };
        GatewayConnection one = SampleEnvironment.Connection with { IpsecPolicies = [SampleEnvironment.Policy] };
        AzureEnvironment basic = SampleEnvironment.Create().With(SampleEnvironment.Gateway with { Sku = VirtualNetworkGatewaySkuName.Basic }).With(one);

        Assert.Equal("must have one policy at most, not 2", Assert.Single(Check(two)).Message);
        Assert.Equal("must be empty with the SKU Basic of the gateway", Assert.Single(AzureRules.Check(basic)).Message);
    }

    [Fact]
    public void ActiveActiveWantsTwoAddressesOfItsOwn()
    {
        VirtualNetworkGateway gateway = SampleEnvironment.Gateway with { ActiveActive = true };
        VirtualNetworkGateway twice = gateway with { IpConfigurations = [gateway.IpConfigurations[0], gateway.IpConfigurations[0]] };

        Assert.Equal("must have 2 public IP addresses with activeActive, not 1", Assert.Single(Check(gateway)).Message);
        Assert.Equal("must be an address of its own: 198.51.100.10 has another gateway instance too", Check(twice)[0].Message);
    }

    [Fact]
    public void SkuLimitsItsTunnels()
    {
        AzureEnvironment environment = SampleEnvironment.Create().With(SampleEnvironment.Gateway with { Sku = VirtualNetworkGatewaySkuName.Basic });
        environment = environment with
        {
            LocalNetworkGateways = [.. Enumerable.Range(1, 11).Select(number => SampleEnvironment.LocalGateway with
            {
                Name = $"site{number}",
                GatewayIpAddress = IpAddress.Parse($"203.0.113.{number}"),
            })],
            Connections = [.. Enumerable.Range(1, 11).Select(number =>
                SampleEnvironment.Connection with { Name = $"c{number}", LocalNetworkGateway2 = $"site{number}" })],
        };

        AzureError error = Assert.Single(AzureRules.Check(environment));

        Assert.Equal(("c11", "must be a gateway with a free tunnel: hub-gw has all 10 of the SKU Basic"), (error.ResourceName, error.Message));
    }

    [Fact]
    public void Ipv6GatewaySubnetNeedsAZoneRedundantSku()
    {
        AzureEnvironment environment = SampleEnvironment.Create();
        VirtualNetwork dual = environment.VirtualNetworks[0] with
        {
            AddressPrefixes = [IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("fd01::/48")],
            Subnets = [new Subnet("GatewaySubnet", [IpPrefix.Parse("10.1.255.0/27"), IpPrefix.Parse("fd01:0:0:ff::/64")])],
        };
        environment = environment with { VirtualNetworks = [dual] };

        Assert.Empty(AzureRules.Check(environment));
        Assert.Equal("must be an IPv4 GatewaySubnet with the SKU VpnGw2; IPv6 needs VpnGw1AZ to VpnGw5AZ",
            Assert.Single(AzureRules.Check(environment.With(SampleEnvironment.Gateway with { Sku = VirtualNetworkGatewaySkuName.VpnGw2 }))).Message);
    }

    [Fact]
    public void TwoGatewaysDoNotShareANetwork()
    {
        AzureEnvironment environment = SampleEnvironment.Create();
        VirtualNetworkGateway second = SampleEnvironment.Gateway with
        {
            Name = "hub-gw2",
            IpConfigurations = [new GatewayIpConfiguration("default", "hub", "GatewaySubnet", "hub-ip2")],
        };

        AzureError error = Assert.Single(AzureRules.Check(environment with { VirtualNetworkGateways = [environment.VirtualNetworkGateways[0], second] }));

        Assert.Equal("must be in a virtual network without another Vpn gateway: hub has hub-gw", error.Message);
    }

    [Fact]
    public void DeadPeerTimeoutHasItsRange() => Assert.All([8, 3601], seconds =>
        Assert.Equal($"must be 9 to 3600 seconds, not {seconds}",
            Assert.Single(Check(SampleEnvironment.Connection with { DpdTimeoutSeconds = seconds })).Message));

    [Fact]
    public void SelectorPoliciesNeedBothSides()
    {
        TrafficSelectorPolicy policy = new([IpPrefix.Parse("10.1.1.0/24")], []);

        Assert.Equal("must have at least one local and one remote range",
            Assert.Single(Check(SampleEnvironment.Connection with { TrafficSelectorPolicies = [policy] })).Message);
    }

    static ImmutableArray<AzureError> Check(GatewayConnection connection) => AzureRules.Check(SampleEnvironment.Create().With(connection));

    static ImmutableArray<AzureError> Check(VirtualNetworkGateway gateway) => AzureRules.Check(SampleEnvironment.Create().With(gateway));
}
