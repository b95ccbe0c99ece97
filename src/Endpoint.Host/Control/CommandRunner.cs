using System.Collections.Immutable;
using System.Threading.Channels;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Ike;
using Ipsec.Ike.Outputs;
using Microsoft.AspNetCore.Http;

namespace Ipsec.EndpointHost.Control;

/// <summary>
/// Gives a command to the engine and, where the caller waits, finds its outcome among the events. The watch begins before the
/// command, so that no outcome is missed.
/// </summary>
static class CommandRunner
{
    static readonly TimeSpan ClosingPoll = TimeSpan.FromMilliseconds(20);

    /// <param name="configurations">Of the endpoints that are meant, running or not; at least one.</param>
    /// <param name="endpoints">Those that run; all of them get the command, and the answer is the worst of theirs.</param>
    public static async Task<(int StatusCode, CommandResponse Response)> RunAsync(IEnumerable<EndpointConfiguration> configurations,
        IReadOnlyCollection<IEndpointAccess> endpoints, EventHub events, ControlCommand command, CommandRequest request, CancellationToken cancellation)
    {
        if (configurations.Select(configuration => FindFault(configuration, command, request)).FirstOrDefault(one => one is not null) is string fault)
            return (StatusCodes.Status400BadRequest, Failure(fault));
        if (endpoints.Count == 0)
            return (StatusCodes.Status409Conflict, Failure("No machine serves the instance: a failover is under way."));
        (int StatusCode, CommandResponse Response)[] outcomes =
            await Task.WhenAll(endpoints.Select(endpoint => RunAsync(endpoint, events, command, request, cancellation)));
        return outcomes.MaxBy(outcome => outcome.StatusCode);
    }

    static async Task<(int StatusCode, CommandResponse Response)> RunAsync(
        IEndpointAccess target, EventHub events, ControlCommand command, CommandRequest request, CancellationToken cancellation)
    {
        string connection = request.Connection!;
        using EventHub.Subscription subscription = events.Watch();
        CommandResult result;
        try
        {
            result = await target.CommandAsync((endpoint, now) => (command, request.What) switch
            {
                (ControlCommand.Initiate, _) => endpoint.Initiate(connection, request.Child, now),
                (ControlCommand.Terminate, _) => endpoint.Terminate(connection, now),
                (ControlCommand.Redirect, _) => endpoint.Redirect(connection, request.Target!, now),
                (_, "ike") => endpoint.RekeyIke(connection, now),
                _ => endpoint.RekeyChild(connection, request.Child, now),
            });
        }
        catch (OperationCanceledException)
        {
            return (StatusCodes.Status503ServiceUnavailable, Failure("The instance is stopping."));
        }
        if (!result.IsAccepted)
            return (StatusCodes.Status409Conflict, Failure(result.Error!));
        if (request.WaitSeconds == 0)
            return (StatusCodes.Status200OK, new CommandResponse(true, "Accepted.", []));
        return await AwaitOutcomeAsync(target, command, request, subscription, cancellation);
    }

    static string? FindFault(EndpointConfiguration endpoint, ControlCommand command, CommandRequest request)
    {
        ImmutableArray<string> known = [.. endpoint.Tunnels.Select(tunnel => tunnel.Connection.Name)];
        if (request.Connection is null || !known.Contains(request.Connection))
            return $"There is no connection '{request.Connection}'; this node has {(known.IsEmpty ? "none" : string.Join(", ", known))}.";
        if (command == ControlCommand.Rekey && request.What is not ("ike" or "child"))
            return "A rekey names what: 'ike' or 'child'.";
        if (command == ControlCommand.Redirect && request.Target is null)
            return "A redirect names its target: an address or a DNS name.";
        return null;
    }

    static async Task<(int, CommandResponse)> AwaitOutcomeAsync(
        IEndpointAccess target, ControlCommand command, CommandRequest request, EventHub.Subscription subscription, CancellationToken cancellation)
    {
        // Up already, or down already: no event will follow.
        TunnelStatus? tunnel = (await target.GetStatusAsync()).Tunnels.FirstOrDefault(tunnel => tunnel.Connection == request.Connection);
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
                if (timed.Event.Connection != request.Connection || !target.Concerns(timed) || IsSuccession(command, timed.Event))
                    continue;
                if (command == ControlCommand.Redirect ? redirect.Sees(timed.Event) : IsSuccess(command, request, timed.Event))
                {
                    if (command == ControlCommand.Terminate)
                        await AwaitAnswerToDeleteAsync(target, request, deadline.Token);
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
    static async Task AwaitAnswerToDeleteAsync(IEndpointAccess target, CommandRequest request, CancellationToken cancellation)
    {
        while ((await target.GetStatusAsync()).Tunnels.Any(tunnel => tunnel.Connection == request.Connection && tunnel.State == TunnelState.Closing))
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
