using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Wire;

public class CertificatePayloadTests
{
    const string X509 = "00 00 0008  04 0a0b0c";

    [Fact]
    public void HasKnownAnswer()
    {
        PayloadCheck.HasKnownAnswer(new CertificatePayload(CertificateEncoding.X509Signature, new byte[] { 10, 11, 12 }), X509);
        PayloadCheck.HasKnownAnswer(new CertificatePayload(CertificateEncoding.RawPublicKey, default), "00 00 0005 0f");
    }

    [Fact]
    public void NeedsItsEncoding() => PayloadCheck.SurvivesTruncation(PayloadType.Certificate, X509, mayParse: length => length >= 1);
}
