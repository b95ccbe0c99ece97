namespace Ipsec.Esp.Workers;

/// <summary>
/// Buffers of one send run each, kept for reuse. A worker holds one while it seals; one that is called again from within a sink
/// holds a second one. More workers at once than slots make new buffers, which the garbage collector takes.
/// </summary>
sealed class WorkerBufferPool
{
    const int Slots = 32;

    readonly byte[]?[] _buffers = new byte[Slots][];

    public byte[] Rent()
    {
        foreach (ref byte[]? slot in _buffers.AsSpan())
        {
            if (slot is not null && Interlocked.Exchange(ref slot, null) is byte[] buffer)
                return buffer;
        }
        return GC.AllocateUninitializedArray<byte>(SealRun.MaximumLength, pinned: true);
    }

    public void Return(byte[] buffer)
    {
        foreach (ref byte[]? slot in _buffers.AsSpan())
        {
            if (slot is null && Interlocked.CompareExchange(ref slot, buffer, null) is null)
                return;
        }
    }
}
