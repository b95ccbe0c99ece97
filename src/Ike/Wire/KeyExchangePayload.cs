namespace Ipsec.Ike.Wire;

/// <summary>Key Exchange payload, RFC 7296 §3.4. The method is a number, because a peer may name one that we do not know.</summary>
public sealed record KeyExchangePayload(ushort Method, ReadOnlyMemory<byte> Data) : Payload(PayloadType.KeyExchange)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |   Diffie-Hellman Group Num    |           RESERVED            |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                       Key Exchange Data                       ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

    /// <summary>Null if the body is malformed. How long the data must be depends on the method and is checked by the key exchange.</summary>
    internal static KeyExchangePayload? Parse(ReadOnlySpan<byte> body)
    {
        var reader = new OctetReader(body);
        ushort method = reader.U16();
        reader.SkipReserved(2);
        byte[] data = reader.TakeRest().ToArray();
        return reader.IsComplete && data.Length > 0 ? new KeyExchangePayload(method, data) : null;
    }

    internal override void WriteBody(OctetWriter writer)
    {
        writer.U16(Method);
        writer.U16(0);
        writer.Octets(Data.Span);
    }

    public bool Equals(KeyExchangePayload? other) => base.Equals(other) && Method == other!.Method && Data.Span.SequenceEqual(other.Data.Span);

    public override int GetHashCode() => Method << 16 ^ Data.Length;
}
