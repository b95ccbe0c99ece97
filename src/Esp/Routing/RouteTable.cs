using System.Collections.Frozen;
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
    readonly FrozenDictionary<int, TunnelSettings> _tunnels;

    /// <param name="routes">A prefix that stands twice takes the later target.</param>
    /// <param name="tunnels">Settings for the tunnels that have any.</param>
    public RouteTable(IEnumerable<Route> routes, IEnumerable<TunnelSettings>? tunnels = null)
    {
        _tunnels = (tunnels ?? []).ToFrozenDictionary(settings => settings.Tunnel);
        throw new NotImplementedException();
    }

    public static RouteTable Empty { get; } = new([]);

    /// <summary>The target of the longest prefix that contains the address; false if there is none.</summary>
    public bool TryLookup(IpAddress destination, out RouteTarget target) => throw new NotImplementedException();

    internal int? MssClamp(int tunnel) => _tunnels.TryGetValue(tunnel, out TunnelSettings? settings) ? settings.MssClamp : null;
}
