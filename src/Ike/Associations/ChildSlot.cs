using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tasks;
using Ipsec.Net;

namespace Ipsec.Ike.Associations;

/// <summary>
/// A configured child with the selectors that the two peers agreed on, through all its rekeys and collisions. At most one of its SAs carries
/// traffic; each of the others is being deleted by one known side, and if that is the peer, only for so long.
/// </summary>
sealed class ChildSlot
{
    // Time for the peer's side of a collision, beyond the retransmissions of what it may be waiting for.
    static readonly TimeSpan PatienceMargin = TimeSpan.FromSeconds(10);

    // Time for the peer to learn of the SA that it asked for, before the one that it makes redundant goes.
    static readonly TimeSpan HandOver = TimeSpan.FromSeconds(3);

    readonly List<ChildSa> _members = [];
    readonly ChildSelectors _selectors;
    readonly ChildInactivity _inactivity;
    Action<ChildSlot> _whenEmpty;
    ExchangeNonces _origin;
    CreateChildExchange? _rekey;

    public ChildSlot(EstablishedIkeSa owner, ChildSaAgreement first, Action<ChildSlot> whenEmpty)
    {
        Owner = owner;
        Configuration = first.Configuration;
        _selectors = first.Selectors;
        _whenEmpty = whenEmpty;
        _inactivity = new ChildInactivity(this);
    }

    public EstablishedIkeSa Owner { get; private set; }
    public ChildConfiguration Configuration { get; }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<ChildSa> Members => _members;

    /// <summary>The SA that carries the traffic; null while there is none that stays.</summary>
    public ChildSa? Current { get; private set; }

    /// <summary>Of the exchange that brought the slot up, whatever was rekeyed since: both peers compare the same in a crossing.</summary>
    public bool IsOursByOrigin { get; private set; }

    /// <summary>Our rekey, queued or under way.</summary>
    public CreateChildExchange? Rekey
    {
        get => _rekey;
        set
        {
            _rekey = value;
            DropIfEmpty();
        }
    }

    /// <summary>The peer has rekeyed the current SA, and ours decides.</summary>
    public bool IsContended => _members.Exists(child => child.Stage == ChildSaStage.Contending);

    public bool Carries(ChildSaAgreement agreement) => Configuration.Name == agreement.Configuration.Name
        && ValueEquality.Same(_selectors.Local, agreement.Selectors.Local) && ValueEquality.Same(_selectors.Remote, agreement.Selectors.Remote);

    /// <summary>An SA that is the rekey of none: the first one, or the other of two that both sides asked for at once.</summary>
    public ChildSa Add(ChildSaAgreement agreement, Instant now)
    {
        if (Current is ChildSa first)
            return Cross(first, agreement, now);
        // The peer does not have it yet: what another IKE SA has for the same goes on sending (RFC 7296 §2.8, D4).
        ChildSa? elsewhere = agreement.WeInitiated ? null : Owner.FindElsewhere(agreement);
        ChildSa child = Install(agreement, waitsFor: elsewhere, replaces: null, now);
        if (elsewhere is not null)
            LimitWait(child, now);
        BeginWith(child, agreement, now);
        return child;
    }

    /// <summary>The peer rekeys an SA of this slot that is not leaving. The old one goes on sending until the peer uses the new one (D4).</summary>
    public ChildSa AddPeerRekey(ChildSa old, ChildSaAgreement agreement, Instant now)
    {
        // The peer rekeys what it made in a collision: it knows the outcome already.
        if (old.Stage == ChildSaStage.Contending)
            Promote(old, now);
        ChildSa child = Install(agreement, waitsFor: old, replaces: old, now);
        if (Rekey is { IsUnderWay: true, Rival: null } ours)
        {
            // RFC 7296 §2.25.1: answered as usual; which of the two stays is decided when the answer to ours is here.
            child.Stage = ChildSaStage.Contending;
            ours.Rival = child;
        }
        else
        {
            Promote(child, now);
        }
        return child;
    }

