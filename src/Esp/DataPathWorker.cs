using Ipsec.Esp.Associations;
using Ipsec.Esp.Counters;
using Ipsec.Esp.Reports;
using Ipsec.Esp.Routing;
using Ipsec.Esp.Workers;
using Ipsec.Net;

namespace Ipsec.Esp;

/// <summary>
/// One worker of a <see cref="DataPath"/>, for a thread that moves many packets: what it seals for one SA leaves together. Used by one thread at a time,
/// never from within its own sink. Between the first packet and <see cref="Flush"/> no other worker sends on that SA, so that numbers leave in order.
/// </summary>
public sealed class DataPathWorker
{
    readonly DataPathState _shared;

    internal DataPathWorker(DataPathState shared)
    {
        _shared = shared;
        Batch = new SealBatch(shared.Buffers);
    }

    internal DataPathOptions Options => _shared.Options;
    internal SaDirectory Associations => _shared.Associations;
    internal PathMtuTable PathMtus => _shared.PathMtus;
    internal ReportQueue Reports => _shared.Reports;
    internal SlotPool<byte[]> Buffers => _shared.Buffers;
    internal RouteSnapshot Routes => _shared.Routes;
    internal TimeSpan Now => _shared.Now;
    internal CounterSet Counters { get; } = new();
    internal SealBatch Batch { get; }

    /// <summary>Seals what the inner side hands over; it is in <see cref="IDataPathSink.Transmit"/>'s hands after the next <see cref="Flush"/> at the latest.</summary>
    public void Seal<TSink>(SuperPacket packet, ref TSink sink) where TSink : IDataPathSink, allows ref struct => SealWorker.Seal(this, packet, ref sink);

    /// <summary>Opens what arrived, as <see cref="DataPath.Open"/>; ESP that it causes leaves with the next <see cref="Flush"/> at the latest.</summary>
    public void Open<TSink>(Span<byte> batch, int segmentSize, in NetworkPath path, byte outerTrafficClass, ref TSink sink)
        where TSink : IDataPathSink, allows ref struct => OpenWorker.Open(this, batch, segmentSize, path, outerTrafficClass, ref sink);

    /// <summary>Gives away what is sealed, and tells the engine's owner of reports. Comes before the worker waits for anything.</summary>
    public void Flush<TSink>(ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        Batch.Flush(ref sink);
        Reports.Signal();
    }

    /// <summary>An outer path carries less than was sent: inner packets are cut or answered accordingly from now on, for ten minutes.</summary>
    /// <param name="remote">The peer.</param>
    /// <param name="mtu">Octets of the longest outer IP packet.</param>
    public void LearnPathMtu(IpAddress remote, int mtu)
    {
        if (PathMtus.Learn(remote, mtu, Now))
            Counters.Increment(DataPathCounter.PathMtusLearned);
    }

    /// <summary>After an exception: what is sealed and not given away is lost, and other workers may send again.</summary>
    public void Reset() => Batch.Discard();
}
