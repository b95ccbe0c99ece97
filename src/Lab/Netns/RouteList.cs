using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Lab.Netns;

/// <summary>Collects routes; what is first said of a prefix in a table counts.</summary>
sealed class RouteList(NamespacePlan plan)
{
    readonly ImmutableArray<PlannedRoute>.Builder _routes = ImmutableArray.CreateBuilder<PlannedRoute>();
    readonly HashSet<(string Namespace, int Table, IpPrefix Prefix)> _known = [];

    public ImmutableArray<PlannedRoute> ToImmutable() => _routes.ToImmutable();

    public void AddDefault(PlannedNamespace from, PlannedNamespace to, bool isV6) => Add(from, PlannedRoute.MainTable, isV6 ? IpPrefix.AnyV6 : IpPrefix.AnyV4, to);

    /// <summary>A single address at the other end of a link.</summary>
    public void AddOnLink(PlannedNamespace from, PlannedNamespace to, IpAddress address, int table = PlannedRoute.MainTable) =>
        Add(new PlannedRoute(from.Name, table, IpPrefix.Host(address), [new PlannedHop(plan.InterfaceTo(from, to).Name, null)]));

    public void Add(PlannedNamespace from, int table, IpPrefix prefix, params ReadOnlySpan<PlannedNamespace> to)
    {
        ImmutableArray<PlannedHop>.Builder hops = ImmutableArray.CreateBuilder<PlannedHop>();
        foreach (PlannedNamespace next in to)
            hops.Add(plan.Hop(from, next, prefix.Address.IsV6));
        Add(new PlannedRoute(from.Name, table, prefix, hops.ToImmutable()));
    }

    void Add(PlannedRoute route)
    {
        if (_known.Add((route.Namespace, route.Table, route.Prefix)))
            _routes.Add(route);
    }
}
