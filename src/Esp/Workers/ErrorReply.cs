using Ipsec.Esp.Associations;
using Ipsec.Esp.Routing;
using Ipsec.Net;

namespace Ipsec.Esp.Workers;

/// <summary>Takes an ICMP error of our own back to where the packet at fault came from.</summary>
static class ErrorReply
{
    /// <param name="error">A whole IP packet; empty if no error may be sent.</param>
    /// <param name="from">The SA that the packet at fault came out of; null for the inner side.</param>
    public static void Send<TSink>(DataPathWorker worker, RouteSnapshot routes, Span<byte> error, TunnelSa? from, ref TSink sink)
        where TSink : IDataPathSink, allows ref struct
    {
        if (!IpPacket.TryParse(error, out IpPacket parsed))
            return;
        worker.Counters.Increment(DataPathCounter.IcmpErrors);
        if (from is null)
        {
            sink.Deliver(error);
            return;
        }
        // It is shorter than every MTU and an error itself, so that it cannot cause another one.
        TunnelEntry.Send(worker, routes, new SuperPacket(error), parsed, from.Tunnel, from: null, ref sink);
    }
}