    /// <summary>Our rekey was granted.</summary>
    /// <param name="old">What it was a rekey of.</param>
    /// <param name="rival">What the peer made meanwhile to replace the same one.</param>
    public ChildSa AddOwnRekey(ChildSa old, ChildSa? rival, ChildSaAgreement agreement, Instant now)
    {
        if (rival is not null && Collision.IsRedundant(agreement.Nonces, rival.Nonces))
        {
            // RFC 7296 §2.8.1: ours has the lowest nonce, so we close it. It receives until then, whoever sends on it.
            if (rival.Stage == ChildSaStage.Contending)
                Promote(rival, now);
            ChildSa redundant = Install(agreement, waitsFor: Current ?? rival, replaces: old, now);
            Replace(redundant, Reasons.RedundantAfterCollision);
            Close(redundant, Reasons.RedundantAfterCollision, now);
            return redundant;
        }
        ChildSa child = Install(agreement, waitsFor: null, replaces: old, now);
        ChildSa? before = Current;
        MakeCurrent(child);
        // RFC 7296 §2.8: whoever made the SA that survives deletes the old one; the peer closes what it made itself.
        if (before == old)
        {
            Replace(old, Reasons.Rekeyed);
            Close(old, Reasons.Rekeyed, now);
        }
        else if (before is not null)
        {
            Replace(before, Reasons.RedundantAfterCollision);
            AwaitDelete(before, otherwise: child, now);
        }
        if (rival is { Stage: ChildSaStage.Contending })
        {
            Replace(rival, Reasons.RedundantAfterCollision);
            AwaitDelete(rival, otherwise: rival, now);
        }
        return child;
    }

    /// <summary>Our rekey was refused, or given up, while the peer made its own: that one it is.</summary>
    public void GiveWayTo(ChildSa rival, Instant now)
    {
        if (rival.Stage == ChildSaStage.Contending)
            Promote(rival, now);
    }

    /// <summary>The peer deletes it.</summary>
    public void HandlePeerDelete(ChildSa child, Instant now)
    {
        // RFC 7296 §2.8.1: the peer has rekeyed it and is done, before our own request for the same has an answer.
        if (child == Current && _members.Find(one => one.Stage == ChildSaStage.Contending) is ChildSa rival)
            Promote(rival, now);
        Remove(child, child.IsReplaced ? child.WhyReplaced : Reasons.DeletedByPeer);
    }

    /// <summary>Asks the peer to delete it, unless that is done already.</summary>
    public void Close(ChildSa child, ImmutableArray<Reason> reasons, Instant now)
    {
        if (child.Stage is ChildSaStage.Closing or ChildSaStage.DeleteSent || !_members.Contains(child))
            return;
        child.Stage = ChildSaStage.Closing;
        EngineContext context = Owner.Sa.Context;
        context.Timers.Cancel(child.SoftTimer);
        context.Timers.Cancel(child.LeaveTimer);
        child.SoftTimer = child.LeaveTimer = null;
        if (Current == child)
            Current = null;
        Owner.Requests.Enqueue(new DeleteChildExchange(child, reasons), now);
    }

    /// <summary>Takes it out, with its timers.</summary>
    public void Remove(ChildSa child, ImmutableArray<Reason> reasons)
    {
        if (!_members.Remove(child))
            return;
        if (Current == child)
            Current = null;
        ChildSaInstaller.Uninstall(child, reasons);
        DropIfEmpty();
    }

    public void MoveTo(EstablishedIkeSa successor, Action<ChildSlot> whenEmpty)
    {
        Owner = successor;
        _whenEmpty = whenEmpty;
    }

    /// <summary>Its own; those of its members are theirs.</summary>
    public void StopTimers() => _inactivity.Stop();

