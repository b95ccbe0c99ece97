using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Wire;

public class DeletePayloadTests
{
    const string TwoEsp = "00 00 0010  03 04 0002  10203040 50607080";

    [Fact]
    public void HasKnownAnswer()
    {
        PayloadCheck.HasKnownAnswer(new DeletePayload(ProtocolId.Esp, [0x10203040, 0x50607080]), TwoEsp);
        PayloadCheck.HasKnownAnswer(new DeletePayload(ProtocolId.Ike, []), "00 00 0008  01 00 0000");
        PayloadCheck.HasKnownAnswer(new DeletePayload(ProtocolId.Ah, [1]), "00 00 000c  02 04 0001 00000001");
    }

    [Fact]
    public void RefusesEveryTruncation() => PayloadCheck.SurvivesTruncation(PayloadType.Delete, TwoEsp, mayParse: _ => false);

    [Theory]
    [InlineData("01 04 0001 00000001")]
    [InlineData("01 00 0001")]
    [InlineData("03 08 0001 0000000000000001")]
    [InlineData("03 04 ffff 00000001")]
    [InlineData("03 04 0001 0000000100")]
    [InlineData("00 00 0000")]
    [InlineData("09 04 0001 00000001")]
    public void Refuses(string body) => PayloadCheck.IsRefused(PayloadType.Delete, body);

    [Fact]
    public void BoundsTheNumberOfSpis()
    {
        int count = WireLimits.DeletedSpis + 1;
        PayloadCheck.IsRefused(PayloadType.Delete, $"03 04 {count:x4}" + new string('1', count * 8));
    }
}
