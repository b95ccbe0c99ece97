namespace Ipsec.Ike.Wire;

/// <summary>
/// Certificate Request payload, RFC 7296 §3.7: for X.509 certificates the SHA-1 hashes of the public keys (SubjectPublicKeyInfo) of certification
/// authorities that the sender trusts.
/// </summary>
public sealed record CertificateRequestPayload(CertificateEncoding Encoding, ReadOnlyMemory<byte> Authorities) : Payload(PayloadType.CertificateRequest)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Cert Encoding |                                               |
    // +-+-+-+-+-+-+-+-+                                               ~
    // ~                    Certification Authority                    ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

    /// <summary>Octets of one hash.</summary>
    internal const int HashLength = 20;

    /// <summary>Null if the body is malformed: a list of hashes that is cut short among them.</summary>
    internal static CertificateRequestPayload? Parse(ReadOnlySpan<byte> body)
    {
        var reader = new OctetReader(body);
        var encoding = (CertificateEncoding)reader.U8();
        byte[] authorities = reader.TakeRest().ToArray();
        bool fits = encoding != CertificateEncoding.X509Signature || authorities.Length % HashLength == 0;
        return reader.IsComplete && fits ? new CertificateRequestPayload(encoding, authorities) : null;
    }

    internal override void WriteBody(OctetWriter writer)
    {
        writer.U8((byte)Encoding);
        writer.Octets(Authorities.Span);
    }

    public bool Equals(CertificateRequestPayload? other) =>
        base.Equals(other) && Encoding == other!.Encoding && Authorities.Span.SequenceEqual(other.Authorities.Span);

    public override int GetHashCode() => (int)Encoding << 16 ^ Authorities.Length;
}
