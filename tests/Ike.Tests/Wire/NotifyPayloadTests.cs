using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Wire;

public class NotifyPayloadTests
{
    const string Rekey = "00 00 000c  03 04 4009  c0ffee01";

    [Fact]
    public void HasKnownAnswer()
    {
        PayloadCheck.HasKnownAnswer(new NotifyPayload(ProtocolId.Esp, new byte[] { 0xC0, 0xFF, 0xEE, 1 }, NotifyType.RekeySa, default), Rekey);
        PayloadCheck.HasKnownAnswer(new NotifyPayload(NotifyType.InvalidKePayload, new byte[] { 0, 14 }), "00 00 000a  00 00 0011  000e");
        PayloadCheck.HasKnownAnswer(new NotifyPayload(NotifyType.NoProposalChosen), "00 00 0008  00 00 000e");
    }

    [Fact]
    public void RefusesEveryTruncation() => PayloadCheck.SurvivesTruncation(PayloadType.Notify, Rekey, mayParse: _ => false);

    [Theory]
    [InlineData("00 00 0011 00")]
    [InlineData("00 00 0011 000e00")]
    [InlineData("00 00 0001")]
    [InlineData("00 00 4006")]
    [InlineData("00 00 4004 00")]
    [InlineData("00 00 4001 000000")]
    [InlineData("03 00 4009")]
    [InlineData("03 08 4009 0000000000000001")]
    [InlineData("03 05 1234 00000001")]
    public void RefusesContentThatTheTypeCannotHave(string body) => PayloadCheck.IsRefused(PayloadType.Notify, body);

    [Fact]
    public void TakesAChildSaNotFoundThatNamesNone() =>
        // RFC 7296 §2.25 has the SPI in it; nothing is read from it, so that a peer that leaves it out does no harm.
        PayloadCheck.HasKnownAnswer(new NotifyPayload(NotifyType.ChildSaNotFound), "00 00 0008  00 00 002c");

    [Fact]
    public void BoundsTheCookie()
    {
        PayloadCheck.IsRefused(PayloadType.Notify, "00 00 4006" + new string('0', 130));
        PayloadCheck.HasKnownAnswer(new NotifyPayload(NotifyType.Cookie, new byte[64]), "00 00 0048 00 00 4006" + new string('0', 128));
    }

    [Fact]
    public void KeepsUnknownTypesAndTellsErrorsFromStatus()
    {
        var error = (NotifyPayload)PayloadCheck.Read(PayloadType.Notify, [0, 0, 0, 9, 0, 0, 0x3F, 0xFF, 1]);
        Assert.True(error.IsError);
        Assert.Equal((NotifyType)0x3FFF, error.NotifyType);
        var status = (NotifyPayload)PayloadCheck.Read(PayloadType.Notify, [0, 0, 0, 8, 7, 0, 0x40, 0x00]);
        Assert.False(status.IsError);
        Assert.Equal((ProtocolId)7, status.Protocol);
    }
}
