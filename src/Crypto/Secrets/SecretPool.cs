namespace Ipsec.Crypto.Secrets;

/// <summary>
/// The slabs of one slot length that have a free slot. A full slab is known to its secrets only: if they are all forgotten instead of
/// disposed, the garbage collector takes it. One slab without a secret is kept for the next one, the others are let go.
/// </summary>
sealed class SecretPool(int slotLength)
{
    const int SlabLength = 4096;

    readonly Lock _lock = new();
    readonly List<SecretSlab> _open = [];
    int _empty;

    /// <summary>Slabs that have a free slot.</summary>
    public int OpenSlabs
    {
        get
        {
            lock (_lock)
                return _open.Count;
        }
    }

    public SecretSlot Take(int length)
    {
        lock (_lock)
        {
            if (_open.Count == 0)
                Open(new SecretSlab(this, slotLength, SlabLength / slotLength));
            SecretSlab slab = _open[^1];
            if (slab.Count == 0)
                _empty--;
            int slot = slab.Mark();
            if (slab.IsFull)
                _open.RemoveAt(_open.Count - 1);
            return new SecretSlot(slab, slot, length);
        }
    }

    /// <summary>The slot is clear.</summary>
    public void Free(SecretSlab slab, int slot)
    {
        lock (_lock)
        {
            bool wasFull = slab.IsFull;
            slab.Unmark(slot);
            if (slab.Count > 0 || _empty == 0)
            {
                _empty += slab.Count == 0 ? 1 : 0;
                if (wasFull)
                    Put(slab);
            }
            else if (!wasFull)
                Remove(slab);
        }
    }

    void Open(SecretSlab slab)
    {
        _empty++;
        Put(slab);
    }

    void Put(SecretSlab slab)
    {
        slab.Position = _open.Count;
        _open.Add(slab);
    }

    void Remove(SecretSlab slab)
    {
        SecretSlab last = _open[^1];
        _open[slab.Position] = last;
        last.Position = slab.Position;
        _open.RemoveAt(_open.Count - 1);
    }
}
