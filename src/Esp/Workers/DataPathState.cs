using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Esp.Associations;
using Ipsec.Esp.Reports;
using Ipsec.Esp.Routing;

namespace Ipsec.Esp.Workers;

/// <summary>What the control face and all workers of a data path share.</summary>
sealed class DataPathState
{
    readonly IRandomSource _random;
    readonly Lock _lock = new();
    ImmutableArray<DataPathWorker> _workers = [];
    RouteSnapshot _routes = RouteSnapshot.Empty;
    long _now;

    public DataPathState(DataPathOptions options, IRandomSource random)
    {
        (Options, _random) = (options, random);
        Associations = new SaDirectory(options.SpiSlots, random);
        Pool = new SlotPool<DataPathWorker>(CreateWorker);
    }

    public DataPathOptions Options { get; }
    public SaDirectory Associations { get; }
    public PathMtuTable PathMtus { get; } = new();
    public ReportQueue Reports { get; } = new();

    /// <summary>Buffers of one run of datagrams each.</summary>
    public SlotPool<byte[]> Buffers { get; } = new(() => GC.AllocateUninitializedArray<byte>(SealRun.MaximumLength, pinned: true));

    /// <summary>Workers for callers that have none of their own.</summary>
    public SlotPool<DataPathWorker> Pool { get; }

    public TimeSpan Now => new(Volatile.Read(ref _now));

    /// <summary>Forward only, whatever order workers come in.</summary>
    public void AdvanceTo(TimeSpan monotonic)
    {
        long before = Volatile.Read(ref _now);
        while (monotonic.Ticks > before)
        {
            long seen = Interlocked.CompareExchange(ref _now, monotonic.Ticks, before);
            if (seen == before)
                return;
            before = seen;
        }
    }

    public RouteSnapshot Routes => Volatile.Read(ref _routes);

    /// <summary>Called by the control face, one call at a time.</summary>
    public void SetRoutes(RouteTable table) => Volatile.Write(ref _routes, RouteSnapshot.Build(table, _routes, Associations, _random));

    public DataPathWorker CreateWorker()
    {
        var worker = new DataPathWorker(this);
        lock (_lock)
            _workers = _workers.Add(worker);
        return worker;
    }

    /// <summary>Of all workers together.</summary>
    public ulong Count(DataPathCounter counter)
    {
        ImmutableArray<DataPathWorker> workers;
        lock (_lock)
            workers = _workers;
        ulong count = 0;
        foreach (DataPathWorker worker in workers)
            count += worker.Counters.Read(counter);
        return count;
    }
}
