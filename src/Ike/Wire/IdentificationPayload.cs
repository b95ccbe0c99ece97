namespace Ipsec.Ike.Wire;

/// <summary>Identification payload, RFC 7296 §3.5; both IDi and IDr.</summary>
public sealed record IdentificationPayload(PayloadType Role, Identity Identity) : Payload(Role)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |   ID Type     |                 RESERVED                      |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                   Identification Data                         ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

    /// <summary>The RESERVED octets as they came, at most 24 bits: AUTH covers them (RFC 7296 §2.15). We send zero.</summary>
    internal uint Reserved { get; init; }

    /// <summary>Null if the body is malformed: an address of the wrong length among them.</summary>
    internal static IdentificationPayload? Parse(PayloadType role, ReadOnlySpan<byte> body)
    {
        var reader = new OctetReader(body);
        var type = (IdentificationType)reader.U8();
        uint reserved = (uint)(reader.U8() << 16 | reader.U16());
        ReadOnlySpan<byte> data = reader.TakeRest();
        bool fits = type switch
        {
            IdentificationType.Ipv4Address => data.Length == 4,
            IdentificationType.Ipv6Address => data.Length == 16,
            _ => true,
        };
        return reader.IsComplete && fits ? new IdentificationPayload(role, new Identity(type, data)) { Reserved = reserved } : null;
    }

    /// <summary>
    /// The octets that AUTH covers as RestOfInitIDPayload or RestOfRespIDPayload (RFC 7296 §2.15); for a peer's payload exactly as they came.
    /// </summary>
    internal byte[] ToBody()
    {
        var writer = new OctetWriter();
        WriteBody(writer);
        return writer.ToArray();
    }

    internal override void WriteBody(OctetWriter writer)
    {
        writer.U8((byte)Identity.Type);
        writer.U8((byte)(Reserved >> 16));
        writer.U16((ushort)Reserved);
        writer.Octets(Identity.Data);
    }
}
