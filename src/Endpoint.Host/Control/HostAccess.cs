using Ipsec.Azure.Instances;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.Hosting;
using Ipsec.Ike;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Control;

/// <summary>The node that <c>run</c> runs.</summary>
sealed class HostAccess(NodeHost host) : IGatewayAccess
{
    public string Name => host.Name;

    public IReadOnlyList<IpAddress> Addresses => [.. host.Seats.Select(seat => seat.Setup.Node.OuterAddress)];

    public Task<CommandResult> FailAsync(FailoverKind kind, int? instance) => Task.FromResult(host.Fail(kind, instance));

    public Task<CommandResult> ResetAsync(int? instance) => Task.FromResult(host.Reset(instance));

    public Task<CommandResult> MaintainAsync() => Task.FromResult(host.Maintain());

    public Task<CommandResult> ResetConnectionAsync(string connection, int? instance) => host.ResetConnectionAsync(connection, instance);

    public Task<bool> IsSettledAsync() => Task.FromResult(host.IsSettled);

    public async Task<bool> IsUpAsync(string connection)
    {
        foreach (NodeSeat seat in host.Seats.Where(seat => seat.IsReady))
        {
            if (!IsUp(await seat.GetStatusAsync(), seat.Setup.Endpoint, connection))
                return false;
        }
        return true;
    }

    public static bool IsUp(EndpointStatus status, EndpointConfiguration configuration, string connection)
    {
        HashSet<string> names = [.. ConnectionReset.TunnelsOf(configuration, connection).Select(tunnel => tunnel.Connection.Name)];
        return status.Tunnels.Where(tunnel => names.Contains(tunnel.Connection))
            .All(tunnel => tunnel is { State: TunnelState.Established, ChildSas.Length: > 0 });
    }
}
