using Ipsec.Ike.Wire;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Wire;

public class IdentificationPayloadTests
{
    const string Address = "00 00 000c  01 000000  c633640a";

    [Fact]
    public void HasKnownAnswer()
    {
        PayloadCheck.HasKnownAnswer(new IdentificationPayload(PayloadType.IdentificationResponder, Identity.Parse("198.51.100.10")), Address);
        PayloadCheck.HasKnownAnswer(new IdentificationPayload(PayloadType.IdentificationInitiator, Identity.Parse("2001:db8::1")),
            "00 00 0018  05 000000  20010db8000000000000000000000001");
        PayloadCheck.HasKnownAnswer(new IdentificationPayload(PayloadType.IdentificationInitiator, Identity.Parse("a@b")), "00 00 000b  03 000000  614062");
        PayloadCheck.HasKnownAnswer(new IdentificationPayload(PayloadType.IdentificationInitiator, Identity.Parse("ab")), "00 00 000a  02 000000  6162");
    }

    [Fact]
    public void RefusesEveryTruncationOfAnAddress()
    {
        PayloadCheck.SurvivesTruncation(PayloadType.IdentificationInitiator, Address, mayParse: _ => false);
        PayloadCheck.IsRefused(PayloadType.IdentificationInitiator, "01 000000 c633640a00");
        PayloadCheck.IsRefused(PayloadType.IdentificationInitiator, "05 000000 c633640a");
    }

    [Fact]
    public void KeepsReservedOctetsBecauseAuthCoversThem()
    {
        var payload = (IdentificationPayload)PayloadCheck.Read(PayloadType.IdentificationInitiator, HexText.Parse("00 00 000c 0b a1b2c3 01020304"));
        Assert.Equal(IdentificationType.KeyId, payload.Identity.Type);
        Assert.Equal("0BA1B2C301020304", Convert.ToHexString(payload.ToBody()));
    }
}
