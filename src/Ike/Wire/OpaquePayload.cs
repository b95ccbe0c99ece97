namespace Ipsec.Ike.Wire;

/// <summary>
/// A payload that is well-formed on the outside and whose content this stack does not read (certificates, EAP for now).
/// A sender may give any type number: that is how an unknown payload is built on purpose.
/// </summary>
public sealed record OpaquePayload(PayloadType UnreadType, ReadOnlyMemory<byte> Body) : Payload(UnreadType)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                             Body                              ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

    internal override void WriteBody(OctetWriter writer) => writer.Octets(Body.Span);

    public bool Equals(OpaquePayload? other) => base.Equals(other) && Body.Span.SequenceEqual(other!.Body.Span);

    public override int GetHashCode() => (int)UnreadType << 16 ^ Body.Length;
}
