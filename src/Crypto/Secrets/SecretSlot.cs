namespace Ipsec.Crypto.Secrets;

/// <summary>A place in a slab. A field of its one owner, never copied: who frees it must be the only one that has it.</summary>
unsafe struct SecretSlot(SecretSlab slab, int number, int length)
{
    // The slab is only asked when the slot is freed: a packet of one of many SAs would find it outside of the processor's cache.
    readonly byte* _start = slab.Start(number);
    SecretSlab? _slab = slab;

    public readonly int Length => length;

    /// <exception cref="ObjectDisposedException">It was freed.</exception>
    public readonly Span<byte> Octets => _slab is null ? throw new ObjectDisposedException(nameof(Secret)) : new Span<byte>(_start, length);

    /// <summary>Clears it and gives it back; a second time does nothing.</summary>
    public void Free() => Interlocked.Exchange(ref _slab, null)?.Free(number);
}
