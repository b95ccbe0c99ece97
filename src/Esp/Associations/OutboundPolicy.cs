using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Net;

namespace Ipsec.Esp.Associations;

/// <summary>
/// The sending SAs of one tunnel by their selector pairs, most specific first (RFC 4301 §4.4.1: the order decides); of equals the one
/// installed last, so that a rekeyed SA takes over from the one that it replaces. The control face changes it, workers read it at any time.
/// </summary>
sealed class OutboundPolicy
{
    /// <summary>So many selectors of one address each are looked through with the others.</summary>
    const int FewHosts = 8;

    Entry[] _networks = [];

    // Where there are more peers with one inner address each, they are found by that address: no selector is more specific than theirs.
    ConcurrentDictionary<IpAddress, Entry[]>? _hosts;

    /// <summary>Called by the control face, one call at a time.</summary>
    public void Add(TunnelSa sa)
    {
        foreach (Entry entry in Pairs(sa))
        {
            if (_hosts is null || !entry.IsForHost)
                Publish(Insert(_networks, entry));
            else
                _hosts[entry.Host] = Insert(_hosts.GetValueOrDefault(entry.Host, []), entry);
        }
        if (_hosts is null && _networks.Count(entry => entry.IsForHost) > FewHosts)
            MoveHosts();
    }

    /// <summary>Called by the control face, one call at a time.</summary>
    public void Remove(TunnelSa sa)
    {
        foreach (IpAddress host in sa.RemoteSelectors.Where(selector => selector.Addresses.First == selector.Addresses.Last)
            .Select(selector => selector.Addresses.First))
        {
            if (_hosts is null || !_hosts.TryGetValue(host, out Entry[]? entries))
                continue;
            Entry[] others = Without(entries, sa);
            if (others.Length > 0)
                _hosts[host] = others;
            else
                _hosts.TryRemove(host, out _);
        }
        if (_networks.Any(entry => entry.Association == sa.Outbound))
            Publish(Without(_networks, sa));
    }

    /// <summary>
    /// The SA for a packet that goes to the peer, or null. One that still waits is taken only where no active one can:
    /// sending early loses less than not sending at all.
    /// </summary>
    public OutboundAssociation? Select(in Flow flow)
    {
        OutboundAssociation? waiting = null;
        if (TryFindHost(flow.Destination, out Entry[]? host) && Select(host, flow, ref waiting) is OutboundAssociation active)
            return active;
        return Select(Networks, flow, ref waiting) ?? waiting;
    }

    /// <summary>True if selectors match an SA that has used itself up, so that no other one is asked for.</summary>
    public bool IsExhaustedFor(in Flow flow) =>
        TryFindHost(flow.Destination, out Entry[]? host) && IsExhausted(host, flow) || IsExhausted(Networks, flow);

    // No array is ever changed: workers see the old one or the new one.
    Entry[] Networks => Volatile.Read(ref _networks);

    static OutboundAssociation? Select(Entry[] entries, in Flow flow, ref OutboundAssociation? waiting)
    {
        foreach (ref readonly Entry entry in entries.AsSpan())
        {
            OutboundAssociation candidate = entry.Association;
            if (candidate.Sa.IsHardLimitReached || !entry.Matches(flow))
                continue;
            if (candidate.IsActive)
                return candidate;
            waiting ??= candidate;
        }
        return null;
    }

    static bool IsExhausted(Entry[] entries, in Flow flow)
    {
        foreach (ref readonly Entry entry in entries.AsSpan())
        {
            if (entry.Association.Sa.IsHardLimitReached && entry.Matches(flow))
                return true;
        }
        return false;
    }

    bool TryFindHost(IpAddress destination, [NotNullWhen(true)] out Entry[]? entries)
    {
        entries = null;
        return Volatile.Read(ref _hosts)?.TryGetValue(destination, out entries) ?? false;
    }

    /// <summary>For good. Workers find them in the one place or in the other.</summary>
    void MoveHosts()
    {
        var hosts = new ConcurrentDictionary<IpAddress, Entry[]>();
        foreach (Entry entry in _networks.Where(entry => entry.IsForHost))
            hosts[entry.Host] = [.. hosts.GetValueOrDefault(entry.Host, []), entry];
        Volatile.Write(ref _hosts, hosts);
        Publish([.. _networks.Where(entry => !entry.IsForHost)]);
    }

    void Publish(Entry[] networks) => Volatile.Write(ref _networks, networks);

    /// <summary>In front of its equals: the one installed last is taken first.</summary>
    static Entry[] Insert(Entry[] entries, in Entry entry)
    {
        int low = 0;
        int high = entries.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (CompareSpecificity(entries[middle], entry) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return [.. entries.AsSpan(0, low), entry, .. entries.AsSpan(low)];
    }

    static Entry[] Without(Entry[] entries, TunnelSa sa) => [.. entries.Where(entry => entry.Association != sa.Outbound)];

    static IEnumerable<Entry> Pairs(TunnelSa sa) =>
        from remote in sa.RemoteSelectors
        from local in sa.LocalSelectors
        where remote.Addresses.IsV6 == local.Addresses.IsV6
        select new Entry(local, remote, sa.Outbound);

    static int CompareSpecificity(in Entry left, in Entry right)
    {
        int order = Span(left.Remote).CompareTo(Span(right.Remote));
        if (order == 0)
            order = Span(left.Local).CompareTo(Span(right.Local));
        if (order == 0)
            order = AnyProtocolLast(left.Remote).CompareTo(AnyProtocolLast(right.Remote));
        if (order == 0)
            order = PortSpan(left.Remote).CompareTo(PortSpan(right.Remote));
        return order != 0 ? order : PortSpan(left.Local).CompareTo(PortSpan(right.Local));
    }

    static UInt128 Span(TrafficSelector selector) => selector.Addresses.Last.Bits - selector.Addresses.First.Bits;

    static int AnyProtocolLast(TrafficSelector selector) => selector.Protocol == 0 ? 1 : 0;

    static int PortSpan(TrafficSelector selector) => selector.IsOpaquePort ? 0 : selector.LastPort - selector.FirstPort;

    readonly record struct Entry(TrafficSelector Local, TrafficSelector Remote, OutboundAssociation Association)
    {
        public bool IsForHost => Remote.Addresses.First == Remote.Addresses.Last;
        public IpAddress Host => Remote.Addresses.First;

        public bool Matches(in Flow flow) =>
            Remote.Matches(flow.Destination, flow.Protocol, flow.DestinationPort) && Local.Matches(flow.Source, flow.Protocol, flow.SourcePort);
    }
}
