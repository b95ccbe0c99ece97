using Ipsec.Ike.Associations;

namespace Ipsec.Ike.Tests.Associations;

/// <summary>RFC 7296 §2.8.1: the SA with the lowest of the four nonces is the redundant one.</summary>
public class CollisionTests
{
    [Theory]
    [InlineData("01", "FF", "02", "03", true)]
    [InlineData("FF", "01", "02", "03", true)]
    [InlineData("02", "03", "01", "FF", false)]
    [InlineData("02", "03", "FF", "01", false)]
    [InlineData("0002", "FF", "01", "01", true)]
    [InlineData("8000", "8000", "7FFF", "FF", false)]
    // The end of a nonce is reached first: it is the lower one.
    [InlineData("0102", "FF", "010203", "FF", true)]
    [InlineData("010203", "FF", "0102", "FF", false)]
    public void LowestNonceOfTheFourDecides(string oneInitiator, string oneResponder, string otherInitiator, string otherResponder, bool isRedundant)
    {
        var one = new ExchangeNonces(Convert.FromHexString(oneInitiator), Convert.FromHexString(oneResponder));
        var other = new ExchangeNonces(Convert.FromHexString(otherInitiator), Convert.FromHexString(otherResponder));
        Assert.Equal(isRedundant, Collision.IsRedundant(one, other));
        Assert.Equal(!isRedundant, Collision.IsRedundant(other, one));
    }
}
