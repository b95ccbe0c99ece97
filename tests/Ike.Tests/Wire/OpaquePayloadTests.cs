using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Wire;

public class OpaquePayloadTests
{
    [Fact]
    public void HasKnownAnswer() =>
        PayloadCheck.HasKnownAnswer(new OpaquePayload(PayloadType.ExtensibleAuthentication, new byte[] { 4, 5, 6 }), "00 00 0007 040506");

    [Fact]
    public void KeepsTheCriticalBit() =>
        PayloadCheck.HasKnownAnswer(new OpaquePayload(PayloadType.ExtensibleAuthentication, default) { IsCritical = true }, "00 80 0004");
}
