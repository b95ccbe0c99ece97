using System.Collections.Immutable;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// Make before break (RFC 7296 §2.8.3): an older IKE SA goes when a newer one between the same two peers has what it carries. It is not waited for without
/// an end: where nothing more has come over for as long as an unanswered request is repeated, nothing more will. Both may be rekeyed meanwhile.
/// </summary>
sealed class Handover
{
    readonly ConnectionRuntime _connection;
    readonly IkeSaOrigin _older;
    readonly IkeSaOrigin _newer;
    readonly ImmutableArray<Reason> _reasons;
    readonly Action<EstablishedIkeSa, Instant>? _whenLost;
    int _missing = int.MaxValue;
    TimeSpan _progress;

    Handover(EstablishedIkeSa older, EstablishedIkeSa newer, ImmutableArray<Reason> reasons, Action<EstablishedIkeSa, Instant>? whenLost)
    {
        _connection = older.Connection;
        _older = older.Origin;
        _newer = newer.Origin;
        _reasons = reasons;
        _whenLost = whenLost;
    }

    /// <param name="delay">How long the older one stays at least: the peer has to learn of the newer one.</param>
    /// <param name="reasons">Why the older one ends.</param>
    /// <param name="whenLost">What follows for the older one where the newer one ends before it.</param>
    public static void Begin(EstablishedIkeSa older, EstablishedIkeSa newer, TimeSpan delay, ImmutableArray<Reason> reasons, Instant now,
        Action<EstablishedIkeSa, Instant>? whenLost = null)
    {
        var handover = new Handover(older, newer, reasons, whenLost) { _progress = now.Monotonic };
        handover.LookAfter(delay, older.Sa.Context, now);
    }

    void LookAfter(TimeSpan delay, EngineContext context, Instant now) => context.Timers.Schedule(now, delay, Look);

    void Look(Instant now)
    {
        if (Find(_older) is not EstablishedIkeSa older)
            return;
        if (Find(_newer) is not EstablishedIkeSa newer)
        {
            _whenLost?.Invoke(older, now);
            return;
        }
        int missing = older.Children.Current.Count(child => !newer.Children.Parts.Replaces(child));
        if (missing < _missing)
        {
            _missing = missing;
            _progress = now.Monotonic;
        }
        if (missing == 0 || now.Monotonic - _progress >= newer.Sa.Retransmission.TotalTime)
            older.Close(_reasons, Farewell.Retreat, now);
        else
            LookAfter(older.Sa.Context.Options.ReplacedInboundGrace, older.Sa.Context, now);
    }

    EstablishedIkeSa? Find(IkeSaOrigin origin) => _connection.IkeSas.FirstOrDefault(ike => ReferenceEquals(ike.Origin, origin));
}
