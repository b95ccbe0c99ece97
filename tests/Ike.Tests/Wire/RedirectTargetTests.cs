using Ipsec.Ike.Wire;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Wire;

public class RedirectTargetTests
{
    [Theory]
    [InlineData("198.51.100.7", "01 04 c6336407")]
    [InlineData("2001:db8::7", "02 10 20010db8000000000000000000000007")]
    [InlineData("gw.example", "03 0a 67772e6578616d706c65")]
    public void HasKnownAnswer(string text, string hex)
    {
        RedirectTarget target = RedirectTarget.Parse(text)!;
        NotifyPayload notify = target.ToNotify(NotifyType.Redirect);
        Assert.Equal(HexText.Parse(hex), notify.Data.ToArray());
        Assert.Equal(target, RedirectTarget.TryRead(notify.Data.Span, out ReadOnlySpan<byte> nonce));
        Assert.True(nonce.IsEmpty);
    }

    [Fact]
    public void CarriesTheNonce()
    {
        byte[] nonce = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        RedirectTarget target = RedirectTarget.Parse("198.51.100.7")!;
        Assert.Equal(target, RedirectTarget.TryRead(target.ToNotify(NotifyType.Redirect, nonce).Data.Span, out ReadOnlySpan<byte> read));
        Assert.Equal(nonce, read.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("01 04 c63364")]
    [InlineData("01 04 00000000")]
    [InlineData("01 10 20010db8000000000000000000000007")]
    [InlineData("02 04 c6336407")]
    [InlineData("03 00")]
    [InlineData("03 03 610062")]
    [InlineData("03 03 612062")]
    [InlineData("03 04 612e2e62")]
    [InlineData("04 04 c6336407")]
    [InlineData("01 04 c6336407 0102")]
    [InlineData("03 ff 6162")]
    public void Refuses(string hex) => Assert.Null(RedirectTarget.TryRead(HexText.Parse(hex), out _));

    [Theory]
    [InlineData("gw;rm -rf")]
    [InlineData("")]
    [InlineData(".")]
    public void RefusesTextThatNamesNoGateway(string text) => Assert.Null(RedirectTarget.Parse(text));
}
