using Ipsec.Crypto;

namespace Ipsec.Crypto.Tests;

public sealed class SecretTests
{
    [Fact]
    public void ClearsItselfAndItsCopiesLiveOn()
    {
        Secret secret = new([1, 2, 3]);
        using Secret copy = secret.Clone();
        ReadOnlySpan<byte> octets = secret.Span;
        secret.Dispose();
        Assert.Equal<byte>([0, 0, 0], octets.ToArray());
        Assert.Equal<byte>([1, 2, 3], copy.Span.ToArray());
    }

    [Fact]
    public void PrintsItsLengthOnly()
    {
        using Secret secret = new([0xab, 0xcd]);
        Assert.Equal("Secret(2 octets)", secret.ToString());
        Assert.Equal(2, secret.Length);
    }
}
