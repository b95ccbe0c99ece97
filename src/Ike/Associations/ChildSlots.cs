using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Associations;

/// <summary>The child SAs of one IKE SA, each in its <see cref="ChildSlot"/>.</summary>
sealed class ChildSlots(EstablishedIkeSa ike)
{
    // A bound of ours: what a peer narrows to single pairs of addresses is asked for pair by pair, as the packets come.
    internal const int MaximumParts = 64;

    readonly List<ChildSlot> _slots = [];

    /// <summary>Oldest first.</summary>
    public ImmutableArray<ChildSa> All => [.. _slots.SelectMany(slot => slot.Members).OrderBy(child => child.Id.Value)];

    /// <summary>Those that carry traffic and stay.</summary>
    public IEnumerable<ChildSa> Current => _slots.Select(slot => slot.Current).OfType<ChildSa>();

    public ChildParts Parts { get; } = new(ike);

    public int Count => _slots.Sum(slot => slot.Members.Count);

    public ChildSa? FindByOutboundSpi(uint spi)
    {
        foreach (ChildSlot slot in _slots)
        {
            foreach (ChildSa child in slot.Members)
            {
                if (child.OutboundSpi == spi)
                    return child;
            }
        }
        return null;
    }

    /// <summary>The SA that carries the traffic of an agreement's selectors; null while there is none that stays.</summary>
    public ChildSa? FindCurrent(ChildSaAgreement agreement) => _slots.Find(slot => slot.Current is not null && slot.Carries(agreement))?.Current;

    /// <summary>An SA of this configured child carries the packet. The peer may have narrowed it to less than what the child is for (RFC 7296 §2.9).</summary>
    public bool HasLive(string name, PacketFlow packet) => _slots.Exists(slot => slot.Configuration.Name == name && slot.Current is ChildSa child
        && packet.Fits(child.Selectors.Local, child.Selectors.Remote));

    /// <summary>So many parts of this configured child are up that no further one is asked for.</summary>
    public bool HasManyParts(string name) => FreeParts(name) == 0;

    /// <summary>How many more of this configured child may be asked for.</summary>
    public int FreeParts(string name) => Math.Max(0, MaximumParts - _slots.Count(slot => slot.Configuration.Name == name));

    /// <summary>Another slot carries traffic.</summary>
    public bool HasOtherThan(ChildSlot slot) => _slots.Exists(other => other != slot && other.Current is not null);

    /// <summary>
    /// An SA that is the rekey of none. Where the other side made one for the same traffic, the two were asked for at once, and the slot settles it;
    /// what one and the same side asks for twice is there twice (RFC 7296 §2.8: parallel SAs are deliberately allowed).
    /// </summary>
    public ChildSa Install(ChildSaAgreement agreement, Instant now)
    {
        ChildSlot? same = _slots.Find(slot => slot.Carries(agreement)
            && (slot.Current is null || slot.IsOursByOrigin != agreement.WeInitiated));
        if (same is not null)
            return same.Add(agreement, now);
        var slot = new ChildSlot(ike, agreement, Drop);
        _slots.Add(slot);
        return slot.Add(agreement, now);
    }

    /// <param name="isCarriedOn">By the configured child: another IKE SA has a child SA for the same, so that what is on its way here is still taken for a
    /// while.</param>
    public void RemoveAll(ImmutableArray<Reason> reasons, Func<ChildConfiguration, bool> isCarriedOn)
    {
        foreach (ChildSa child in All)
        {
            if (!child.IsReplaced && isCarriedOn(child.Configuration))
                child.WhyReplaced = reasons;
            child.Slot.Remove(child, reasons);
        }
    }

    /// <summary>RFC 7296 §2.8: a rekeyed IKE SA leaves all of its child SAs to the new one.</summary>
    public void MoveTo(EstablishedIkeSa successor)
    {
        foreach (ChildSlot slot in _slots)
            slot.MoveTo(successor, successor.Children.Drop);
        successor.Children._slots.AddRange(_slots);
        Parts.MoveTo(successor.Children.Parts);
        _slots.Clear();
    }

    public void StopTimers()
    {
        foreach (ChildSa child in All)
            ChildSaInstaller.StopTimers(child);
        foreach (ChildSlot slot in _slots)
            slot.StopTimers();
    }

    void Drop(ChildSlot slot) => _slots.Remove(slot);
}
