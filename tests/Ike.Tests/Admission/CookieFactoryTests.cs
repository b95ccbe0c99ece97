using Ipsec.Ike.Admission;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Admission;

public class CookieFactoryTests
{
    static readonly Instant Start = new(TimeSpan.FromHours(1), DateTimeOffset.UnixEpoch);
    static readonly TransportAddress Peer = new(IpAddress.Parse("203.0.113.5"), 500);
    static readonly byte[] Nonce = MessageSamples.Octets(32, 1);

    [Fact]
    public void VerifiesWhatItMade()
    {
        using CookieFactory factory = New(1);
        byte[] cookie = factory.Create(Nonce, Peer, 7, Start);
        Assert.Equal(CookieFactory.CookieLength, cookie.Length);
        Assert.InRange(cookie.Length, 1, 64);
        Assert.True(factory.Verify(cookie, Nonce, Peer, 7, Start));
        Assert.Equal(cookie, factory.Create(Nonce, Peer, 7, Start));
    }

    [Fact]
    public void BindsNonceAddressPortAndSpi()
    {
        using CookieFactory factory = New(1);
        byte[] cookie = factory.Create(Nonce, Peer, 7, Start);
        Assert.False(factory.Verify(cookie, MessageSamples.Octets(32, 2), Peer, 7, Start));
        Assert.False(factory.Verify(cookie, Nonce, Peer with { Port = 501 }, 7, Start));
        Assert.False(factory.Verify(cookie, Nonce, Peer with { Address = IpAddress.Parse("203.0.113.6") }, 7, Start));
        Assert.False(factory.Verify(cookie, Nonce, Peer with { Address = IpAddress.Parse("2001:db8::1") }, 7, Start));
        Assert.False(factory.Verify(cookie, Nonce, Peer, 8, Start));
        using CookieFactory other = New(2);
        Assert.False(other.Verify(cookie, Nonce, Peer, 7, Start));
    }

    [Fact]
    public void RefusesEveryChangeAndTruncation()
    {
        using CookieFactory factory = New(1);
        byte[] cookie = factory.Create(Nonce, Peer, 7, Start);
        for (int i = 0; i < cookie.Length; i++)
        {
            byte[] changed = [.. cookie];
            changed[i] ^= 0x80;
            Assert.False(factory.Verify(changed, Nonce, Peer, 7, Start));
            Assert.False(factory.Verify(cookie.AsSpan(0, i), Nonce, Peer, 7, Start));
        }
        Assert.False(factory.Verify([.. cookie, 0], Nonce, Peer, 7, Start));
    }

    [Fact]
    public void TheFirstVersionHasNoPreviousSecret()
    {
        using CookieFactory factory = New(1);
        Assert.False(factory.Verify(new byte[CookieFactory.CookieLength], Nonce, Peer, 7, Start));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(59, true)]
    [InlineData(61, true)]
    [InlineData(119, true)]
    [InlineData(121, false)]
    [InlineData(1000, false)]
    public void OutlivesOneRotationAndNotTwo(int seconds, bool isValid)
    {
        using CookieFactory factory = New(1);
        byte[] cookie = factory.Create(Nonce, Peer, 7, Start);
        Assert.Equal(isValid, factory.Verify(cookie, Nonce, Peer, 7, Start.Plus(TimeSpan.FromSeconds(seconds))));
    }

    [Fact]
    public void TwoRotationsInUseRetireACookie()
    {
        using CookieFactory factory = New(1);
        byte[] cookie = factory.Create(Nonce, Peer, 7, Start);
        factory.Create(Nonce, Peer, 8, Start.Plus(TimeSpan.FromSeconds(60)));
        Assert.True(factory.Verify(cookie, Nonce, Peer, 7, Start.Plus(TimeSpan.FromSeconds(60))));
        factory.Create(Nonce, Peer, 8, Start.Plus(TimeSpan.FromSeconds(120)));
        Assert.False(factory.Verify(cookie, Nonce, Peer, 7, Start.Plus(TimeSpan.FromSeconds(120))));
    }

    [Fact]
    public void TheSameSeedMakesTheSameCookies()
    {
        using CookieFactory one = New(3);
        using CookieFactory two = New(3);
        Assert.Equal(one.Create(Nonce, Peer, 7, Start), two.Create(Nonce, Peer, 7, Start));
    }

    static CookieFactory New(ulong seed) => new(new SeededRandomSource(seed), TimeSpan.FromSeconds(60));
}
