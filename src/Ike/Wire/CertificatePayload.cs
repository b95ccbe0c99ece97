namespace Ipsec.Ike.Wire;

/// <summary>Certificate payload, RFC 7296 §3.6. What the octets are, the encoding says; they are parsed by who needs them.</summary>
public sealed record CertificatePayload(CertificateEncoding Encoding, ReadOnlyMemory<byte> Data) : Payload(PayloadType.Certificate)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Cert Encoding |                                               |
    // +-+-+-+-+-+-+-+-+                                               ~
    // ~                       Certificate Data                        ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

    /// <summary>Null if the body is malformed.</summary>
    internal static CertificatePayload? Parse(ReadOnlySpan<byte> body)
    {
        var reader = new OctetReader(body);
        var encoding = (CertificateEncoding)reader.U8();
        byte[] data = reader.TakeRest().ToArray();
        return reader.IsComplete ? new CertificatePayload(encoding, data) : null;
    }

    internal override void WriteBody(OctetWriter writer)
    {
        writer.U8((byte)Encoding);
        writer.Octets(Data.Span);
    }

    public bool Equals(CertificatePayload? other) => base.Equals(other) && Encoding == other!.Encoding && Data.Span.SequenceEqual(other.Data.Span);

    public override int GetHashCode() => (int)Encoding << 16 ^ Data.Length;
}
