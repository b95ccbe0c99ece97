using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Delivery;

/// <summary>A request that came again gets the reply that it got the first time, and nothing else happens (RFC 7296 §2.1).</summary>
static class RepeatedRequest
{
    /// <param name="isSame">It is the request that was answered: octet for octet, or in another set of fragments (RFC 7383 §2.6.1).</param>
    public static void Answer(EngineContext context, ReplyCache replies, in MessageEnvelope request, NetworkPath path, bool isSame)
    {
        // RFC 7383 §2.6.1: of a fragmented request the first fragment alone asks for the reply again.
        if (request.FragmentNumber > 1)
        {
            context.Counters.Add("repeated-fragment");
            return;
        }
        if (!isSame)
        {
            context.CountFault("altered-retransmission", path);
            return;
        }
        context.Counters.Add("repeated-request");
        context.Transmit(path, replies.Reply);
    }
}
