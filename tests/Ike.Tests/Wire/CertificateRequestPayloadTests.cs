using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Wire;

public class CertificateRequestPayloadTests
{
    const string TwoAuthorities = "00 00 002d  04 000102030405060708090a0b0c0d0e0f10111213 202122232425262728292a2b2c2d2e2f30313233";

    [Fact]
    public void HasKnownAnswer()
    {
        byte[] hashes = [.. Enumerable.Range(0, 20).Select(value => (byte)value), .. Enumerable.Range(0x20, 20).Select(value => (byte)value)];
        PayloadCheck.HasKnownAnswer(new CertificateRequestPayload(CertificateEncoding.X509Signature, hashes), TwoAuthorities);
        PayloadCheck.HasKnownAnswer(new CertificateRequestPayload(CertificateEncoding.RawPublicKey, default), "00 00 0005 0f");
    }

    [Fact]
    public void HoldsWholeHashesOnly() =>
        PayloadCheck.SurvivesTruncation(PayloadType.CertificateRequest, TwoAuthorities, mayParse: length => length >= 1 && (length - 1) % 20 == 0);
}
