namespace Ipsec.Crypto.Secrets;

/// <summary>A place in a slab. A field of its one owner, never copied: who frees it must be the only one that has it.</summary>
struct SecretSlot(SecretSlab slab, int number, int length)
{
    SecretSlab? _slab = slab;

    public readonly int Length => length;

    /// <exception cref="ObjectDisposedException">It was freed.</exception>
    public readonly Span<byte> Octets => (_slab ?? throw new ObjectDisposedException(nameof(Secret))).Octets(number, length);

    /// <summary>Clears it and gives it back; a second time does nothing.</summary>
    public void Free() => Interlocked.Exchange(ref _slab, null)?.Free(number);
}
