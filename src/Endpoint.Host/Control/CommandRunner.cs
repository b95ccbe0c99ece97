using System.Collections.Immutable;
using System.Threading.Channels;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.Hosting;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Ike;
using Ipsec.Ike.Outputs;
using Microsoft.AspNetCore.Http;

namespace Ipsec.EndpointHost.Control;

enum ControlCommand
{
    Initiate,
    Rekey,
    Terminate,
    Redirect,
}

/// <summary>
/// Gives a command to the engine and, where the caller waits, finds its outcome among the events. The watch begins before the
/// command, so that no outcome is missed.
/// </summary>
static class CommandRunner
{
    const double MaximumWaitSeconds = 600;
    static readonly TimeSpan ClosingPoll = TimeSpan.FromMilliseconds(20);

    public static async Task<(int StatusCode, CommandResponse Response)> RunAsync(
        NodeRuntime runtime, ControlCommand command, CommandRequest request, CancellationToken cancellation)
    {
        if (FindFault(runtime, command, request) is string fault)
            return (StatusCodes.Status400BadRequest, Failure(fault));
        string connection = request.Connection!;
        using EventHub.Subscription subscription = runtime.Events.Watch();
        CommandResult result = await runtime.CommandAsync((endpoint, now) => (command, request.What) switch
        {
            (ControlCommand.Initiate, _) => endpoint.Initiate(connection, request.Child, now),
            (ControlCommand.Terminate, _) => endpoint.Terminate(connection, now),
            (ControlCommand.Redirect, _) => endpoint.Redirect(connection, request.Target!, now),
            (_, "ike") => endpoint.RekeyIke(connection, now),
            _ => endpoint.RekeyChild(connection, request.Child, now),
        });
        if (!result.IsAccepted)
            return (StatusCodes.Status409Conflict, Failure(result.Error!));
        if (request.WaitSeconds == 0)
            return (StatusCodes.Status200OK, new CommandResponse(true, "Accepted.", []));
        return await AwaitOutcomeAsync(runtime, command, request, subscription, cancellation);
    }

    static string? FindFault(NodeRuntime runtime, ControlCommand command, CommandRequest request)
    {
        ImmutableArray<string> known = [.. runtime.Setup.Endpoint.Tunnels.Select(tunnel => tunnel.Connection.Name)];
        if (request.Connection is null || !known.Contains(request.Connection))
            return $"There is no connection '{request.Connection}'; this node has {(known.IsEmpty ? "none" : string.Join(", ", known))}.";
        if (command == ControlCommand.Rekey && request.What is not ("ike" or "child"))
            return "A rekey names what: 'ike' or 'child'.";
        if (command == ControlCommand.Redirect && request.Target is null)
            return "A redirect names its target: an address or a DNS name.";
        if (!(request.WaitSeconds >= 0 && request.WaitSeconds <= MaximumWaitSeconds))
            return $"waitSeconds is 0 to {MaximumWaitSeconds}.";
        return null;
    }

    static async Task<(int, CommandResponse)> AwaitOutcomeAsync(
        NodeRuntime runtime, ControlCommand command, CommandRequest request, EventHub.Subscription subscription, CancellationToken cancellation)
    {
        // Up already, or down already: no event will follow.
        TunnelStatus? tunnel = (await runtime.GetStatusAsync()).Tunnels.FirstOrDefault(tunnel => tunnel.Connection == request.Connection);
        if (command == ControlCommand.Initiate && tunnel is { State: TunnelState.Established } && HasChild(tunnel, request.Child))
            return Done(command, request);
        if (command == ControlCommand.Terminate && tunnel?.IkeSa is null)
            return Done(command, request);

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(request.WaitSeconds));
        var redirect = new RedirectWatch();
        try
        {
            await foreach (TimedEvent timed in subscription.Events.ReadAllAsync(deadline.Token))
            {
                if (timed.Event.Connection != request.Connection || IsSuccession(command, timed.Event))
                    continue;
                if (command == ControlCommand.Redirect ? redirect.Sees(timed.Event) : IsSuccess(command, request, timed.Event))
                {
                    if (command == ControlCommand.Terminate)
                        await AwaitAnswerToDeleteAsync(runtime, request, deadline.Token);
                    return Done(command, request);
                }
                if (FailureReasons(command, timed.Event) is ImmutableArray<Reason> reasons)
                    return (StatusCodes.Status422UnprocessableEntity, Failure($"{EventText.Describe(timed.Event)}.", reasons));
            }
            return (StatusCodes.Status503ServiceUnavailable, Failure("The host is stopping."));
        }
        catch (OperationCanceledException)
        {
            return (StatusCodes.Status504GatewayTimeout, Failure($"No outcome within {request.WaitSeconds} s; the host goes on trying."));
        }
    }

    /// <summary>The SA is closed for us once the DELETE is sent, and gone once the peer answered it or did not in time.</summary>
    static async Task AwaitAnswerToDeleteAsync(NodeRuntime runtime, CommandRequest request, CancellationToken cancellation)
    {
        while ((await runtime.GetStatusAsync()).Tunnels.Any(tunnel => tunnel.Connection == request.Connection && tunnel.State == TunnelState.Closing))
            await Task.Delay(ClosingPoll, cancellation);
    }

    static bool HasChild(TunnelStatus tunnel, string? child) => tunnel.ChildSas.Any(sa => child is null || sa.Child == child);

    /// <summary>One of two IKE SAs gives way to the other: the connection is as up as before. A peer that was redirected comes back with another one.</summary>
    static bool IsSuccession(ControlCommand command, IkeEvent occurred) => occurred is IkeSaClosed { Reasons: [{ Code: string code }, ..] }
        && (code is "rekeyed" or "redundant" || (command != ControlCommand.Redirect && code is "replaced" or "crossed" or "initial-contact" or "reauthenticated"));

    static bool IsSuccess(ControlCommand command, CommandRequest request, IkeEvent occurred) => (command, request.What, occurred) switch
    {
        (ControlCommand.Initiate, _, ChildSaEstablished child) => request.Child is null || child.Child == request.Child,
        (ControlCommand.Terminate, _, IkeSaClosed) => true,
        (ControlCommand.Rekey, "ike", IkeSaEstablished { IsRekey: true }) => true,
        (ControlCommand.Rekey, "child", ChildSaEstablished { Replaces: not null } child) => request.Child is null || child.Child == request.Child,
        _ => false,
    };

    static ImmutableArray<Reason>? FailureReasons(ControlCommand command, IkeEvent occurred) => (command, occurred) switch
    {
        (ControlCommand.Initiate or ControlCommand.Rekey, NegotiationRefused refused) => refused.Reasons,
        (ControlCommand.Initiate or ControlCommand.Rekey, IkeSaClosed closed) => closed.Reasons,
        _ => null,
    };

    static (int, CommandResponse) Done(ControlCommand command, CommandRequest request) => (StatusCodes.Status200OK, new CommandResponse(true, command switch
    {
        ControlCommand.Initiate => $"{request.Connection} is up.",
        ControlCommand.Terminate => $"{request.Connection} is down.",
        ControlCommand.Redirect => $"{request.Connection} is redirected to {request.Target}.",
        _ => $"{request.Connection} is rekeyed.",
    }, []));

    static CommandResponse Failure(string message, ImmutableArray<Reason> reasons = default) => new(false, message, DocumentMapping.ToDocuments(reasons));
}
