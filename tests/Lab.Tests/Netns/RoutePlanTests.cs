using System.Collections.Immutable;
using Ipsec.Lab.Netns;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Netns;

public sealed class RoutePlanTests
{
    [Fact]
    public void FlowsOfANetworkAreSharedByTheInstancesThatHaveATunnelUp()
    {
        Lab lab = new("topologies/05-active-active.yaml");
        string both = "10.2.0.0/24 nexthop via 169.254.1.6 dev hub-gw-0 weight 1 onlink nexthop via 169.254.1.10 dev hub-gw-1 weight 1 onlink";
        Assert.Contains(both, lab.RoutesOf("hub"));
        lab.Up("hub-gw", 0, "hub-to-branch");
        Assert.Contains("10.2.0.0/24 via 169.254.1.6 dev hub-gw-0 onlink", lab.RoutesOf("hub"));
        lab.Up("hub-gw", 1, "hub-to-branch");
        Assert.Contains(both, lab.RoutesOf("hub"));
        lab.Change("hub-gw", 0, node => node with { IsOn = false });
        Assert.Contains("10.2.0.0/24 via 169.254.1.10 dev hub-gw-1 onlink", lab.RoutesOf("hub"));
    }

    [Fact]
    public void TwoDevicesOfALanShareItsFlows()
    {
        Lab lab = new("topologies/06-dual-redundancy.yaml");
        Assert.Equal(2, lab.RoutesOf("left-lan").Single(route => route.StartsWith("10.1.0.0/16 ", StringComparison.Ordinal)).Split("nexthop via").Length - 1);
        lab.Change("left", 0, node => node with { IsOn = false });
        Assert.Single(lab.RoutesOf("left-lan"), route => route.StartsWith("10.1.0.0/16 via ", StringComparison.Ordinal)
            && route.EndsWith(" dev right onlink", StringComparison.Ordinal));
    }

    [Fact]
    public void AnAddressIsWhereItsMachineIs()
    {
        Lab lab = new("topologies/04-active-standby.yaml");
        Assert.Contains("198.51.100.10/32 dev hub-gw-0", lab.RoutesOf("internet"));
        lab.Change("hub-gw", 0, node => node with { Machine = 1 });
        Assert.Contains("198.51.100.10/32 dev hub-gw-1", lab.RoutesOf("internet"));
        Assert.Contains(lab.RoutesOf("hub"), route => route.StartsWith("10.2.0.0/24 via ", StringComparison.Ordinal)
            && route.Contains("dev hub-gw-1", StringComparison.Ordinal));
    }

    [Fact]
    public void APeeringCarriesOnlyBetweenItsTwoNetworksAndToAGatewayThatIsUsed()
    {
        Lab lab = new("topologies/10-peering-gateway-transit.yaml");
        string[] spoke = lab.RoutesOf("spoke1");
        Assert.Contains(spoke, route => route.StartsWith("10.1.0.0/16 via ", StringComparison.Ordinal));
        Assert.Contains(spoke, route => route.StartsWith("10.2.0.0/24 via ", StringComparison.Ordinal));
        Assert.DoesNotContain(spoke, route => route.StartsWith("10.6.0.0/16", StringComparison.Ordinal));
        Assert.DoesNotContain(lab.RoutesOf("spoke2"), route => route.StartsWith("10.2.0.0/24", StringComparison.Ordinal));
        // What comes from a spoke goes to hosts of the hub; to the gateway only from the spoke that uses it.
        Assert.Contains(lab.RoutesOf("hub", "spoke1"), route => route.StartsWith("10.2.0.0/24 via ", StringComparison.Ordinal));
        Assert.Equal(["10.1.1.4/32 dev vm-hub"], lab.RoutesOf("hub", "spoke2"));
        // What comes out of the gateway's tunnels goes to hosts and to the spoke that uses it.
        string[] fromGateway = lab.RoutesOf("hub", "hub-gw-0");
        Assert.Contains(fromGateway, route => route.StartsWith("10.5.0.0/16 via ", StringComparison.Ordinal));
        Assert.DoesNotContain(fromGateway, route => route.StartsWith("10.6.0.0/16", StringComparison.Ordinal));
    }

