using System.Collections.Immutable;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Admission;

/// <summary>
/// An unprotected answer that needs no IKE SA (RFC 7296 §1.5, §2.6, §2.21.1): back to where the request came from, with its SPIs, exchange
/// and message ID.
/// </summary>
static class StatelessReply
{
    public static void Send(EngineContext context, in IkeHeader request, NetworkPath path, NotifyPayload notify, ImmutableArray<string> notes) =>
        Send(context, request, path, [notify], notes);

    public static void Send(EngineContext context, in IkeHeader request, NetworkPath path, ImmutableArray<Payload> payloads, ImmutableArray<string> notes)
    {
        // RFC 7296 §3.1: the Initiator flag says who is the original initiator; a response to an initiator comes from the other side.
        IkeHeaderFlags flags = IkeHeaderFlags.Response | (request.IsFromInitiator ? IkeHeaderFlags.None : IkeHeaderFlags.Initiator);
        var header = new IkeHeader(request.InitiatorSpi, request.ResponderSpi, request.Exchange, flags, request.MessageId);
        IkeMessage message = ClearMessage.Build(context, new IkeMessage(header, payloads), out byte[] datagram);
        MessageTrace.Begin(context, sent: true, header, path, message.Payloads).Note(notes);
        context.Transmit(path, datagram);
    }
}
