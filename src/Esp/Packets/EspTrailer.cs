namespace Ipsec.Esp.Packets;

/// <summary>The end of the encrypted part of an ESP packet, RFC 4303 §2.4 to §2.7.</summary>
static class EspTrailer
{
    //  | Payload ... TFC padding | Padding (0-255 octets) | Pad Length | Next Header |
    public const int FixedLength = 2;

    // RFC 4303 §2.4: the ICV starts on a 4-octet boundary, whatever the cipher's block.
    const int Alignment = 4;

    /// <summary>Octets of padding, Pad Length and Next Header behind an inner packet of this length.</summary>
    public static int LengthFor(int innerLength, int blockLength)
    {
        int multiple = Math.Max(Alignment, blockLength);
        int unpadded = innerLength + FixedLength;
        return (unpadded + multiple - 1) / multiple * multiple - innerLength;
    }

    /// <summary>The longest inner packet that fits, with its trailer, into so many octets.</summary>
    public static int LargestContent(int octets, int blockLength)
    {
        int multiple = Math.Max(Alignment, blockLength);
        return octets / multiple * multiple - FixedLength;
    }

    /// <summary>Fills the whole trailer with the default padding 1, 2, 3, … (RFC 4303 §2.4).</summary>
    public static void Write(Span<byte> trailer, byte nextHeader)
    {
        int padLength = trailer.Length - FixedLength;
        for (int i = 0; i < padLength; i++)
            trailer[i] = (byte)(i + 1);
        trailer[padLength] = (byte)padLength;
        trailer[padLength + 1] = nextHeader;
    }

    /// <summary>Splits a decrypted payload; false if the padding does not fit or is not the default one.</summary>
    /// <param name="contentLength">Octets before the padding: the inner packet and its TFC padding.</param>
    public static bool TryParse(ReadOnlySpan<byte> payload, out int contentLength, out byte nextHeader)
    {
        contentLength = 0;
        nextHeader = 0;
        if (payload.Length < FixedLength)
            return false;
        nextHeader = payload[^1];
        int padLength = payload[^2];
        contentLength = payload.Length - FixedLength - padLength;
        if (contentLength < 0)
            return false;
        // RFC 4303 §2.4: the receiver SHOULD inspect the padding.
        ReadOnlySpan<byte> padding = payload.Slice(contentLength, padLength);
        for (int i = 0; i < padding.Length; i++)
        {
            if (padding[i] != (byte)(i + 1))
                return false;
        }
        return true;
    }
}
