using Ipsec.Net;

namespace Ipsec.Esp.Inner.Nat;

/// <summary>
/// The flows of one dynamic rule, found from either side. Entries stand in one array that grows to a bound and are chained by index, so that a flow costs no
/// object; those that have been silent too long are forgotten when somebody comes across them. Its owner holds a lock.
/// </summary>
sealed class NatFlowTable(FlowHash hash)
{
    /// <summary>Flows of one rule at a time. Microsoft gives a gateway 500,000 in each direction over all rules.</summary>
    public const int MaximumFlows = 65_536;

    const int FirstCapacity = 256;

    /// <summary>Entries that are looked at when a new one is wanted: a full table gets room back, and a stranger's packet costs no more than this.</summary>
    const int SweepLength = 64;
    const int None = -1;

    Entry[] _entries = new Entry[FirstCapacity];
    int[] _internalHeads = Heads(FirstCapacity);
    int[] _externalHeads = Heads(FirstCapacity);
    int _used;
    int _firstFree = None;
    int _sweep;

    public int Count { get; private set; }

    /// <summary>A flow that is still remembered, or a negative number.</summary>
    public int FindInternal(in NatFlow flow, TimeSpan now)
    {
        for (int index = _internalHeads[Bucket(flow)]; index != None; index = _entries[index].NextInternal)
        {
            if (_entries[index].Internal == flow)
                return IsForgotten(index, now) ? None : index;
        }
        return None;
    }

    /// <summary>A flow that is still remembered, or a negative number.</summary>
    public int FindExternal(in NatFlow flow, TimeSpan now)
    {
        for (int index = _externalHeads[Bucket(flow)]; index != None; index = _entries[index].NextExternal)
        {
            if (_entries[index].External == flow)
                return IsForgotten(index, now) ? None : index;
        }
        return None;
    }

    public ref readonly NatFlow Internal(int index) => ref _entries[index].Internal;

    public ref readonly NatFlow External(int index) => ref _entries[index].External;

    public NatFlowSigns Signs(int index) => _entries[index].Signs;

    public void Touch(int index, NatFlowSigns signs, TimeSpan now)
    {
        _entries[index].Signs = signs;
        _entries[index].LastSeen = now;
    }

    /// <summary>Neither side knows the flow yet. Negative if there is no room.</summary>
    public int Add(in NatFlow @internal, in NatFlow external, TimeSpan now)
    {
        Sweep(now);
        int index = TakeFree();
        if (index == None)
            return None;
        ref int internalHead = ref _internalHeads[Bucket(@internal)];
        ref int externalHead = ref _externalHeads[Bucket(external)];
        _entries[index] = new Entry
        {
            Internal = @internal,
            External = external,
            LastSeen = now,
            IsUsed = true,
            NextInternal = internalHead,
            NextExternal = externalHead,
        };
        internalHead = externalHead = index;
        Count++;
        return index;
    }

    int TakeFree()
    {
        if (_firstFree != None)
        {
            int index = _firstFree;
            _firstFree = _entries[index].NextInternal;
            return index;
        }
        if (_used == _entries.Length && !TryGrow())
            return None;
        return _used++;
    }

    /// <summary>Forgets what has been silent too long among the next entries.</summary>
    void Sweep(TimeSpan now)
    {
        for (int i = 0; i < SweepLength && _used > 0; i++)
        {
            _sweep = _sweep + 1 < _used ? _sweep + 1 : 0;
            if (_entries[_sweep].IsUsed)
                IsForgotten(_sweep, now);
        }
    }

    bool IsForgotten(int index, TimeSpan now)
    {
        ref Entry entry = ref _entries[index];
        if (now - entry.LastSeen < NatLifetimes.Of(entry.Internal.Protocol, entry.Signs))
            return false;
        Unlink(index);
        entry = new Entry { NextInternal = _firstFree };
        _firstFree = index;
        Count--;
        return true;
    }

    void Unlink(int index)
    {
        ref int link = ref _internalHeads[Bucket(_entries[index].Internal)];
        while (link != index)
            link = ref _entries[link].NextInternal;
        link = _entries[index].NextInternal;
        link = ref _externalHeads[Bucket(_entries[index].External)];
        while (link != index)
            link = ref _entries[link].NextExternal;
        link = _entries[index].NextExternal;
    }

    bool TryGrow()
    {
        if (_entries.Length == MaximumFlows)
            return false;
        Array.Resize(ref _entries, _entries.Length * 2);
        _internalHeads = Heads(_entries.Length);
        _externalHeads = Heads(_entries.Length);
        for (int index = 0; index < _used; index++)
        {
            ref Entry entry = ref _entries[index];
            ref int internalHead = ref _internalHeads[Bucket(entry.Internal)];
            ref int externalHead = ref _externalHeads[Bucket(entry.External)];
            (entry.NextInternal, internalHead) = (internalHead, index);
            (entry.NextExternal, externalHead) = (externalHead, index);
        }
        return true;
    }

    int Bucket(in NatFlow flow) => (int)(flow.HashWith(hash) & (ulong)(_entries.Length - 1));

    static int[] Heads(int count)
    {
        int[] heads = new int[count];
        Array.Fill(heads, None);
        return heads;
    }

    struct Entry
    {
        public NatFlow Internal;
        public NatFlow External;
        public TimeSpan LastSeen;
        public NatFlowSigns Signs;
        public bool IsUsed;

        /// <summary>Of an unused entry: the next unused one.</summary>
        public int NextInternal;
        public int NextExternal;
    }
}
