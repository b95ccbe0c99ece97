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

/// <summary>
/// Every node of a topology has its name in the lab's DNS, and so has everything in <c>names</c>. A node's address is the one that the internet sees now:
/// behind a NAT the public one.
/// </summary>
/// <param name="nodes">Asked at each question: addresses change.</param>
sealed class TopologyNames(ImmutableArray<NameDefinition> names, Func<string, IEnumerable<IpAddress>> nodes) : INameResolver
{
    public ImmutableArray<IpAddress> Resolve(string name) =>
        names.FirstOrDefault(definition => definition.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is NameDefinition known
            ? [.. known.Targets.SelectMany(target => IpAddress.TryParse(target, out IpAddress address) ? [address] : nodes(target))]
            : [.. nodes(name)];
}
