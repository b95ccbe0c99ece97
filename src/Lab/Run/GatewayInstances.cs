using System.Collections.Immutable;
using Ipsec.Azure.Instances;
using Ipsec.Ike;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Network;

namespace Ipsec.Lab.Run;

/// <summary>
/// Carries out what the <see cref="GatewayLifecycle"/> of one gateway decides: the node of an address stops, and starts anew on another machine.
/// </summary>
sealed class GatewayInstances
{
    /// <summary>For the answers to the DELETEs of a machine that goes as planned.</summary>
    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    readonly GatewayLifecycle _lifecycle;
    readonly ImmutableArray<ILabNode> _nodes;
    readonly TimeSpan _farewell;
    readonly Scheduler _scheduler;
    readonly Action<LabEvent> _tell;
    TimeSpan? _timerAt;

    /// <param name="nodes">By the index of their address.</param>
    public GatewayInstances(ImmutableArray<ILabNode> nodes, FailoverDurations durations, Scheduler scheduler, Action<LabEvent> tell)
    {
        _lifecycle = new GatewayLifecycle(nodes.Length > 1, durations);
        _nodes = nodes;
        _scheduler = scheduler;
        _tell = tell;
        TimeSpan outage = durations.OutageOf(FailoverKind.Planned, nodes.Length > 1);
        _farewell = outage / 2 < Farewell ? outage / 2 : Farewell;
    }

    /// <summary>No failover is under way.</summary>
    public bool IsSettled => _lifecycle.NextTimeout is null;

    public CommandResult Fail(FailoverKind kind, int? endpoint) => EndTurn(_lifecycle.Fail(kind, endpoint, _scheduler.Instant));

    public CommandResult Maintain()
    {
        CommandResult result = _lifecycle.Maintain(_scheduler.Instant);
        if (result.IsAccepted)
            _nodes[0].Diagnostics.Maintained(_nodes[0].Machine, _scheduler.Instant);
        return EndTurn(result);
    }

    CommandResult EndTurn(CommandResult result)
    {
        while (_lifecycle.TryTakeOutput(out LifecycleOutput? output))
            CarryOut(output);
        if (_lifecycle.NextTimeout is TimeSpan due && due != _timerAt)
        {
            _timerAt = due;
            _scheduler.At(due, HandleTimeout);
        }
        return result;
    }

    void HandleTimeout()
    {
        _timerAt = null;
        _lifecycle.HandleTimeout(_scheduler.Instant);
        EndTurn(CommandResult.Success);
    }

    void CarryOut(LifecycleOutput output)
    {
        ILabNode node = _nodes[output.Endpoint];
        _tell(new GatewayInstanceChanged(_scheduler.Now, node.Label, node.OuterAddress, output.MachineName, output is EndpointStarted));
        switch (output)
        {
            case EndpointStopped { Kind: FailoverKind.Planned }:
                node.Shutdown();
                _scheduler.After(_farewell, node.Stop);
                break;
            case EndpointStopped:
                node.Stop();
                break;
            default:
                node.Machine = output.MachineName;
                node.Restart();
                break;
        }
    }
}
