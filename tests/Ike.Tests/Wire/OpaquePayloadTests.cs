using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Wire;

public class OpaquePayloadTests
{
    [Theory]
    [InlineData(PayloadType.Certificate)]
    [InlineData(PayloadType.CertificateRequest)]
    [InlineData(PayloadType.ExtensibleAuthentication)]
    public void HasKnownAnswer(PayloadType type) => PayloadCheck.HasKnownAnswer(new OpaquePayload(type, new byte[] { 4, 5, 6 }), "00 00 0007 040506");

    [Fact]
    public void KeepsTheCriticalBit() =>
        PayloadCheck.HasKnownAnswer(new OpaquePayload(PayloadType.Certificate, default) { IsCritical = true }, "00 80 0004");
}
