using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Wire;

public class KeyExchangePayloadTests
{
    const string Group14 = "00 00 000c  000e 0000  01020304";

    [Fact]
    public void HasKnownAnswer() => PayloadCheck.HasKnownAnswer(new KeyExchangePayload(14, new byte[] { 1, 2, 3, 4 }), Group14);

    [Fact]
    public void NeedsItsFieldsAndSomeData() => PayloadCheck.SurvivesTruncation(PayloadType.KeyExchange, Group14, mayParse: length => length > 4);

    [Fact]
    public void KeepsUnknownMethods() =>
        Assert.Equal(0xFFFE, ((KeyExchangePayload)PayloadCheck.Read(PayloadType.KeyExchange, [0, 0, 0, 9, 0xFF, 0xFE, 1, 2, 3])).Method);
}
