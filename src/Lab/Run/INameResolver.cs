using System.Collections.Immutable;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Run;

/// <summary>The lab's DNS: from the name of a peer to its addresses.</summary>
interface INameResolver
{
    /// <summary>In the order in which they should be tried; empty where nobody has that name.</summary>
    ImmutableArray<IpAddress> Resolve(string name);
}

/// <summary>Every node of a topology has its name in the lab's DNS, with the address that the internet sees: behind a NAT the public one.</summary>
sealed class TopologyNames(TopologyModel model) : INameResolver
{
    public ImmutableArray<IpAddress> Resolve(string name) =>
        [.. model.Nodes.Where(node => node.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(node => node.NatAddress ?? node.OuterAddress)];
}
