using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>Lifetimes, liveness (RFC 7296 §2.4) and NAT keepalives (RFC 3948 §4) of one established IKE SA.</summary>
sealed class IkeSaTimers(EstablishedIkeSa ike)
{
    EngineTimer? _soft;
    EngineTimer? _hard;
    EngineTimer? _liveness;
    EngineTimer? _keepalive;
    TimeSpan _lastEsp;

    EngineContext Context => ike.Sa.Context;

    public TimeSpan? RekeyIn(Instant now) => _soft?.Due - now.Monotonic;

    public void Start(Instant now)
    {
        ConnectionConfiguration connection = ike.Connection.Configuration;
        LifetimePlan plan = LifetimePlan.Draw(Context, connection.Lifetime);
        if (plan.Soft is TimeSpan soft)
            _soft = Context.Timers.Schedule(now, soft, HandleSoft);
        if (plan.Hard is TimeSpan hard)
            _hard = Context.Timers.Schedule(now, hard, at => ike.Close(Reasons.HardLifetime, Farewell.Delete, at));
        _lastEsp = now.Monotonic;
        if (connection.DeadPeerDetectionDelay > TimeSpan.Zero)
            _liveness = Context.Timers.Schedule(now, connection.DeadPeerDetectionDelay, HandleLiveness);
        RefreshKeepalive(now);
        ike.Reauthentication.Start(now);
    }

    /// <summary>RFC 3948 §4: keepalives as long as a NAT stands in front of us.</summary>
    public void RefreshKeepalive(Instant now)
    {
        bool isNeeded = ike.Sa.Nat.LocalBehindNat && Context.Options.NatKeepaliveInterval > TimeSpan.Zero;
        if (isNeeded == _keepalive is not null)
            return;
        Context.Timers.Cancel(_keepalive);
        _keepalive = isNeeded ? Context.Timers.Schedule(now, Context.Options.NatKeepaliveInterval, HandleKeepalive) : null;
    }

    public void Stop()
    {
        ike.Reauthentication.Stop();
        Context.Timers.Cancel(_soft);
        Context.Timers.Cancel(_hard);
        Context.Timers.Cancel(_liveness);
        Context.Timers.Cancel(_keepalive);
    }

    public void NoteTraffic(Instant now) => _lastEsp = now.Monotonic;

    public void RekeyLater(Instant now)
    {
        Context.Timers.Cancel(_soft);
        _soft = Context.Timers.Schedule(now, RekeyBackoff.Next(Context), HandleSoft);
    }

    void HandleSoft(Instant now)
    {
        _soft = null;
        ike.RekeyIke(now);
    }

    /// <summary>Idle means neither fresh IKE messages nor ESP from the peer; only then is the peer asked.</summary>
    void HandleLiveness(Instant now)
    {
        TimeSpan delay = ike.Connection.Configuration.DeadPeerDetectionDelay;
        if (HasNewEsp())
            _lastEsp = now.Monotonic;
        TimeSpan lastSign = ike.Channel.LastInbound > _lastEsp ? ike.Channel.LastInbound : _lastEsp;
        TimeSpan idle = now.Monotonic - lastSign;
        if (idle >= delay && !ike.Channel.IsBusy)
            ike.Requests.Enqueue(new LivenessExchange(), now);
        _liveness = Context.Timers.Schedule(now, idle >= delay ? delay : delay - idle, HandleLiveness);
    }

    bool HasNewEsp()
    {
        bool hasNew = false;
        foreach (ChildSa child in ike.Children.All)
        {
            ulong packets = Context.Traffic?.InboundPackets(child.Id) ?? 0;
            hasNew |= packets > child.InboundPacketsSeen;
            child.InboundPacketsSeen = packets;
        }
        return hasNew;
    }

    void HandleKeepalive(Instant now)
    {
        // RFC 3948 §2.3: one octet 0xFF, without the non-ESP marker.
        if (ike.Sa.Path.Encapsulation == PathEncapsulation.UdpEncapsulated)
            Context.Outputs.Add(new TransmitDatagram(ike.Sa.Path, new byte[] { 0xFF }));
        _keepalive = Context.Timers.Schedule(now, Context.Options.NatKeepaliveInterval, HandleKeepalive);
    }
}
