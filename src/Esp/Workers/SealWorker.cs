using Ipsec.Esp.Routing;
using Ipsec.Net;

namespace Ipsec.Esp.Workers;

/// <summary>Takes packets from the inner side to their tunnel.</summary>
static class SealWorker
{
    public static void Seal<TSink>(DataPathWorker worker, SuperPacket packet, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        if (!IpPacket.TryParse(packet.Packet, out IpPacket parsed))
        {
            worker.Counters.Increment(DataPathCounter.MalformedInner);
            return;
        }
        RouteSnapshot routes = worker.Routes;
        if (routes.Route(parsed, out int tunnel) != RouteKind.Tunnel)
        {
            worker.Counters.Increment(DataPathCounter.NoRoute);
            return;
        }
        TunnelEntry.Send(worker, routes, packet, parsed, tunnel, from: null, ref sink);
    }
}
