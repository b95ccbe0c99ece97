using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Ipsec.Azure.Resources;
using Ipsec.Endpoint;
using Ipsec.Esp;

namespace Ipsec.Azure.Diagnostics;

/// <summary>One instance of a gateway as its owner sees it.</summary>
/// <param name="Instance">Index of the IP configuration.</param>
/// <param name="IsServing">False while a failover leaves the address without a machine.</param>
public sealed record InstanceObservation(int Instance, bool IsServing, EndpointStatus Status, InstanceDiagnostics Diagnostics);

/// <summary>
/// The diagnostic logs of a gateway, of both instances together, oldest first; policy-based gateways write two of them only (the reference, §4.11).
/// </summary>
public sealed record GatewayLogs(ImmutableArray<DiagnosticLogEntry> GatewayDiagnosticLog, ImmutableArray<DiagnosticLogEntry> TunnelDiagnosticLog,
    ImmutableArray<DiagnosticLogEntry> RouteDiagnosticLog, [property: JsonPropertyName("ikeDiagnosticLog")] ImmutableArray<DiagnosticLogEntry> IKEDiagnosticLog)
{
    /// <summary>Every line by time.</summary>
    [JsonIgnore]
    public IEnumerable<DiagnosticLogEntry> All =>
        GatewayDiagnosticLog.Concat(TunnelDiagnosticLog).Concat(RouteDiagnosticLog).Concat(IKEDiagnosticLog).OrderBy(entry => entry.TimeGenerated);
}

/// <summary>What Azure would say about a VPN gateway and its connections.</summary>
/// <param name="Connections">Those with tunnels, in the order of the file.</param>
public sealed record GatewayDiagnosis(string VirtualNetworkGateway, ImmutableArray<ConnectionDiagnosis> Connections, GatewayLogs Logs)
{
    public static GatewayDiagnosis Of(AzureEnvironment environment, VirtualNetworkGateway gateway, ImmutableArray<InstanceObservation> instances) => new(
        gateway.Name,
        [.. environment.ConnectionsOf(gateway).Where(connection => connection.IsIpsec)
            .Select(connection => Connection(environment, gateway, connection, instances))],
        LogsOf(gateway, instances));

    static GatewayLogs LogsOf(VirtualNetworkGateway gateway, ImmutableArray<InstanceObservation> instances)
    {
        bool isPolicyBased = gateway.VpnType == VpnType.PolicyBased;
        return new GatewayLogs(Of(DiagnosticCategory.GatewayDiagnosticLog), isPolicyBased ? [] : Of(DiagnosticCategory.TunnelDiagnosticLog),
            Of(DiagnosticCategory.RouteDiagnosticLog), isPolicyBased ? [] : Of(DiagnosticCategory.IKEDiagnosticLog));

        ImmutableArray<DiagnosticLogEntry> Of(DiagnosticCategory category) =>
            [.. instances.SelectMany(instance => instance.Diagnostics.Entries(category)).OrderBy(entry => entry.TimeGenerated)];
    }

    static ConnectionDiagnosis Connection(AzureEnvironment environment, VirtualNetworkGateway gateway, GatewayConnection connection,
        ImmutableArray<InstanceObservation> instances)
    {
        ImmutableArray<string> names = [.. RemoteEnd.Of(environment, connection).Select(end => end.TunnelName)];
        (InstanceObservation Instance, TunnelStatus Status)[] tunnels =
        [
            .. from instance in instances
               from status in instance.Status.Tunnels
               where names.Contains(status.Connection)
               select (instance, status),
        ];
        ImmutableArray<TunnelConnectionHealth> healths = [.. tunnels.Select(tunnel => Health(
            $"{tunnel.Status.Connection}_{environment.PublicAddressOf(gateway, tunnel.Instance.Instance)}", tunnel.Instance, tunnel.Status))];
        IpsecPolicy? policy = connection.IpsecPolicies.FirstOrDefault();
        return new ConnectionDiagnosis(connection.Name, Best(healths),
            Sum(healths, health => health.EgressBytesTransferred), Sum(healths, health => health.IngressBytesTransferred), healths,
            [.. from tunnel in tunnels
                where tunnel.Status.IkeSa is not null
                select MainModeSa.Of(tunnel.Status.IkeSa!, tunnel.Status.ChildSas, policy)]);
    }

    static TunnelConnectionHealth Health(string name, InstanceObservation instance, TunnelStatus status)
    {
        SaCounters traffic = instance.Diagnostics.TrafficOf(status);
        return new TunnelConnectionHealth(name, instance.IsServing ? StatusOf(status) : VirtualNetworkGatewayConnectionStatus.Unknown,
            traffic.BytesIn, traffic.BytesOut, instance.Diagnostics.LastEstablished(status.Connection), [.. status.Reasons.Select(ReasonReport.Of)]);
    }

    static VirtualNetworkGatewayConnectionStatus StatusOf(TunnelStatus status) => status.State switch
    {
        TunnelState.Established when !status.ChildSas.IsEmpty => VirtualNetworkGatewayConnectionStatus.Connected,
        TunnelState.Established or TunnelState.Connecting => VirtualNetworkGatewayConnectionStatus.Connecting,
        _ => VirtualNetworkGatewayConnectionStatus.NotConnected,
    };

    /// <summary>How Azure adds up its tunnels is not documented: here a connection is what its best tunnel is.</summary>
    static VirtualNetworkGatewayConnectionStatus Best(ImmutableArray<TunnelConnectionHealth> healths)
    {
        ReadOnlySpan<VirtualNetworkGatewayConnectionStatus> order =
        [
            VirtualNetworkGatewayConnectionStatus.Connected, VirtualNetworkGatewayConnectionStatus.Connecting,
            VirtualNetworkGatewayConnectionStatus.NotConnected,
        ];
        foreach (VirtualNetworkGatewayConnectionStatus status in order)
        {
            if (healths.Any(health => health.ConnectionStatus == status))
                return status;
        }
        return VirtualNetworkGatewayConnectionStatus.Unknown;
    }

    static ulong Sum(ImmutableArray<TunnelConnectionHealth> items, Func<TunnelConnectionHealth, ulong> octets) =>
        items.Aggregate(0UL, (sum, item) => sum + octets(item));
}
