using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Endpoint;

namespace Ipsec.Azure.Diagnostics;

/// <summary>One instance of a gateway as its owner sees it.</summary>
/// <param name="Instance">Index of the IP configuration.</param>
/// <param name="IsServing">False while a failover leaves the address without a machine.</param>
public sealed record InstanceObservation(int Instance, bool IsServing, EndpointStatus Status, TunnelDiagnosticLog Log);

/// <summary>What Azure would say about a VPN gateway and its connections.</summary>
/// <param name="Connections">Those with tunnels, in the order of the file.</param>
/// <param name="TunnelDiagnosticLog">Oldest first; policy-based gateways write none (Azure's documentation of the diagnostic logs).</param>
public sealed record GatewayDiagnosis(string VirtualNetworkGateway, ImmutableArray<ConnectionDiagnosis> Connections,
    ImmutableArray<TunnelLogEntry> TunnelDiagnosticLog)
{
    public static GatewayDiagnosis Of(AzureEnvironment environment, VirtualNetworkGateway gateway, ImmutableArray<InstanceObservation> instances) => new(
        gateway.Name,
        [.. environment.ConnectionsOf(gateway).Where(connection => connection.IsIpsec).Select(connection => Connection(environment, gateway, connection, instances))],
        gateway.VpnType == VpnType.PolicyBased ? [] : [.. instances.SelectMany(instance => instance.Log.Entries).OrderBy(entry => entry.TimeGenerated)]);

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

    static TunnelConnectionHealth Health(string name, InstanceObservation instance, TunnelStatus status) => new(name,
        instance.IsServing ? StatusOf(status) : VirtualNetworkGatewayConnectionStatus.Unknown,
        Sum(status.ChildSas, child => child.BytesIn), Sum(status.ChildSas, child => child.BytesOut),
        instance.Log.LastEstablished(status.Connection), [.. status.Reasons.Select(ReasonReport.Of)]);

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

    static ulong Sum<T>(ImmutableArray<T> items, Func<T, ulong> octets) => items.Aggregate(0UL, (sum, item) => sum + octets(item));
}
