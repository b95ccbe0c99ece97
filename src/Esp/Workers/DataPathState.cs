using Ipsec.Crypto;
using Ipsec.Esp.Associations;
using Ipsec.Esp.Counters;
using Ipsec.Esp.Reports;

namespace Ipsec.Esp.Workers;

/// <summary>What the two faces of a data path share.</summary>
sealed class DataPathState(DataPathOptions options, IRandomSource random)
{
    RouteTable _routes = RouteTable.Empty;

    public DataPathOptions Options { get; } = options;
    public SaDirectory Associations { get; } = new(options.SpiSlots, random);
    public CounterSet Counters { get; } = new();
    public ReportQueue Reports { get; } = new();
    public WorkerBufferPool Buffers { get; } = new();

    public RouteTable Routes
    {
        get => Volatile.Read(ref _routes);
        set => Volatile.Write(ref _routes, value);
    }
}
