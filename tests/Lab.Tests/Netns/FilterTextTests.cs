using Ipsec.Lab.Netns;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Netns;

public sealed class FilterTextTests
{
    [Fact]
    public void AWireThatIsDownDropsEverythingAndOneThatLosesDropsItsShare()
    {
        string rules = FilterText.Wires([("branch", true, 0.5), ("hub-gw", false, 0.02), ("other", false, 0)]);
        Assert.Equal(
        [
            "iifname \"branch\" counter drop", "oifname \"branch\" counter drop",
            "iifname \"hub-gw\" numgen random mod 1000000 < 20000 counter drop", "oifname \"hub-gw\" numgen random mod 1000000 < 20000 counter drop",
        ], rules.Split('\n').Where(line => line.Contains("drop", StringComparison.Ordinal)).Select(line => line.Trim()));
    }

    [Fact]
    public void ANatThatForgetsHasOtherPorts()
    {
        IpAddress address = IpAddress.Parse("203.0.113.77");
        Assert.Contains("snat to 203.0.113.77:20000-39999 random", FilterText.Nat(address, 0), StringComparison.Ordinal);
        Assert.Contains("snat to 203.0.113.77:40000-59999 random", FilterText.Nat(address, 1), StringComparison.Ordinal);
        Assert.Contains("table ip6 nat", FilterText.Nat(IpAddress.Parse("2001:db8::1"), 0), StringComparison.Ordinal);
    }

    [Fact]
    public void AWiresDelayIsOnBothOfItsEnds()
    {
        NamespacePlan plan = NamespacePlan.Of(Labs.Sample("topologies/07-vnet-to-vnet.yaml"));
        var wire = new WireDefinition { Node = "west-gw", Delay = TimeSpan.FromMilliseconds(40), Jitter = TimeSpan.FromMilliseconds(2), Duplication = 0.01 };
        Assert.True(NamespaceText.NeedsDiscipline(wire));
        var lines = NamespaceText.Disciplines(plan, "west-gw", wire, TimeSpan.Zero).ToArray();
        Assert.Equal(["internet", "west-gw-0", "internet", "west-gw-1"],
            lines.Select(line => plan.Namespaces.Single(space => space.Name == line.End.Namespace).Node));
        Assert.Equal("qdisc replace dev outer root netem limit 100000 delay 40000us 2000us duplicate 1%", lines[1].Arguments);
        Assert.Empty(NamespaceText.Disciplines(plan, "west-gw", new WireDefinition { Node = "west-gw", Loss = 0.5 }, TimeSpan.Zero));
    }
}
