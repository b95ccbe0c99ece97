namespace Ipsec.Ike.Wire;

/// <summary>Nonce payload, RFC 7296 §3.9: 16 to 256 octets.</summary>
public sealed record NoncePayload(ReadOnlyMemory<byte> Data) : Payload(PayloadType.Nonce)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                            Nonce Data                         ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    const int MinimumLength = 16;
    const int MaximumLength = 256;

    /// <summary>Null if the nonce is too short or too long.</summary>
    internal static NoncePayload? Parse(ReadOnlySpan<byte> body) =>
        body.Length is >= MinimumLength and <= MaximumLength ? new NoncePayload(body.ToArray()) : null;

    internal override void WriteBody(OctetWriter writer) => writer.Octets(Data.Span);

    public bool Equals(NoncePayload? other) => base.Equals(other) && Data.Span.SequenceEqual(other!.Data.Span);

    public override int GetHashCode() => Data.Length;
}
