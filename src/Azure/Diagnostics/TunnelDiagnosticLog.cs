using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Azure.Diagnostics;

/// <summary>
/// What one instance of a gateway logs under the category TunnelDiagnosticLog: a tunnel is connected with its first child SA and
/// disconnected with its last one. It keeps the newest <see cref="Capacity"/> lines.
/// </summary>
public sealed class TunnelDiagnosticLog
{
    public const int Capacity = 1024;

    readonly SortedDictionary<string, Tunnel> _tunnels = new(StringComparer.Ordinal);
    readonly Queue<TunnelLogEntry> _entries = [];

    /// <summary>Oldest first.</summary>
    public ImmutableArray<TunnelLogEntry> Entries => [.. _entries];

    /// <summary>When the tunnel last came up; null where it never did.</summary>
    public DateTimeOffset? LastEstablished(string tunnelName) => _tunnels.GetValueOrDefault(tunnelName)?.LastEstablished;

    /// <summary>Takes an event of the instance's endpoint.</summary>
    /// <param name="machine">The machine that serves the instance's address, as Azure names it.</param>
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
                    Log(TunnelLogEntry.Connected, name, tunnel, machine, "The tunnel is connected.", null, now);
                }
                break;
            case ChildSaClosed child:
                tunnel = TunnelOf(name);
                if (tunnel.ChildSas.Remove(child.Id) && tunnel.ChildSas.Count == 0)
                    Disconnect(name, tunnel, machine, child.Reasons, now);
                break;
        }
    }

    /// <summary>The instance is gone, and nobody was told.</summary>
    public void Stopped(string machine, Instant now)
    {
        foreach ((string name, Tunnel tunnel) in _tunnels)
        {
            if (tunnel.ChildSas.Count == 0)
                continue;
            tunnel.ChildSas.Clear();
            Log(TunnelLogEntry.Disconnected, name, tunnel, machine, "The instance stopped.", null, now);
        }
    }

    void Disconnect(string name, Tunnel tunnel, string machine, ImmutableArray<Reason> reasons, Instant now)
    {
        string message = reasons.IsEmpty ? "The tunnel was closed." : string.Join(' ', reasons.Select(reason => reason.Text));
        int? error = reasons.Select(reason => AzureErrorNumbers.Find(reason.Code)).FirstOrDefault(number => number is not null);
        Log(TunnelLogEntry.Disconnected, name, tunnel, machine, message, error, now);
    }

    void Log(string operation, string name, Tunnel tunnel, string machine, string message, int? error, Instant now)
    {
        if (_entries.Count == Capacity)
            _entries.Dequeue();
        _entries.Enqueue(new TunnelLogEntry(now.Utc, operation, message, tunnel.Remote?.ToString(), machine, name, error));
    }

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

/// <summary>A line of AzureDiagnostics with the category TunnelDiagnosticLog, in the names of its columns.</summary>
/// <param name="OperationName">"TunnelConnected" or "TunnelDisconnected".</param>
/// <param name="Message">Why, in our words.</param>
/// <param name="RemoteIp">The outer address of the far end.</param>
/// <param name="Instance">GatewayTenantWorker_IN_0 or _IN_1.</param>
/// <param name="Tunnel">Not Azure's: the tunnel's name.</param>
/// <param name="AzureError">Not Azure's: the error number under which Azure knows the reason; null if it has none.</param>
public sealed record TunnelLogEntry(
    [property: JsonPropertyName("TimeGenerated")] DateTimeOffset TimeGenerated,
    [property: JsonPropertyName("OperationName")] string OperationName,
    [property: JsonPropertyName("Message")] string Message,
    [property: JsonPropertyName("remoteIP_s")] string? RemoteIp,
    [property: JsonPropertyName("instance_s")] string Instance,
    string Tunnel, int? AzureError)
{
    internal const string Connected = "TunnelConnected";
    internal const string Disconnected = "TunnelDisconnected";
}
