using Ipsec.Ike.Engine;
using Ipsec.Net;

namespace Ipsec.Ike.Associations;

/// <summary>
/// Closes what a slot carries once nothing has passed in either direction for the configured time. A rekey is no traffic, and changes nothing.
/// </summary>
sealed class ChildInactivity(ChildSlot slot)
{
    // The counters are looked at so often within that time; it may be exceeded by one such part.
    const int LooksPerTimeout = 8;

    EngineTimer? _timer;
    TimeSpan _lastTraffic;

    EngineContext Context => slot.Owner.Sa.Context;

    /// <summary>A new SA counts as traffic.</summary>
    public void Start(Instant now)
    {
        _lastTraffic = now.Monotonic;
        if (_timer is null && Context.Traffic is not null && slot.Configuration.InactivityTimeout is TimeSpan timeout)
            Schedule(timeout, now);
    }

    public void Stop()
    {
        Context.Timers.Cancel(_timer);
        _timer = null;
    }

    void Schedule(TimeSpan timeout, Instant now) => _timer = Context.Timers.Schedule(now, timeout / LooksPerTimeout, at => Look(timeout, at));

    void Look(TimeSpan timeout, Instant now)
    {
        _timer = null;
        if (HasNewTraffic())
            _lastTraffic = now.Monotonic;
        // While a rekey is under way it is not known which SA would have to be closed.
        if (now.Monotonic - _lastTraffic >= timeout && slot is { Current: ChildSa idle, Rekey: null, IsContended: false })
            slot.Owner.ChildUpkeep.CloseInactive(idle, now);
        else
            Schedule(timeout, now);
    }

    bool HasNewTraffic()
    {
        bool hasNew = false;
        foreach (ChildSa child in slot.Members)
        {
            ulong packets = Context.Traffic!.InboundPackets(child.Id) + Context.Traffic.OutboundPackets(child.Id);
            hasNew |= packets > child.PacketsSeen;
            child.PacketsSeen = packets;
        }
        return hasNew;
    }
}
