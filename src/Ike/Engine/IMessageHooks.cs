using Ipsec.Ike.Wire;

namespace Ipsec.Ike;

/// <summary>
/// The two places where fault injection, fuzzing behind the encryption and replay attach (D3): between built and protected,
/// and between opened and parsed.
/// </summary>
public interface IMessageHooks
{
    /// <summary>May change a message that was built before it is protected (IKE_SA_INIT: written); null sends nothing in its place.</summary>
    IkeMessage? Outgoing(IkeMessage message) => message;

    /// <summary>May change the payloads of a message that was opened (its ICV was correct) before they are parsed, in place.</summary>
    void Incoming(Span<byte> payloads);
}
