using Ipsec.Azure.Diagnostics;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Hosting;
using Ipsec.EndpointHost.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Ipsec.EndpointHost.Control;

/// <summary>The control API of one node that runs.</summary>
/// <param name="startedAt">When it began.</param>
/// <param name="reload">Reads the file again; null, or why nothing changed.</param>
/// <param name="gateway">What carries out failovers and the like, where that is not the host itself.</param>
sealed class NodeControl(NodeHost host, EventHub events, TimeProvider time, DateTimeOffset startedAt, Func<Task<UserErrorException?>> reload, IGatewayAccess? gateway = null)
    : IControlTarget
{
    readonly IGatewayAccess _gateway = gateway ?? new HostAccess(host);

    public EventHub Events => events;

    public DateTimeOffset Now => time.GetUtcNow();

    public async Task<(StatusDocument? Document, string? Fault)> GetStatusAsync(string? node) => node is not null && node != host.Name
        ? (null, $"This host runs {host.Name}, not {node}.")
        : (await StatusDocuments.BuildAsync(host, startedAt, Now), null);

    public async Task<IReadOnlyList<GatewayDiagnosis>> DiagnoseAsync() => await host.DiagnoseAsync() is GatewayDiagnosis diagnosis ? [diagnosis] : [];

    public async Task<(int StatusCode, CommandResponse Response)> RunAsync(ControlCommand command, CommandRequest request, CancellationToken cancellation)
    {
        if (request.Node is not null && request.Node != host.Name)
            return (StatusCodes.Status400BadRequest, new CommandResponse(false, $"This host runs {host.Name}, not {request.Node}.", []));
        if (!(request.WaitSeconds >= 0 && request.WaitSeconds <= CommandRequest.MaximumWaitSeconds))
            return (StatusCodes.Status400BadRequest, new CommandResponse(false, $"waitSeconds is 0 to {CommandRequest.MaximumWaitSeconds}.", []));
        switch (command)
        {
            case ControlCommand.Reload:
                return CommandResponse.OfReload(await reload());
            case ControlCommand.Reset or ControlCommand.Failover or ControlCommand.Maintenance or ControlCommand.ResetConnection:
                return await GatewayCommands.RunAsync(_gateway, command, request, cancellation);
            default:
                return await RunOnEndpointsAsync(command, request, cancellation);
        }
    }

    /// <summary>On the instance that the request names, or on every one that is served.</summary>
    async Task<(int, CommandResponse)> RunOnEndpointsAsync(ControlCommand command, CommandRequest request, CancellationToken cancellation)
    {
        NodeSeat[] seats = [.. host.Seats.Where(seat => request.Instance is null || request.Instance == seat.Instance)];
        if (seats.Length == 0)
        {
            string here = string.Join(" and ", host.Seats.Select(seat => seat.Instance));
            string fault = $"There is no instance {request.Instance} here; this host runs {here}.";
            return (StatusCodes.Status400BadRequest, new CommandResponse(false, fault, []));
        }
        return await CommandRunner.RunAsync(seats.Select(seat => seat.Setup.Endpoint),
            [.. seats.Select(seat => seat.Runtime).OfType<NodeRuntime>().Select(runtime => new RuntimeAccess(runtime))], events, command, request, cancellation);
    }
}
