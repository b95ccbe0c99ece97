namespace Ipsec.Esp.Workers;

/// <summary>Workers for callers that have none of their own, kept for reuse. One that is called again from within a sink gets a second one.</summary>
sealed class WorkerPool
{
    const int Slots = 32;

    readonly DataPathWorker?[] _workers = new DataPathWorker[Slots];

    public DataPathWorker Rent(DataPathState state)
    {
        foreach (ref DataPathWorker? slot in _workers.AsSpan())
        {
            if (slot is not null && Interlocked.Exchange(ref slot, null) is DataPathWorker worker)
                return worker;
        }
        return state.CreateWorker();
    }

    /// <summary>With more workers at once than slots, one is not used again; its counters stay.</summary>
    public void Return(DataPathWorker worker)
    {
        foreach (ref DataPathWorker? slot in _workers.AsSpan())
        {
            if (slot is null && Interlocked.CompareExchange(ref slot, worker, null) is null)
                return;
        }
    }
}
