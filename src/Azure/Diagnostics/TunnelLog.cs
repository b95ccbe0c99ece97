using System.Collections.Immutable;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Azure.Diagnostics;

/// <summary>Writes TunnelDiagnosticLog: a tunnel is connected with its first child SA and disconnected with its last one.</summary>
sealed class TunnelLog(DiagnosticLog log)
{
    const string Connected = "TunnelConnected";
    const string Disconnected = "TunnelDisconnected";

    readonly SortedDictionary<string, Tunnel> _tunnels = new(StringComparer.Ordinal);

    /// <summary>When the tunnel last came up; null where it never did.</summary>
    public DateTimeOffset? LastEstablished(string tunnelName) => _tunnels.GetValueOrDefault(tunnelName)?.LastEstablished;

    public void Follow(IkeEvent occurred, string machine, Instant now)
    {
        if (occurred.Connection is not string name)
            return;
        switch (occurred)
        {
            case IkeSaEstablished established:
                TunnelOf(name).Remote = established.Path.Remote.Address;
                break;
            case IkeSaMoved moved:
                TunnelOf(name).Remote = moved.To.Remote.Address;
                break;
            case ChildSaEstablished child:
                Tunnel tunnel = TunnelOf(name);
                if (tunnel.ChildSas.Add(child.Id) && tunnel.ChildSas.Count == 1)
                {
                    tunnel.LastEstablished = now.Utc;
                    Write(Connected, name, tunnel, machine, "The tunnel is connected.", [], now);
                }
                break;
            case ChildSaClosed child:
                tunnel = TunnelOf(name);
                if (tunnel.ChildSas.Remove(child.Id) && tunnel.ChildSas.Count == 0)
                    Write(Disconnected, name, tunnel, machine, Summary(child.Reasons), child.Reasons, now);
                break;
        }
    }

    /// <summary>The machine is gone, and nobody was told.</summary>
    public void Stopped(string machine, Instant now)
    {
        foreach ((string name, Tunnel tunnel) in _tunnels)
        {
            if (tunnel.ChildSas.Count == 0)
                continue;
            tunnel.ChildSas.Clear();
            Write(Disconnected, name, tunnel, machine, "The instance stopped.", [], now);
        }
    }

    static string Summary(ImmutableArray<Reason> reasons) =>
        reasons.IsEmpty ? "The tunnel was closed." : string.Join(' ', reasons.Select(reason => reason.Text));

    void Write(string operation, string name, Tunnel tunnel, string machine, string message, ImmutableArray<Reason> reasons, Instant now) =>
        log.Write(DiagnosticCategory.TunnelDiagnosticLog, operation, operation == Connected ? DiagnosticLevel.Informational : DiagnosticLevel.Warning,
            message, machine, now, name, tunnel.Remote?.ToString(), reasons);

    /// <summary>There are as many as the configuration has connections.</summary>
    Tunnel TunnelOf(string name)
    {
        if (!_tunnels.TryGetValue(name, out Tunnel? tunnel))
            _tunnels.Add(name, tunnel = new Tunnel());
        return tunnel;
    }

    sealed class Tunnel
    {
        public HashSet<ChildSaId> ChildSas { get; } = [];
        public IpAddress? Remote { get; set; }
        public DateTimeOffset? LastEstablished { get; set; }
    }
}
