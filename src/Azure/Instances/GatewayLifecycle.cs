using System.Diagnostics.CodeAnalysis;
using Ipsec.Ike;
using Ipsec.Net;

namespace Ipsec.Azure.Instances;

/// <summary>
/// The two machines of a gateway and the public addresses that they serve (reference §1.1, §5). Active-standby has one address, which one of the machines
/// has; active-active has two, and each machine its own. Commands and time go in, outputs come out; it does nothing itself.
/// </summary>
/// <remarks>
/// In active-standby mode an address moves to the other machine, as soon as that one is up. In active-active mode it waits for its own machine: its tunnels
/// are down meanwhile, and the other address carries what there is to carry.
/// </remarks>
public sealed class GatewayLifecycle
{
    const int Machines = 2;

    readonly FailoverDurations _durations;
    readonly TimeSpan[] _upAt = new TimeSpan[Machines];
    readonly Address[] _addresses;
    readonly PriorityQueue<Action<Instant>, (TimeSpan Due, int Number)> _agenda = new();
    readonly Queue<LifecycleOutput> _outputs = new();
    int _count;
    bool _isMaintained;

    /// <param name="isActiveActive">Two public addresses; otherwise one.</param>
    public GatewayLifecycle(bool isActiveActive, FailoverDurations durations)
    {
        _durations = durations;
        _addresses = [.. Enumerable.Range(0, isActiveActive ? Machines : 1).Select(index => new Address(index))];
    }

    bool IsActiveActive => _addresses.Length > 1;

    /// <summary>Monotonic time at which <see cref="HandleTimeout"/> has something to do; null while there is nothing.</summary>
    public TimeSpan? NextTimeout => _agenda.TryPeek(out _, out (TimeSpan Due, int Number) next) ? next.Due : null;

    /// <summary>The machine that serves an address; null while none does.</summary>
    public int? MachineOf(int endpoint) => _addresses[endpoint].IsServed ? _addresses[endpoint].Machine : null;

    /// <summary>Takes the next thing to do, in order.</summary>
    public bool TryTakeOutput([NotNullWhen(true)] out LifecycleOutput? output) => _outputs.TryDequeue(out output);

    /// <summary>Does what is due; nothing before <see cref="NextTimeout"/>.</summary>
    public void HandleTimeout(Instant now)
    {
        while (NextTimeout <= now.Monotonic)
            _agenda.Dequeue()(now);
    }

    /// <summary>
    /// The machine behind an address goes away and reboots. A reset is this too (reference §4.10): of the active machine, or of the one whose address is
    /// given; where two are active and none is given, of the first, however often.
    /// </summary>
    /// <param name="endpoint">Index of the public address; null is the first.</param>
    public CommandResult Fail(FailoverKind kind, int? endpoint, Instant now)
    {
        int index = endpoint ?? 0;
        if (index < 0 || index >= _addresses.Length)
            return CommandResult.Refused($"There is no instance {index}; accepted: {string.Join(", ", _addresses.Select(address => address.Index))}.");
        if (!_addresses[index].IsServed)
            return CommandResult.Refused("Its last failover is not over yet.");
        Leave(_addresses[index], kind, now);
        return CommandResult.Success;
    }

    /// <summary>Both machines reboot, one after the other: in active-standby mode first the one that serves nothing.</summary>
    public CommandResult Maintain(Instant now)
    {
        if (_isMaintained || _addresses.Any(address => !address.IsServed))
            return CommandResult.Refused(_isMaintained ? "It is being maintained already." : "Its last failover is not over yet.");
        _isMaintained = true;
        if (IsActiveActive)
        {
            Maintain(0, now);
            return CommandResult.Success;
        }
        int standby = Other(_addresses[0].Machine);
        _upAt[standby] = now.Monotonic + _durations.Reboot;
        Schedule(_upAt[standby], at => Maintain(0, at));
        return CommandResult.Success;
    }

    void Maintain(int index, Instant now)
    {
        // Somebody else may have sent it away meanwhile: then it has rebooted anyway.
        TimeSpan back = _addresses[index].IsServed ? Leave(_addresses[index], FailoverKind.Planned, now) : now.Monotonic;
        if (index + 1 < _addresses.Length)
            Schedule(back, at => Maintain(index + 1, at));
        else
            _isMaintained = false;
    }

    /// <summary>Returns the time at which the address is served again.</summary>
    TimeSpan Leave(Address address, FailoverKind kind, Instant now)
    {
        _outputs.Enqueue(new EndpointStopped(address.Index, address.Machine, kind));
        address.IsServed = false;
        _upAt[address.Machine] = now.Monotonic + _durations.Reboot;
        int next = IsActiveActive ? address.Machine : Other(address.Machine);
        TimeSpan moved = IsActiveActive ? TimeSpan.Zero : now.Monotonic + _durations.Of(kind);
        TimeSpan back = moved > _upAt[next] ? moved : _upAt[next];
        Schedule(back, _ =>
        {
            address.Machine = next;
            address.IsServed = true;
            _outputs.Enqueue(new EndpointStarted(address.Index, next));
        });
        return back;
    }

    void Schedule(TimeSpan due, Action<Instant> action) => _agenda.Enqueue(action, (due, _count++));

    static int Other(int machine) => Machines - 1 - machine;

    sealed class Address(int index)
    {
        public int Index { get; } = index;
        public int Machine { get; set; } = index;
        public bool IsServed { get; set; } = true;
    }
}
