using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Protection;

/// <summary>A message whose ICV was correct: authenticated, decrypted, its payloads not parsed yet. Here the incoming hook attaches (D3).</summary>
/// <param name="FirstPayload">Type of the first payload inside.</param>
/// <param name="Payloads">The chain of payloads, padding removed.</param>
/// <param name="ClearFault">What was wrong with payloads outside of the encryption.</param>
sealed record OpenedMessage(IkeHeader Header, PayloadType FirstPayload, Memory<byte> Payloads, MessageFault ClearFault)
{
    /// <summary>In IKE_INTERMEDIATE: IntAuth_*A, its lengths not adjusted yet (RFC 9242 §3.3.2). Otherwise empty.</summary>
    public byte[] AuthenticatedHeader { get; init; } = [];

    /// <summary>The message as a value, or the fault, which is the authenticated peer's and so may be answered.</summary>
    public bool TryParse([NotNullWhen(true)] out IkeMessage? message, out MessageFault fault)
    {
        message = null;
        fault = ClearFault;
        if (fault.Fault != PeerFault.None || !MessageReader.TryParsePayloads(FirstPayload, Payloads.Span, out ImmutableArray<Payload> payloads, out fault))
            return false;
        message = new IkeMessage(Header, payloads);
        return true;
    }
}