    /// <summary>
    /// Both sides asked for this child at once, and each exchange made one. The nonces decide as in a rekey; a peer that had its answer before our
    /// request reached it sees no crossing and comes to the same result.
    /// </summary>
    ChildSa Cross(ChildSa first, ChildSaAgreement agreement, Instant now)
    {
        bool isRedundant = Collision.IsRedundant(agreement.Nonces, _origin);
        bool weClose = agreement.WeInitiated == isRedundant;
        ChildSa child = Install(agreement, waitsFor: isRedundant || !agreement.WeInitiated ? first : null, replaces: null, now);
        ChildSa redundant = isRedundant ? child : first;
        Replace(redundant, Reasons.RedundantAfterCollision);
        if (!isRedundant)
            BeginWith(child, agreement, now);
        if (isRedundant && weClose)
            Close(redundant, Reasons.RedundantAfterCollision, now);
        else if (weClose)
            CloseAfter(redundant, redundant, HandOver, now);
        else
            // A peer that does not delete it wants it, and perhaps has lost the other one: then that one goes.
            AwaitDelete(redundant, otherwise: isRedundant ? first : child, now);
        return child;
    }

    ChildSa Install(ChildSaAgreement agreement, ChildSa? waitsFor, ChildSa? replaces, Instant now)
    {
        ChildSa child = ChildSaInstaller.Install(this, agreement, waitsFor, replaces, now);
        _members.Add(child);
        return child;
    }

    /// <summary>A peer that has lost the other IKE SA without a word, and sends nothing by itself, is not left without our packets for longer.</summary>
    void LimitWait(ChildSa child, Instant now)
    {
        EngineContext context = Owner.Sa.Context;
        child.ActivationTimer = context.Timers.Schedule(now, context.Options.ReplacedInboundGrace, _ =>
        {
            child.ActivationTimer = null;
            context.Outputs.Add(new ActivateChildSa(child.Id));
        });
    }

    void BeginWith(ChildSa child, ChildSaAgreement agreement, Instant now)
    {
        _origin = agreement.Nonces;
        IsOursByOrigin = agreement.WeInitiated;
        MakeCurrent(child);
        _inactivity.Start(now);
    }

    void MakeCurrent(ChildSa child)
    {
        child.Stage = ChildSaStage.Current;
        Current = child;
    }

    /// <summary>The peer's rekey stands; the peer deletes what it replaced.</summary>
    void Promote(ChildSa child, Instant now)
    {
        ChildSa? replaced = Current;
        MakeCurrent(child);
        if (replaced is null)
            return;
        Replace(replaced, Reasons.Rekeyed);
        AwaitDelete(replaced, otherwise: replaced, now);
    }

    /// <summary>Another SA took over: the soft limit means nothing any more, the hard one still does.</summary>
    void Replace(ChildSa child, ImmutableArray<Reason> why)
    {
        child.WhyReplaced = why;
        Owner.Sa.Context.Timers.Cancel(child.SoftTimer);
        child.SoftTimer = null;
    }

    /// <param name="otherwise">What we close if the peer never deletes it.</param>
    void AwaitDelete(ChildSa child, ChildSa otherwise, Instant now) =>
        CloseAfter(child, otherwise, Owner.Sa.Retransmission.TotalTime + PatienceMargin, now);

    void CloseAfter(ChildSa child, ChildSa toClose, TimeSpan delay, Instant now)
    {
        child.Stage = ChildSaStage.AwaitingDelete;
        EngineContext context = Owner.Sa.Context;
        context.Timers.Cancel(child.LeaveTimer);
        child.LeaveTimer = context.Timers.Schedule(now, delay, at => HandleStillThere(child, toClose, at));
    }

    void HandleStillThere(ChildSa child, ChildSa toClose, Instant now)
    {
        child.LeaveTimer = null;
        ChildSa closed = child;
        if (toClose != child && toClose == Current)
        {
            child.WhyReplaced = [];
            MakeCurrent(child);
            Replace(toClose, Reasons.RedundantAfterCollision);
            closed = toClose;
        }
        Close(closed, closed.WhyReplaced, now);
    }

    void DropIfEmpty()
    {
        if (_members.Count > 0 || _rekey is not null)
            return;
        StopTimers();
        _whenEmpty(this);
    }
}
