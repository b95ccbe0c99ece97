using System.Collections.Immutable;
using Ipsec.EndpointHost.Netlink;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Outer;

/// <summary>
/// Which addresses of this machine are outer addresses of the node. Those that the file names come first, whenever they are there; then those that
/// appeared while the node runs. What was there from the start and is not named is not used, unless nothing else is left: a peer need not be told of it.
/// </summary>
/// <param name="named">The node's addresses as configured.</param>
/// <param name="mayMove">False for a node that has only its own addresses (an Azure gateway).</param>
/// <param name="inside">The networks behind the node: addresses in them are inner ones.</param>
/// <param name="atStart">What was there when the node started.</param>
sealed class LocalAddressChoice(ImmutableArray<IpAddress> named, bool mayMove, ImmutableArray<IpPrefix> inside, IReadOnlyList<InterfaceAddress> atStart)
{
    /// <summary>Each costs four sockets and four threads.</summary>
    public const int Maximum = 16;

    readonly ImmutableArray<IpAddress> _first = [.. atStart.Select(address => address.Address)];

    /// <param name="ownInterface">Index of the TUN device; 0 for none.</param>
    public ImmutableArray<IpAddress> Choose(IReadOnlyList<InterfaceAddress> present, int ownInterface)
    {
        // An address that the kernel let us bind without having it (ip_nonlocal_bind) cannot be seen to go.
        IEnumerable<IpAddress> own = named.Where(address => !_first.Contains(address) || present.Any(seen => seen.Address == address && seen.IsUp));
        if (!mayMove)
            return [.. own];
        IpAddress[] others = [.. present.Where(seen => IsUsable(seen, ownInterface)).Select(seen => seen.Address).Except(named)];
        ImmutableArray<IpAddress> chosen = [.. own.Concat(others.Except(_first)).Distinct().Take(Maximum)];
        return chosen.IsEmpty ? [.. others.Take(Maximum)] : chosen;
    }

    bool IsUsable(InterfaceAddress seen, int ownInterface) =>
        seen.IsUp && seen.IsGlobal && seen.Interface != ownInterface && !inside.Any(network => network.Contains(seen.Address));
}
