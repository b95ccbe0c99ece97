using Ipsec.Esp.Routing;
using Ipsec.Net;

namespace Ipsec.Esp.Workers;

/// <summary>Takes packets from the inner side to their tunnel.</summary>
static class SealWorker
{
    public static void Seal<TSink>(DataPathState state, SuperPacket packet, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        if (!IpPacket.TryParse(packet.Packet, out IpPacket parsed))
        {
            state.Counters.Increment(DataPathCounter.MalformedInner);
            return;
        }
        RouteSnapshot routes = state.Routes;
        if (routes.Route(parsed, out int tunnel) != RouteKind.Tunnel)
        {
            state.Counters.Increment(DataPathCounter.NoRoute);
            return;
        }
        TunnelEntry.Send(state, routes, packet, parsed, tunnel, from: null, ref sink);
    }
}
