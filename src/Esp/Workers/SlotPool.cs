namespace Ipsec.Esp.Workers;

/// <summary>
/// Things of which a worker holds one while it works, kept for reuse; one that is called again from within a sink gets a second one. With more of them at
/// once than slots, those that find none free on their return are not used again.
/// </summary>
sealed class SlotPool<T>(Func<T> create) where T : class
{
    const int Slots = 32;

    readonly T?[] _things = new T[Slots];

    public T Rent()
    {
        foreach (ref T? slot in _things.AsSpan())
        {
            if (slot is not null && Interlocked.Exchange(ref slot, null) is T thing)
                return thing;
        }
        return create();
    }

    public void Return(T thing)
    {
        foreach (ref T? slot in _things.AsSpan())
        {
            if (slot is null && Interlocked.CompareExchange(ref slot, thing, null) is null)
                return;
        }
    }
}
