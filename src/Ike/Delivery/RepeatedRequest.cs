using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Delivery;

/// <summary>A request that came again gets the reply that it got the first time, and nothing else happens (RFC 7296 §2.1).</summary>
static class RepeatedRequest
{
    public static void Answer(EngineContext context, ReplyCache replies, ReadOnlySpan<byte> datagram, NetworkPath path)
    {
        if (!replies.TryRepeat(datagram, out ReadOnlySpan<byte> reply))
        {
            context.CountFault("altered-retransmission", path);
            return;
        }
        context.Counters.Add("repeated-request");
        context.Transmit(path, reply);
    }
}
