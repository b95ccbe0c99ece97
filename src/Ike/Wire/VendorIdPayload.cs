namespace Ipsec.Ike.Wire;

/// <summary>Vendor ID payload, RFC 7296 §3.12.</summary>
public sealed record VendorIdPayload(ReadOnlyMemory<byte> Data) : Payload(PayloadType.VendorId)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                        Vendor ID (VID)                        ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

    internal override void WriteBody(OctetWriter writer) => writer.Octets(Data.Span);

    public bool Equals(VendorIdPayload? other) => base.Equals(other) && Data.Span.SequenceEqual(other!.Data.Span);

    public override int GetHashCode() => Data.Length;
}
