using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Engine;

/// <summary>
/// The step of the ladder that one message becomes. Its place among the outputs is taken when the message passes; what was decided
/// because of it is added while it is handled.
/// </summary>
sealed class MessageTrace
{
    readonly OutputSlot _slot;
    MessagePassed _passed;

    MessageTrace(OutputSlot slot, MessagePassed passed)
    {
        _slot = slot;
        _passed = passed;
        Publish();
    }

    public static MessageTrace Begin(EngineContext context, bool sent, in IkeHeader header, NetworkPath path, ImmutableArray<Payload> payloads,
        bool isRetransmission = false) =>
        new(context.Outputs.Reserve(), new MessagePassed(sent, header.IsRequest, MessageNames.Exchange(header.Exchange), header.MessageId, isRetransmission,
            path, header.InitiatorSpi, header.ResponderSpi, MessageNames.Payloads(payloads, header), []));

    /// <summary>Names the IKE SA and, once it is known, the connection.</summary>
    public MessageTrace For(IkeSa sa)
    {
        _passed = _passed with { IkeSa = sa.Id, Connection = sa.ConnectionName };
        Publish();
        return this;
    }

    public void Note(string note)
    {
        _passed = _passed with { Notes = _passed.Notes.Add(note) };
        Publish();
    }

    public MessageTrace Note(ImmutableArray<string> notes)
    {
        if (!notes.IsEmpty)
            _passed = _passed with { Notes = _passed.Notes.AddRange(notes) };
        Publish();
        return this;
    }

    void Publish() => _slot.Output = new EventOccurred(_passed);
}
