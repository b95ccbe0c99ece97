using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Message hooks made of two functions.</summary>
sealed class MessageEditor : IMessageHooks
{
    public delegate void IncomingEditor(Span<byte> payloads);

    public Func<IkeMessage, IkeMessage?> Outgoing { get; set; } = message => message;

    public IncomingEditor Incoming { get; set; } = _ => { };

    IkeMessage? IMessageHooks.Outgoing(IkeMessage message) => Outgoing(message);

    void IMessageHooks.Incoming(Span<byte> payloads) => Incoming(payloads);
}
