using System.Diagnostics;
using Ipsec.Azure.Instances;
using Ipsec.Ike;
using Ipsec.Net;
using Microsoft.AspNetCore.Http;

namespace Ipsec.EndpointHost.Control;

/// <summary>What Azure offers on gateways and connections, and what happens to its machines: reset, resetConnection, failovers, maintenance.</summary>
static class GatewayCommands
{
    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    public static async Task<(int StatusCode, CommandResponse Response)> RunAsync(
        IGatewayAccess gateway, ControlCommand command, CommandRequest request, CancellationToken cancellation)
    {
        if (command == ControlCommand.ResetConnection && request.Connection is null)
            return Answer(StatusCodes.Status400BadRequest, "A reset-connection names its connection.");
        if (!TryReadKind(request.Kind, out FailoverKind kind))
            return Answer(StatusCodes.Status400BadRequest, $"A failover's kind is 'planned' or 'unplanned', not '{request.Kind}'.");
        if (!TryFindInstance(gateway.Addresses, request, out int? instance))
            return Answer(StatusCodes.Status400BadRequest, $"{gateway.Name} has no instance with the address {request.GatewayVip}.");
        CommandResult result = command switch
        {
            ControlCommand.Reset => await gateway.ResetAsync(instance),
            ControlCommand.Failover => await gateway.FailAsync(kind, instance),
            ControlCommand.Maintenance => await gateway.MaintainAsync(),
            _ => await gateway.ResetConnectionAsync(request.Connection!, instance),
        };
        if (!result.IsAccepted)
            return Answer(StatusCodes.Status409Conflict, result.Error!);
        if (request.WaitSeconds == 0)
            return Answer(StatusCodes.Status200OK, "Accepted.");
        Func<Task<bool>> isDone = command == ControlCommand.ResetConnection ? () => gateway.IsUpAsync(request.Connection!) : gateway.IsSettledAsync;
        if (!await AwaitAsync(isDone, TimeSpan.FromSeconds(request.WaitSeconds), cancellation))
            return Answer(StatusCodes.Status504GatewayTimeout, $"No outcome within {request.WaitSeconds} s; the host goes on.");
        return Answer(StatusCodes.Status200OK, command == ControlCommand.ResetConnection ? $"{request.Connection} is up again." : $"{gateway.Name} is served again.");
    }

    static bool TryReadKind(string? name, out FailoverKind kind)
    {
        kind = name == "unplanned" ? FailoverKind.Unplanned : FailoverKind.Planned;
        return name is null or "planned" or "unplanned";
    }

    /// <summary>The instance that a request names by its number or by its public address (ARM's gatewayVip); null where it names none.</summary>
    /// <param name="addresses">By instance.</param>
    static bool TryFindInstance(IReadOnlyList<IpAddress> addresses, CommandRequest request, out int? instance)
    {
        instance = request.Instance;
        if (request.GatewayVip is null)
            return true;
        for (int index = 0; index < addresses.Count; index++)
        {
            if (IpAddress.TryParse(request.GatewayVip, out IpAddress asked) && asked == addresses[index])
            {
                instance = index;
                return true;
            }
        }
        return false;
    }

    static async Task<bool> AwaitAsync(Func<Task<bool>> isDone, TimeSpan limit, CancellationToken cancellation)
    {
        Stopwatch waiting = Stopwatch.StartNew();
        while (!await isDone())
        {
            if (waiting.Elapsed >= limit)
                return false;
            await Task.Delay(Poll, cancellation);
        }
        return true;
    }

    static (int, CommandResponse) Answer(int code, string message) => (code, new CommandResponse(code == StatusCodes.Status200OK, message, []));
}
