using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Wire;

public class NoncePayloadTests
{
    [Fact]
    public void HasKnownAnswer() => PayloadCheck.HasKnownAnswer(new NoncePayload(MessageSamples.Octets(16, 0)),
        "00 00 0014 00010203 04050607 08090a0b 0c0d0e0f");

    [Theory]
    [InlineData(0, false)]
    [InlineData(15, false)]
    [InlineData(16, true)]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void Takes16To256Octets(int length, bool isParsed) => Assert.Equal(isParsed, NoncePayload.Parse(new byte[length]) is not null);
}
