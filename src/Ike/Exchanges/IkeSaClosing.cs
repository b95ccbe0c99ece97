using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>How an established IKE SA ends: for good, with its child SAs; in favour of its successor, which inherits them; or before it was anything.</summary>
sealed class IkeSaClosing(EstablishedIkeSa ike)
{
    // A bound of ours: a peer that rekeys in a loop makes us remember no more of what was replaced.
    const int MaximumRetired = 4;

    Queue<IkeSa>? _retired;

    /// <summary>Ends this IKE SA and with it its child SAs (RFC 7296 §1.4.1).</summary>
    public void Close(ImmutableArray<Reason> reasons, Farewell farewell, Instant now, ClosureCause cause = ClosureCause.Ourselves)
    {
        if (!ike.IsLive)
            return;
        ImmutableArray<uint> childSpis = farewell == Farewell.Retreat ? [.. ike.Children.All.Select(child => child.InboundSpi)] : [];
        // What another IKE SA carries on may have been sent on the old child SA a moment ago (D4).
        ike.Children.RemoveAll(reasons, ike.IsCarriedOnElsewhere);
        ike.Collision.Forget();
        End(farewell, now, childSpis);
        // What never took its place is not told to anybody.
        if (!ike.HasBegun)
            return;
        ike.Collision.PeerRekey?.Successor.Closing.Withdraw(now);
        ike.Internal.Release(ike.Sa.Context);
        ike.Sa.Context.Emit(new IkeSaClosed(WasEstablished: true, reasons) { Connection = ike.Connection.Name, IkeSa = ike.Sa.Id });
        ike.Connection.Manager.HandleClosed(ike.Connection, ike, reasons, cause, now);
    }

    /// <summary>Hands everything to the IKE SA that a rekey made (RFC 7296 §2.18), and ends.</summary>
    public void GiveWayTo(EstablishedIkeSa successor, Farewell farewell, Instant now)
    {
        InitiatedExchange[] waiting = [.. ike.Requests.TakeForSuccessor()];
        ike.Children.MoveTo(successor);
        ike.Connection.Manager.HandleRekeyed(ike.Connection, ike, successor);
        End(farewell, now);
        successor.Closing.InheritRetired(_retired, ike.Sa);
        successor.Begin(isRekey: true, now);
        ike.Sa.Context.Emit(new IkeSaClosed(WasEstablished: true, Reasons.Rekeyed) { Connection = ike.Connection.Name, IkeSa = ike.Sa.Id });
        foreach (InitiatedExchange exchange in waiting.Where(exchange => exchange is not RekeyIkeExchange and not LivenessExchange))
            successor.Requests.Enqueue(exchange, now);
        successor.Mobility.Resume(now);
    }

    /// <summary>The peer's new IKE SA lost the collision: the peer deletes it (RFC 7296 §2.8.2).</summary>
    public void AwaitWithdrawal(Instant now) => End(Farewell.AwaitDelete, now);

    /// <summary>A new IKE SA that lost a collision, or whose old one ended: it never took its place, so nobody is told.</summary>
    public void Withdraw(Instant now) => End(Farewell.Delete, now);

    void End(Farewell farewell, Instant now, ImmutableArray<uint> childSpis = default)
    {
        RekeyIkeExchange? rekey = farewell is Farewell.Delete or Farewell.Retreat ? ike.Requests.TakeCurrent<RekeyIkeExchange>() : null;
        ike.StopWork();
        if (rekey is null)
            IkeSaEnding.Begin(ike.Sa, ike.Channel, farewell, now, childSpis);
        else
            new ClosingIkeSa(ike.Sa, ike.Channel, Farewell.Delete, new UnansweredRekey(ike, rekey)).Begin(now);
    }

    void InheritRetired(Queue<IkeSa>? retired, IkeSa old)
    {
        _retired = retired ?? new Queue<IkeSa>(MaximumRetired + 1);
        _retired.Enqueue(old);
        if (_retired.Count <= MaximumRetired || _retired.Dequeue() is not { State: RetiredIkeSa or LingeringIkeSa } oldest)
            return;
        oldest.State.Discard();
        IkeSaEnding.Remove(oldest);
    }
}
