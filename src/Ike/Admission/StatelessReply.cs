using System.Collections.Immutable;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Admission;

/// <summary>
/// An unprotected answer that needs no IKE SA (RFC 7296 §1.5, §2.6, §2.21.1): back to where the request came from, with its SPIs, exchange
/// and message ID. The address that it came from may be forged, so it is never longer than the request: silence where nothing shorter would do.
/// </summary>
static class StatelessReply
{
    /// <param name="limit">Octets that the answer may have: those of the request, or any where the peer has shown that it receives at its address.</param>
    public static void Send(EngineContext context, in IkeHeader request, int limit, NetworkPath path, ImmutableArray<Payload> payloads,
        ImmutableArray<string> notes)
    {
        if (!Fits(payloads, limit))
        {
            context.Counters.Add("answer-too-long");
            return;
        }
        // RFC 7296 §3.1: the Initiator flag says who is the original initiator; a response to an initiator comes from the other side.
        IkeHeaderFlags flags = IkeHeaderFlags.Response | (request.IsFromInitiator ? IkeHeaderFlags.None : IkeHeaderFlags.Initiator);
        var header = new IkeHeader(request.InitiatorSpi, request.ResponderSpi, request.Exchange, flags, request.MessageId);
        IkeMessage message = ClearMessage.Build(context, new IkeMessage(header, payloads), out byte[] datagram);
        MessageTrace.Begin(context, sent: true, header, path, message.Payloads).Note(notes);
        context.Transmit(path, datagram);
    }

    /// <summary>An unprotected message with these payloads has at most that many octets.</summary>
    public static bool Fits(ImmutableArray<Payload> payloads, int limit) =>
        limit == int.MaxValue || IkeHeader.EncodedLength + MessageWriter.LengthOf(payloads) <= limit;
}
