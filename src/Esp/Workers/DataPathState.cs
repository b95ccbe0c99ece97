using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Esp.Associations;
using Ipsec.Esp.Reports;
using Ipsec.Esp.Routing;

namespace Ipsec.Esp.Workers;

/// <summary>What the control face and all workers of a data path share.</summary>
sealed class DataPathState(DataPathOptions options, IRandomSource random)
{
    readonly Lock _lock = new();
    ImmutableArray<DataPathWorker> _workers = [];
    RouteSnapshot _routes = RouteSnapshot.Empty;
    long _now;

    public DataPathOptions Options { get; } = options;
    public SaDirectory Associations { get; } = new(options.SpiSlots, random);
    public PathMtuTable PathMtus { get; } = new();
    public ReportQueue Reports { get; } = new();
    public WorkerPool Pool { get; } = new();
    public WorkerBufferPool Buffers { get; } = new();

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
    public void SetRoutes(RouteTable table) => Volatile.Write(ref _routes, RouteSnapshot.Build(table, _routes, random));

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
