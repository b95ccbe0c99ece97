using System.Security.Cryptography;
using System.Text;
using Ipsec.Crypto;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.KeyDerivation;

public class PresharedKeyAuthenticationTests
{
    static readonly byte[] Message = MessageSamples.Octets(100, 1);
    static readonly byte[] Nonce = MessageSamples.Octets(32, 2);
    static readonly byte[] SkP = MessageSamples.Octets(32, 3);

    [Fact]
    public void IsTheFormulaOfTheRfc()
    {
        byte[] restOfIdPayload = [2, 0, 0, 0, .. "branch.example"u8];
        byte[] maced = HMACSHA256.HashData(SkP, restOfIdPayload);
        byte[] padded = HMACSHA256.HashData(Encoding.ASCII.GetBytes("secret"), Encoding.ASCII.GetBytes("Key Pad for IKEv2"));
        byte[] signedOctets = [.. Message, .. Nonce, .. maced];
        byte[] expected = HMACSHA256.HashData(padded, signedOctets);
        Assert.Equal(expected, Compute("secret"));
    }

    [Fact]
    public void VerifiesOnlyItsOwnMethodAndOctets()
    {
        byte[] expected = Compute("secret");
        Assert.True(PresharedKeyAuthentication.Verify(new AuthenticationPayload(AuthenticationMethod.SharedKeyMessageIntegrityCode, expected), expected));
        Assert.False(PresharedKeyAuthentication.Verify(new AuthenticationPayload(AuthenticationMethod.RsaDigitalSignature, expected), expected));
        Assert.False(PresharedKeyAuthentication.Verify(new AuthenticationPayload(AuthenticationMethod.SharedKeyMessageIntegrityCode, expected[..^1]),
            expected));
        Assert.False(PresharedKeyAuthentication.Verify(new AuthenticationPayload(AuthenticationMethod.SharedKeyMessageIntegrityCode, Compute("Secret")),
            expected));
    }

    static byte[] Compute(string key)
    {
        using var secret = new Secret(Encoding.ASCII.GetBytes(key));
        using var skP = new Secret(SkP);
        return PresharedKeyAuthentication.Compute(PseudorandomFunction.HmacSha256, secret,
            SignedOctets.OfInitiator(PseudorandomFunction.HmacSha256, new InitialMessages(Message, [], [], Nonce), skP, MessageSamples.Idi));
    }
}
