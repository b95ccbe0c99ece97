namespace Ipsec.Ike.Wire;

/// <summary>Authentication payload, RFC 7296 §3.8.</summary>
public sealed record AuthenticationPayload(AuthenticationMethod Method, ReadOnlyMemory<byte> Data) : Payload(PayloadType.Authentication)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Auth Method   |                RESERVED                       |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                      Authentication Data                      ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

    /// <summary>Null if the body is malformed.</summary>
    internal static AuthenticationPayload? Parse(ReadOnlySpan<byte> body)
    {
        var reader = new OctetReader(body);
        var method = (AuthenticationMethod)reader.U8();
        reader.SkipReserved(3);
        byte[] data = reader.TakeRest().ToArray();
        return reader.IsComplete ? new AuthenticationPayload(method, data) : null;
    }

    internal override void WriteBody(OctetWriter writer)
    {
        writer.U8((byte)Method);
        writer.Zeros(3);
        writer.Octets(Data.Span);
    }

    public bool Equals(AuthenticationPayload? other) => base.Equals(other) && Method == other!.Method && Data.Span.SequenceEqual(other.Data.Span);

    public override int GetHashCode() => (int)Method << 16 ^ Data.Length;
}
