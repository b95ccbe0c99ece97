using Ipsec.Net;

namespace Ipsec.Esp.Associations;

/// <summary>
/// The sending SAs of one tunnel by their selector pairs, most specific first (RFC 4301 §4.4.1: the order decides); of equals the one
/// installed last, so that a rekeyed SA takes over from the one that it replaces. The control face changes it, workers read it at any time.
/// </summary>
sealed class OutboundPolicy
{
    /// <summary>So many are looked through one after the other.</summary>
    const int FewSelectors = 8;

    // No array is ever changed: workers see the old one or the new one.
    OutboundSelector[] _listed = [];

    // Where there are more, those of prefixes are in here and the list has the others.
    SelectorIndex? _index;

    /// <summary>Called by the control face, one call at a time.</summary>
    public void Add(TunnelSa sa)
    {
        foreach (OutboundSelector selector in OutboundSelector.Of(sa))
        {
            if (_index is not null && selector.TryGetPrefix(out IpPrefix prefix))
                _index.Add(prefix, selector);
            else
                Publish(OutboundSelector.Insert(_listed, selector));
            if (_index is null && _listed.Length > FewSelectors)
                BuildIndex();
        }
    }

    /// <summary>Called by the control face, one call at a time.</summary>
    public void Remove(TunnelSa sa)
    {
        foreach (OutboundSelector selector in OutboundSelector.Of(sa))
        {
            if (selector.TryGetPrefix(out IpPrefix prefix))
                _index?.Remove(prefix, sa);
        }
        if (_listed.Any(selector => selector.Association == sa.Outbound))
            Publish(OutboundSelector.Without(_listed, sa));
    }

    /// <summary>
    /// The SA for a packet that goes to the peer, or null. One that still waits is taken only where no active one can:
    /// sending early loses less than not sending at all.
    /// </summary>
    public OutboundAssociation? Select(in Flow flow)
    {
        OutboundAssociation? waiting = null;
        var search = new Search(this, flow.Destination);
        while (search.MoveNext())
        {
            foreach (ref readonly OutboundSelector selector in search.Current)
            {
                OutboundAssociation candidate = selector.Association;
                if (candidate.Sa.IsHardLimitReached || !selector.Matches(flow))
                    continue;
                if (candidate.IsActive)
                    return candidate;
                waiting ??= candidate;
            }
        }
        return waiting;
    }

    /// <summary>True if selectors match an SA that has used itself up, so that no other one is asked for.</summary>
    public bool IsExhaustedFor(in Flow flow)
    {
        var search = new Search(this, flow.Destination);
        while (search.MoveNext())
        {
            foreach (ref readonly OutboundSelector selector in search.Current)
            {
                if (selector.Association.Sa.IsHardLimitReached && selector.Matches(flow))
                    return true;
            }
        }
        return false;
    }

    void Publish(OutboundSelector[] listed) => Volatile.Write(ref _listed, listed);

    /// <summary>For good. Workers find a selector in the one place or in the other.</summary>
    void BuildIndex()
    {
        var index = new SelectorIndex();
        // The last of equals is the oldest.
        foreach (OutboundSelector selector in _listed.Reverse())
        {
            if (selector.TryGetPrefix(out IpPrefix prefix))
                index.Add(prefix, selector);
        }
        Volatile.Write(ref _index, index);
        Publish([.. _listed.Where(selector => !selector.TryGetPrefix(out _))]);
    }

    /// <summary>What may match a destination, in runs, the most specific first.</summary>
    ref struct Search
    {
        readonly SelectorIndex? _index;
        readonly IpAddress _destination;
        readonly ReadOnlySpan<byte> _lengths;
        ReadOnlySpan<OutboundSelector> _listed;
        int _step;

        public Search(OutboundPolicy policy, IpAddress destination)
        {
            // In this order: what moves from the list into the index is in the index first.
            _listed = Volatile.Read(ref policy._listed);
            _index = Volatile.Read(ref policy._index);
            _destination = destination;
            _lengths = _index is null ? [] : _index.Lengths(destination.IsV6);
        }

        public ReadOnlySpan<OutboundSelector> Current { get; private set; }

        public bool MoveNext()
        {
            if (_step < _lengths.Length)
            {
                if (!_listed.IsEmpty && TakeListed(_lengths[_step]))
                    return true;
                Current = _index!.Find(new IpPrefix(_destination, _lengths[_step++]));
                return true;
            }
            Current = _listed;
            _listed = default;
            return !Current.IsEmpty;
        }

        /// <summary>Those of fewer addresses than a prefix of this length has.</summary>
        bool TakeListed(int length)
        {
            int hostBits = _destination.BitLength - length;
            UInt128 span = hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
            int count = 0;
            while (count < _listed.Length && _listed[count].RemoteSpan < span)
                count++;
            Current = _listed[..count];
            _listed = _listed[count..];
            return count > 0;
        }
    }
}
