using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.Esp;
using Ipsec.Net;

namespace Ipsec.Azure.Diagnostics;

/// <summary>
/// What Azure keeps about one public address of a gateway, whichever machine serves it: the lines of the diagnostic logs, and the octets that its tunnels have
/// carried. It outlives the machines. Any thread may call it.
/// </summary>
public sealed class InstanceDiagnostics
{
    readonly Lock _lock = new();
    readonly DiagnosticLog _log;
    readonly TunnelLog _tunnels;
    readonly IkeLog _ike;
    readonly SortedDictionary<string, SaCounters> _earlier = new(StringComparer.Ordinal);
    ImmutableArray<IpPrefix>? _routes;
    string? _machine;

    /// <param name="gateway">The name of the virtual network gateway.</param>
    public InstanceDiagnostics(string gateway)
    {
        _log = new DiagnosticLog(gateway);
        _tunnels = new TunnelLog(_log);
        _ike = new IkeLog(_log);
    }

    /// <summary>Every line, as it is written, by the thread that does.</summary>
    public event Action<DiagnosticLogEntry>? Written
    {
        add => _log.Written += value;
        remove => _log.Written -= value;
    }

    /// <summary>The newest 1,024 lines of a category, oldest first.</summary>
    public ImmutableArray<DiagnosticLogEntry> Entries(DiagnosticCategory category)
    {
        lock (_lock)
            return _log.Of(category);
    }

    /// <summary>When a tunnel last came up; null where it never did.</summary>
    public DateTimeOffset? LastEstablished(string tunnel)
    {
        lock (_lock)
            return _tunnels.LastEstablished(tunnel);
    }

    /// <summary>What a tunnel has carried on this machine and on those before.</summary>
    public SaCounters TrafficOf(TunnelStatus tunnel)
    {
        lock (_lock)
            return _earlier.GetValueOrDefault(tunnel.Connection) + tunnel.Traffic;
    }

    /// <summary>A machine serves the address from now on, with this configuration. Called before the first <see cref="Follow"/>.</summary>
    /// <param name="machine">As Azure names it: <see cref="Instances.LifecycleOutput.NameOf"/>.</param>
    public void Started(EndpointConfiguration configuration, string machine, Instant now)
    {
        lock (_lock)
        {
            if (_machine is string before && before != machine)
                Gateway("GatewayTenantPrimaryChanged", $"{machine} serves the gateway's address in place of {before}.", machine, now);
            _machine = machine;
            Configured(configuration, machine, now);
        }
    }

    /// <summary>The gateway or one of its connections has changed; also part of <see cref="Started"/>.</summary>
    public void Configured(EndpointConfiguration configuration, string machine, Instant now)
    {
        lock (_lock)
        {
            string addresses = string.Join(", ", configuration.LocalAddresses);
            Gateway("SetGatewayConfiguration", $"{configuration.Name} serves {addresses} with {configuration.Tunnels.Length} tunnels.", machine, now);
            foreach (TunnelConfiguration tunnel in configuration.Tunnels)
            {
                string routes = tunnel.Routes.IsEmpty ? "what its selectors say" : string.Join(", ", tunnel.Routes.Select(route => route.Prefix));
                _log.Write(DiagnosticCategory.GatewayDiagnosticLog, "SetConnectionConfiguration", DiagnosticLevel.Informational,
                    $"{tunnel.Connection.Name} leads to {routes}.", machine, now, tunnel.Connection.Name, tunnel.Connection.RemoteAddress?.ToString());
            }
        }
    }

    /// <summary>Azure's own maintenance begins.</summary>
    public void Maintained(string machine, Instant now)
    {
        lock (_lock)
            Gateway("HostMaintenanceEvent", "Maintenance of the gateway's machines begins.", machine, now);
    }

    /// <summary>Takes an output of the endpoint that serves the address; what concerns no log is ignored.</summary>
    public void Follow(EndpointOutput output, string machine, Instant now)
    {
        lock (_lock)
        {
            switch (output)
            {
                case EndpointEvent occurred:
                    _tunnels.Follow(occurred.Event, machine, now);
                    _ike.Follow(occurred.Event, machine, now);
                    break;
                case InnerRoutesChanged routes:
                    Update(routes.Routes, machine, now);
                    break;
            }
        }
    }

    /// <summary>The machine is gone, and nobody was told.</summary>
    /// <param name="last">The status of its endpoint, taken before that was disposed.</param>
    public void Stopped(EndpointStatus last, string machine, Instant now)
    {
        lock (_lock)
        {
            foreach (TunnelStatus tunnel in last.Tunnels)
                _earlier[tunnel.Connection] = TrafficOf(tunnel);
            _tunnels.Stopped(machine, now);
            _ike.Stopped();
            _routes = null;
        }
    }

    void Gateway(string operation, string message, string machine, Instant now) =>
        _log.Write(DiagnosticCategory.GatewayDiagnosticLog, operation, DiagnosticLevel.Informational, message, machine, now);

    void Update(ImmutableArray<IpPrefix> routes, string machine, Instant now)
    {
        ImmutableArray<IpPrefix> before = _routes ?? [];
        _routes = routes;
        foreach ((string verb, ImmutableArray<IpPrefix> prefixes) in new[] { ("added", routes.RemoveRange(before)), ("removed", before.RemoveRange(routes)) })
        {
            if (!prefixes.IsEmpty)
            {
                _log.Write(DiagnosticCategory.RouteDiagnosticLog, "StaticRouteUpdate", DiagnosticLevel.Informational,
                    $"Static routes {verb}: {string.Join(", ", prefixes)}", machine, now);
            }
        }
    }
}
