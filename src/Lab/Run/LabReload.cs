using Ipsec.Endpoint;
using Ipsec.Lab.StrongSwan;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Run;

/// <summary>What a lab that runs can take over of a changed file: the resources of Azure, the connections and keys of sites. The rest is where things
/// stand.</summary>
static class LabReload
{
    /// <summary>The first difference that a running lab cannot take over, in one sentence; null if there is none.</summary>
    public static string? FindFault(TopologyModel current, TopologyModel next) =>
        FindPlaces(current, next) ?? FindStrongSwan(current, next) ?? current.Nodes.Zip(next.Nodes, (before, after) => FindFault(before, after)).FirstOrDefault(fault => fault is not null);

    static string? FindPlaces(TopologyModel current, TopologyModel next)
    {
        string? what = current.Name != next.Name ? "The name"
            : !current.Nodes.Select(current.LabelOf).SequenceEqual(next.Nodes.Select(next.LabelOf)) ? "The nodes"
            : !current.Hosts.SequenceEqual(next.Hosts) ? "The hosts"
            : !current.Wires.SequenceEqual(next.Wires) ? "The wires"
            : !current.Names.Select(Describe).SequenceEqual(next.Names.Select(Describe)) ? "The DNS names"
            : !current.Faults.SequenceEqual(next.Faults) ? "The faults"
            : !current.Expectations.Select(one => one.Description).SequenceEqual(next.Expectations.Select(one => one.Description)) ? "The expectations"
            : !NetworksOf(current).SequenceEqual(NetworksOf(next)) ? "The names of virtual networks"
            : !current.Azure.ExpressRouteCircuits.SequenceEqual(next.Azure.ExpressRouteCircuits) ? "The ExpressRoute circuits"
            : current.Azure.Emulation.Failover != next.Azure.Emulation.Failover ? "The durations of failovers"
            : null;
        return what is null ? null : $"{what} of a lab cannot change while it runs; run it again.";
    }

    /// <summary>charon keeps what it was told when the lab began.</summary>
    static string? FindStrongSwan(TopologyModel current, TopologyModel next)
    {
        foreach ((NodeDefinition before, NodeDefinition after) in current.Nodes.Zip(next.Nodes))
        {
            if (before.Program != NodeProgram.StrongSwan || after.Program != NodeProgram.StrongSwan)
                continue;
            using StrongSwanPlan told = StrongSwanPlan.Create(current, before);
            using StrongSwanPlan wanted = StrongSwanPlan.Create(next, after);
            if (!told.IsSameAs(wanted))
                return $"What strongSwan is told, which plays {before.Name}, cannot change while a lab runs; run it again.";
        }
        return null;
    }

    static string? FindFault(NodeDefinition current, NodeDefinition next)
    {
        bool isSamePlace = current.Kind == next.Kind && current.Program == next.Program
            && current.OuterAddress == next.OuterAddress && current.NatAddress == next.NatAddress
            && current.AdditionalAddresses.SequenceEqual(next.AdditionalAddresses)
            && current.Lan == next.Lan && current.ExpressRouteCircuit == next.ExpressRouteCircuit
            && (current.ExpressRouteCircuit is null || current.InnerNetworks.SequenceEqual(next.InnerNetworks));
        return isSamePlace ? IpsecEndpoint.FindReloadFault(current.Endpoint, next.Endpoint)
            : $"The place of {current.Name} (addresses, NAT, LAN, circuit, program) cannot change while a lab runs; run it again.";
    }

    static IEnumerable<string> NetworksOf(TopologyModel model) => model.Azure.VirtualNetworks.Select(network => network.Name);

    static string Describe(NameDefinition name) => $"{name.Name} {string.Join(' ', name.Targets)}";
}
