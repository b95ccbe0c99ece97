using System.Collections.Immutable;
using Ipsec.Azure.Instances;
using Ipsec.Azure.Resources;

namespace Ipsec.Azure.Tests.Instances;

public class SharedKeyChangeTests
{
    [Fact]
    public void NothingIsResetWhereNothingChanged() => Assert.Empty(Between(TwoNetworks.Create().ActiveActive("hub", "west"),
        TwoNetworks.Create().ActiveActive("hub", "west")));

    [Fact]
    public void NewKeyResetsEveryTunnelOfItsConnection()
    {
        AzureEnvironment before = TwoNetworks.Create().ActiveActive("west");
        GatewayConnection renewed = before.Connections[0] with { SharedKey = SampleEnvironment.Key("another") };

        Assert.Equal(["hub-to-west", "hub-to-west/1"], Between(before, before with { Connections = before.Connections.SetItem(0, renewed) }));
    }

    [Fact]
    public void NewPolicyIsForTheReload()
    {
        AzureEnvironment before = SampleEnvironment.Create();

        Assert.Empty(Between(before, before.With(SampleEnvironment.Connection with
        {
            IpsecPolicies = [SampleEnvironment.Policy],
            SharedKey = SampleEnvironment.Key("another")
        })));
    }

    static ImmutableArray<string> Between(AzureEnvironment before, AzureEnvironment after) =>
        SharedKeyChange.Between(AzureExpansion.Expand(before, before.FindGateway("hub-gw")!, 0), AzureExpansion.Expand(after, after.FindGateway("hub-gw")!, 0));
}
