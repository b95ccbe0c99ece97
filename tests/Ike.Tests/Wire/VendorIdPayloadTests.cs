using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Wire;

public class VendorIdPayloadTests
{
    [Fact]
    public void HasKnownAnswer()
    {
        PayloadCheck.HasKnownAnswer(new VendorIdPayload(new byte[] { 1, 2 }), "00 00 0006 0102");
        PayloadCheck.HasKnownAnswer(new VendorIdPayload(default), "00 00 0004");
    }
}
