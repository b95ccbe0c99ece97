using Ipsec.Esp;
using Ipsec.Net;

namespace Ipsec.Endpoint.Routing;

/// <summary>Which tunnels carry what goes to the destinations of the route-based ones, where several have the same prefix.</summary>
static class TunnelRoutes
{
    /// <summary>Every prefix once.</summary>
    public static IEnumerable<(IpPrefix Prefix, RouteTarget Target)> Choose(TunnelTable tunnels, ISendingChildSas childSas) =>
        from tunnel in tunnels.All
        from route in tunnel.Configuration.Routes
        group (route.Metric, tunnel.Number) by route.Prefix into claims
        select (claims.Key, Target(claims, childSas));

    /// <summary>Of those that are up the lowest metric, shared by equals; while none is, the first of the lowest metric.</summary>
    static RouteTarget Target(IEnumerable<(int Metric, int Tunnel)> claims, ISendingChildSas childSas)
    {
        List<(int Metric, int Tunnel)> byMetric = [.. claims.OrderBy(claim => claim.Metric)];
        List<(int Metric, int Tunnel)> up = byMetric.Count == 1 ? byMetric : [.. byMetric.Where(claim => childSas.SendingIn(claim.Tunnel).Count > 0)];
        return up.Count == 0
            ? RouteTarget.Into(byMetric[0].Tunnel)
            : RouteTarget.Into(new TunnelGroup(up.TakeWhile(claim => claim.Metric == up[0].Metric).Select(claim => claim.Tunnel)));
    }
}
