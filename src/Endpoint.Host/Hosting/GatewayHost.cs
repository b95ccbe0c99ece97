using System.Collections.Immutable;
using Ipsec.Azure.Instances;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Ike;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>Carries out what the <see cref="GatewayLifecycle"/> of one gateway decides, by the clock of the host: instances stop, and start anew on another
/// machine.</summary>
sealed class GatewayHost : IDisposable
{
    /// <summary>A timer takes no more than this in one go.</summary>
    static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    readonly Lock _lock = new();
    readonly GatewayLifecycle _lifecycle;
    readonly ImmutableArray<NodeSeat> _seats;
    readonly NodeServices _services;
    readonly ITimer _timer;
    bool _isDisposed;

    /// <param name="seats">By the index of their public address.</param>
    public GatewayHost(ImmutableArray<NodeSeat> seats, FailoverDurations durations, NodeServices services, TimeProvider time)
    {
        _lifecycle = new GatewayLifecycle(seats.Length > 1, durations);
        (_seats, _services) = (seats, services);
        _timer = time.CreateTimer(_ => Turn(() => CommandResult.Success), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public CommandResult Fail(FailoverKind kind, int? instance) => Turn(() => _lifecycle.Fail(kind, instance, _services.Clock.Now));

    public CommandResult Maintain() => Turn(() => _lifecycle.Maintain(_services.Clock.Now));

    /// <summary>Nothing is to come: every address is served, or was tried to be.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_lock)
                return _lifecycle.NextTimeout is null;
        }
    }

    /// <summary>Nothing fails over any more.</summary>
    public void Dispose()
    {
        lock (_lock)
            _isDisposed = true;
        _timer.Dispose();
    }

    CommandResult Turn(Func<CommandResult> command)
    {
        lock (_lock)
        {
            if (_isDisposed)
                return CommandResult.Refused("The host is stopping.");
            _lifecycle.HandleTimeout(_services.Clock.Now);
            CommandResult result = command();
            while (_lifecycle.TryTakeOutput(out LifecycleOutput? output))
                CarryOut(output);
            if (_lifecycle.NextTimeout is TimeSpan due)
                _timer.Change(Clamp(due - _services.Clock.Monotonic), Timeout.InfiniteTimeSpan);
            return result;
        }
    }

    void CarryOut(LifecycleOutput output)
    {
        NodeSeat seat = _seats[output.Endpoint];
        string address = seat.Setup.Node.OuterAddress.ToString();
        switch (output)
        {
            case EndpointStopped stopped:
                _services.Logger.InstanceStopped(address, output.MachineName, stopped.Kind.ToString().ToLowerInvariant());
                _ = seat.LeaveAsync(stopped.Kind);
                break;
            default:
                _services.Logger.InstanceStarted(address, output.MachineName);
                _ = seat.TakeOverAsync(output.Machine);
                break;
        }
    }

    /// <summary>Whole milliseconds, rounded up: a timer that fires early would find nothing to do.</summary>
    static TimeSpan Clamp(TimeSpan wait) => wait <= TimeSpan.Zero ? TimeSpan.Zero
        : wait > LongestWait ? LongestWait
        : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
}
