using System.Buffers.Binary;
using System.Collections.Immutable;
using Ipsec.Ike.Wire;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Wire;

/// <summary>What every payload's tests ask of its codec.</summary>
static class PayloadCheck
{
    /// <summary>The payload is written as these octets (from the generic header on) and read back from them as an equal value.</summary>
    public static void HasKnownAnswer(Payload payload, string hex)
    {
        byte[] expected = HexText.Parse(hex);
        var writer = new OctetWriter();
        MessageWriter.WritePayloads(writer, [payload]);
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(writer.Written));
        Assert.Equal(payload, Read(payload.Type, expected));
    }

    /// <summary>Reads one payload in its generic header, or fails the test with the fault.</summary>
    public static Payload Read(PayloadType type, byte[] payload)
    {
        Assert.True(MessageReader.TryParsePayloads(type, payload, out ImmutableArray<Payload> payloads, out MessageFault fault), fault.ToString());
        return Assert.Single(payloads);
    }

    /// <summary>The body, in a generic header with the right length, is refused as this fault.</summary>
    public static void IsRefused(PayloadType type, string bodyHex, PeerFault expected = PeerFault.InvalidSyntax)
    {
        Assert.False(MessageReader.TryParsePayloads(type, Wrap(HexText.Parse(bodyHex)), out ImmutableArray<Payload> payloads, out MessageFault fault));
        Assert.Equal(new MessageFault(expected, type), fault);
        Assert.Empty(payloads);
    }

    /// <summary>
    /// Cut at every length, the generic header's length corrected: the body is either refused or read as what it now says, and
    /// only the lengths that are named may be read.
    /// </summary>
    public static void SurvivesTruncation(PayloadType type, string hex, Func<int, bool> mayParse)
    {
        byte[] body = HexText.Parse(hex)[4..];
        for (int length = 0; length < body.Length; length++)
        {
            bool isParsed = MessageReader.TryParsePayloads(type, Wrap(body[..length]), out _, out MessageFault fault);
            Assert.True(isParsed == mayParse(length), $"{length} octets: {fault}");
        }
    }

    static byte[] Wrap(byte[] body)
    {
        byte[] payload = [0, 0, 0, 0, .. body];
        BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(2), (ushort)payload.Length);
        return payload;
    }
}
