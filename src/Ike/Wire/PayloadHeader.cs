namespace Ipsec.Ike.Wire;

/// <summary>The generic payload header, RFC 7296 §3.2.</summary>
static class PayloadHeader
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    public const int EncodedLength = 4;
    public const int NextPayloadOffset = 0;
    public const int CriticalOffset = 1;
    public const int LengthOffset = 2;
    public const byte CriticalBit = 0x80;

    /// <summary>Appends a generic header and the body.</summary>
    public static void Write(OctetWriter writer, Payload payload, PayloadType next)
    {
        int start = writer.Length;
        writer.U8((byte)next);
        writer.U8(payload.IsCritical ? CriticalBit : (byte)0);
        writer.U16(0);
        payload.WriteBody(writer);
        writer.PatchLength16(start + LengthOffset, writer.Length - start);
    }
}