    [Fact]
    public void ACutCircuitGivesItsTrafficToTheTunnel()
    {
        Lab lab = new("topologies/11-expressroute-coexistence.yaml");
        Assert.Contains(lab.RoutesOf("hub"), route => route.StartsWith("10.2.0.0/24 via ", StringComparison.Ordinal)
            && route.EndsWith("dev circuit onlink", StringComparison.Ordinal));
        Assert.Contains(lab.RoutesOf("main-lan"), route => route.StartsWith("10.1.0.0/16 via ", StringComparison.Ordinal)
            && route.EndsWith("dev circuit onlink", StringComparison.Ordinal));
        lab.Cut("circuit");
        Assert.Contains(lab.RoutesOf("hub"), route => route.StartsWith("10.2.0.0/24 ", StringComparison.Ordinal)
            && route.Contains("dev hub-gw", StringComparison.Ordinal));
        Assert.Contains(lab.RoutesOf("main-lan"), route => route.StartsWith("10.1.0.0/16 via ", StringComparison.Ordinal)
            && route.EndsWith("dev main onlink", StringComparison.Ordinal));
    }

    [Fact]
    public void OverlappingNetworksAreReachedByTheirOuterFaces()
    {
        Lab lab = new("topologies/12-overlapping-sites.yaml");
        Assert.Contains(lab.RoutesOf("hub"), route => route.StartsWith("100.0.2.0/24 via ", StringComparison.Ordinal));
        Assert.Contains(lab.RoutesOf("site1-lan"), route => route.StartsWith("100.0.1.0/24 via ", StringComparison.Ordinal));
        Assert.Contains("blackhole 10.0.1.0/24", lab.RoutesOf("hub"));
    }

    [Fact]
    public void OnlyWhatHasChangedIsTold()
    {
        Lab lab = new("topologies/05-active-active.yaml");
        ImmutableArray<PlannedRoute> before = lab.Routes();
        Assert.Empty(NamespaceText.RouteChanges(before, lab.Routes()));
        lab.Up("hub-gw", 1, "hub-to-branch");
        (string space, List<string> lines) = Assert.Single(NamespaceText.RouteChanges(before, lab.Routes()));
        Assert.Equal("ipl-05-active-active-hub", space);
        Assert.Equal(["route replace 10.2.0.0/24 table 254 via 169.254.1.10 dev hub-gw-1 onlink"], lines);
    }

    sealed class Lab
    {
        readonly TopologyModel _model;
        readonly NamespacePlan _plan;
        FabricState _state;

        public Lab(string sample)
        {
            _model = Labs.Sample(sample);
            _plan = NamespacePlan.Of(_model);
            _state = FabricState.Initial(_model);
        }

        public ImmutableArray<PlannedRoute> Routes() => RoutePlan.Of(_model, _plan, _state);

        public void Up(string node, int instance, string connection) => Change(node, instance, one => one with { Up = one.Up.Add(connection) });

        public void Change(string node, int instance, Func<FabricNode, FabricNode> change) => _state = _state with
        {
            Nodes = [.. _state.Nodes.Select(one => one.Definition.Name == node && one.Definition.Instance == instance ? change(one) : one)],
        };

        public void Cut(string circuit) => _state = _state with { CutCircuits = [circuit] };

        /// <summary>Those of the main table, or those for what comes from a neighbour.</summary>
        public string[] RoutesOf(string node, string? from = null)
        {
            PlannedNamespace space = _plan.Namespaces.Single(one => one.Node == node);
            int table = from is null ? PlannedRoute.MainTable
                : space.Rules.Single(rule => rule.Incoming == from && rule.Table is not null).Table!.Value;
            return [.. NamespaceText.RouteChanges([], Routes().Where(route => route.Namespace == space.Name && route.Table == table))
                .SelectMany(lines => lines.Value)
                .Select(line => line.Replace("route replace ", "", StringComparison.Ordinal).Replace($" table {table}", "", StringComparison.Ordinal))];
        }
    }
}
