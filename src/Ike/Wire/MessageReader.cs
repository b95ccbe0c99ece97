using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Ipsec.Ike.Wire;

/// <summary>Octets to values. Whatever a peer sends becomes a valid message or a named fault; nothing throws.</summary>
static class MessageReader
{
    /// <summary>Parses a message whose payloads are in clear (IKE_SA_INIT, and notifies outside of an IKE SA).</summary>
    /// <param name="header">Filled in as soon as there are 28 octets, also on a fault, because some faults are answered.</param>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out IkeHeader header, [NotNullWhen(true)] out IkeMessage? message, out MessageFault fault)
    {
        message = null;
        if (!MessageEnvelope.TryParse(datagram, out header, out MessageEnvelope envelope, out fault))
            return false;
        if (envelope.IsProtected)
        {
            fault = new MessageFault(PeerFault.UnexpectedlyProtected, PayloadType.Encrypted);
            return false;
        }
        if (!TryParsePayloads(envelope.FirstPayload, envelope.ClearPayloads, out ImmutableArray<Payload> payloads, out fault))
            return false;
        message = new IkeMessage(header, payloads);
        return true;
    }

    /// <summary>Parses a whole chain of payloads in clear: all of a message's, or what an Encrypted payload held.</summary>
    public static bool TryParsePayloads(PayloadType first, ReadOnlySpan<byte> octets, out ImmutableArray<Payload> payloads, out MessageFault fault)
    {
        ImmutableArray<Payload>.Builder builder = ImmutableArray.CreateBuilder<Payload>();
        payloads = [];
        var chain = new PayloadChain(first, octets);
        while (chain.MoveNext())
        {
            PeerFault found = PayloadReader.Read(chain.Current, builder);
            if (found != PeerFault.None)
            {
                fault = new MessageFault(found, chain.Current.Type);
                return false;
            }
        }
        fault = chain.Fault;
        if (fault.Fault != PeerFault.None)
            return false;
        payloads = builder.DrainToImmutable();
        return true;
    }
}
