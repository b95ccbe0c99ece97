using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Esp;

/// <summary>
/// An immutable longest-prefix-match table over both address families, built once per change by the engine's owner and
/// exchanged as a whole. Workers read it without a lock.
/// </summary>
/// <remarks>
/// The addresses of our outer peers must not lead our own ESP back into a tunnel: the host keeps outer packets off the inner
/// side (socket mark or host routes), and the data path drops ESP and IKE between the two ends of the chosen path.
/// </remarks>
public sealed class RouteTable
{
    readonly PrefixMap<RouteTarget> _targets;

    /// <param name="routes">A prefix that stands twice takes the later target.</param>
    /// <param name="tunnels">Settings for the tunnels that have any, one per tunnel.</param>
    public RouteTable(IEnumerable<Route> routes, IEnumerable<TunnelSettings>? tunnels = null)
    {
        List<Route> list = [.. routes];
        _targets = new PrefixMap<RouteTarget>(list.Select(route => KeyValuePair.Create(route.Prefix, route.Target)));
        HasGroups = list.Any(route => route.Target.Group is not null);
        RoutedTunnels = [.. list.Where(route => route.Target.Kind == RouteKind.Tunnel).SelectMany(route => route.Target.Group?.Tunnels ?? [route.Target.Tunnel]).Distinct()];
        Tunnels = [.. tunnels ?? []];
    }

    public static RouteTable Empty { get; } = new([]);

    /// <summary>Whether packets may go from one tunnel into another; otherwise they are dropped and counted.</summary>
    public bool Transit { get; init; } = true;

    /// <summary>Null: as much as goes.</summary>
    public ShaperSettings? Shaper { get; init; }

    internal bool HasGroups { get; }

    /// <summary>Into which some route leads.</summary>
    internal ImmutableArray<int> RoutedTunnels { get; }
    internal ImmutableArray<TunnelSettings> Tunnels { get; }

    /// <summary>The target of the longest prefix that contains the address; false if there is none.</summary>
    public bool TryLookup(IpAddress destination, out RouteTarget target) => _targets.TryLookup(destination, out target);
}
