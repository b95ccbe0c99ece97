using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Azure.Rules;
using Ipsec.Net;

namespace Ipsec.Azure.Tests.Rules;

public class AzureAdviceTests
{
    [Fact]
    public void HasNothingToSayAboutGoodOnes()
    {
        Assert.Empty(Advice(SampleEnvironment.Create()));
        Assert.Empty(Advice(TwoNetworks.Create()));
    }

    [Fact]
    public void EachDirectionHasAConnection()
    {
        AzureEnvironment environment = TwoNetworks.Create();

        Assert.Equal(["connections/hub-to-west : does not come up until west-gw has a Vnet2Vnet connection to hub-gw: each direction has a connection of " +
            "its own"],
            Advice(environment with { Connections = [environment.Connections[0]] }));
    }

    [Fact]
    public void BothDirectionsHaveTheSameKeyAndPolicy()
    {
        AzureEnvironment environment = TwoNetworks.Create();

        Assert.Equal(["connections/west-to-hub properties.sharedKey: differs from that of hub-to-west, the other direction: authentication fails"],
            Advice(environment with
            {
                Connections = environment.Connections.Change(1, connection =>
                connection with { SharedKey = SampleEnvironment.Key("other") })
            }));
        Assert.Equal(["connections/west-to-hub properties.ipsecPolicies: differ from those of hub-to-west, the other direction: nothing may be chosen"],
            Advice(environment with
            {
                Connections = environment.Connections.Change(1, connection =>
                connection with { IpsecPolicies = [SampleEnvironment.Policy] })
            }));
    }

    [Fact]
    public void PeeringNeedsItsOtherDirection()
    {
        AzureEnvironment environment = TwoNetworks.Create() with { VirtualNetworkPeerings = [TwoNetworks.Peerings("hub", "west")[0]] };

        Assert.Equal(["virtualNetworks/virtualNetworkPeerings/hub/hub-to-west : is Initiated, and no traffic passes, until west has a peering to hub"],
            Advice(environment));
    }

    [Fact]
    public void DeviceIsNotInItsOwnAddressSpace()
    {
        AzureEnvironment environment = SampleEnvironment.Create() with { LocalNetworkGateways = [SampleEnvironment.LocalGateway with { AddressPrefixes = [IpPrefix.Parse("203.0.113.0/24")] }] };

        Assert.Equal(["connections/hub-to-branch properties.localNetworkGateway2.id: leads to branch, whose address 203.0.113.5 is in its own address " +
            "space: the tunnel would have to carry itself"],
            Advice(environment));
    }

    [Fact]
    public void SeveralConnectionsToOneNetworkNeedBgp()
    {
        AzureEnvironment environment = SampleEnvironment.Create() with
        {
            LocalNetworkGateways = [SampleEnvironment.LocalGateway,
                SampleEnvironment.LocalGateway with { Name = "second", GatewayIpAddress = IpAddress.Parse("203.0.113.6") }],
            Connections = [SampleEnvironment.Connection, SampleEnvironment.Connection with { Name = "c2", LocalNetworkGateway2 = "second" }],
        };

        RuleTable.AssertAccepted(environment);
        Assert.Equal(["connections/c2 properties.localNetworkGateway2.id: leads to 10.2.0.0/24, as hub-to-branch does; several connections to one network " +
            "need BGP in Azure, and here they share its traffic"],
            Advice(environment));
    }

    static IEnumerable<string> Advice(AzureEnvironment environment) =>
        AzureAdvice.Of(environment).Select(advice => $"{advice.ResourceType}/{advice.ResourceName} {advice.PropertyPath}: {advice.Sentence}");
}
