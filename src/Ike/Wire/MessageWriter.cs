using System.Collections.Immutable;

namespace Ipsec.Ike.Wire;

/// <summary>Values to octets.</summary>
static class MessageWriter
{
    /// <summary>The whole message with its payloads in clear.</summary>
    /// <exception cref="ArgumentException">A payload is longer than 65535 octets: a fault of ours.</exception>
    public static byte[] Write(IkeMessage message)
    {
        var writer = new OctetWriter();
        message.Header.Write(writer, FirstType(message.Payloads));
        WritePayloads(writer, message.Payloads);
        writer.PatchU32(IkeHeader.LengthOffset, (uint)writer.Length);
        return writer.ToArray();
    }

    /// <summary>Appends the chain of payloads, each with its generic header.</summary>
    public static void WritePayloads(OctetWriter writer, ImmutableArray<Payload> payloads)
    {
        for (int i = 0; i < payloads.Length; i++)
            PayloadHeader.Write(writer, payloads[i], i + 1 < payloads.Length ? payloads[i + 1].Type : PayloadType.None);
    }

    /// <summary>Octets of the chain of payloads.</summary>
    public static int LengthOf(ImmutableArray<Payload> payloads)
    {
        var writer = new OctetWriter();
        WritePayloads(writer, payloads);
        return writer.Length;
    }

    /// <summary>What the Next Payload field in front of the chain says.</summary>
    public static PayloadType FirstType(ImmutableArray<Payload> payloads) => payloads.IsEmpty ? PayloadType.None : payloads[0].Type;
}
