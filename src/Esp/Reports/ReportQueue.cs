using System.Diagnostics.CodeAnalysis;
using Ipsec.Esp.Associations;
using Ipsec.Net;

namespace Ipsec.Esp.Reports;

/// <summary>
/// Reports from workers to the engine's owner. Bounded by what may be reported: each kind once per SA or tunnel, and of changed paths
/// only the newest of each SA waits.
/// </summary>
sealed class ReportQueue
{
    readonly Lock _lock = new();
    readonly Queue<DataPathReport> _reports = new();
    readonly Queue<TunnelSa> _pathChanges = new();
    int _unknownSpiReported;
    bool _mustSignal;

    public event Action? Pending;

    public void SoftLimit(TunnelSa sa)
    {
        if (sa.TryClaimSoftLimit())
            Add(new DataPathReport.SoftLimit(sa.Id));
    }

    public void HardLimit(TunnelSa sa)
    {
        if (sa.TryClaimHardLimit())
            Add(new DataPathReport.HardLimit(sa.Id));
    }

    public void FirstInbound(TunnelSa sa)
    {
        if (sa.TryClaimFirstInbound())
            Add(new DataPathReport.FirstInbound(sa.Id));
    }

    public void Acquire(TunnelState state, int tunnel, in Flow flow)
    {
        if (state.TryClaimAcquire())
            Add(new DataPathReport.Acquire(tunnel, new PacketFlow(flow.Source, flow.Destination, flow.Protocol, flow.SourcePort, flow.DestinationPort)));
    }

    public void UnknownSpi(uint spi, in NetworkPath path)
    {
        if (Volatile.Read(ref _unknownSpiReported) == 0 && Interlocked.Exchange(ref _unknownSpiReported, 1) == 0)
            Add(new DataPathReport.UnknownSpi(spi, path));
    }

    public void UnknownSpiHandled() => Volatile.Write(ref _unknownSpiReported, 0);

    public void PathChanged(TunnelSa sa, in NetworkPath path)
    {
        if (!sa.TryClaimPathChange(path))
            return;
        lock (_lock)
        {
            if (_pathChanges.Contains(sa))
                return;
            NoteFirst();
            _pathChanges.Enqueue(sa);
        }
    }

    public bool TryTake([NotNullWhen(true)] out DataPathReport? report)
    {
        lock (_lock)
        {
            if (_reports.TryDequeue(out report))
                return true;
            while (_pathChanges.TryDequeue(out TunnelSa? sa))
            {
                if (sa.ObservedPath is not PathHolder observed)
                    continue;
                report = new DataPathReport.PathChanged(sa.Id, observed.Path);
                return true;
            }
            return false;
        }
    }

    /// <summary>Called by workers at the end of a batch, outside every lock.</summary>
    public void Signal()
    {
        if (!Volatile.Read(ref _mustSignal))
            return;
        lock (_lock)
        {
            if (!_mustSignal)
                return;
            _mustSignal = false;
        }
        Pending?.Invoke();
    }

    void Add(DataPathReport report)
    {
        lock (_lock)
        {
            NoteFirst();
            _reports.Enqueue(report);
        }
    }

    void NoteFirst()
    {
        if (_reports.Count == 0 && _pathChanges.Count == 0)
            _mustSignal = true;
    }
}
