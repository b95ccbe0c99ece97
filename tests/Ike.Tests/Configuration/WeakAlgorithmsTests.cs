using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Configuration;

public class WeakAlgorithmsTests
{
    [Theory]
    [InlineData("aes256-sha1-modp2048", "")]
    [InlineData("3des-sha1-modp1024", "modp1024")]
    [InlineData("des-md5-modp768", "des, md5, modp768")]
    [InlineData("aes128-sha256-prfmd5-modp1024s160-ecp192", "prfmd5, modp1024s160, ecp192")]
    [InlineData("aes256gcm16-prfsha256-curve25519-ke1_modp1024-ke2_modp1024", "modp1024")]
    public void AreNamedOnceEachForIke(string text, string weak) =>
        Assert.Equal(weak, string.Join(", ", WeakAlgorithms.Of(ProposalText.Parse(text, ProtocolId.Ike)).Select(found => found.Word)));

    [Theory]
    [InlineData("aes256-sha1", "")]
    [InlineData("null-sha256", "")]
    [InlineData("3des-md5-modp2048s224", "3des, md5, modp2048s224")]
    public void AreNamedOnceEachForEsp(string text, string weak) =>
        Assert.Equal(weak, string.Join(", ", WeakAlgorithms.Of(ProposalText.Parse(text, ProtocolId.Esp)).Select(found => found.Word)));

    [Theory]
    [InlineData("aes256gcm16-prfsha256-mlkem768", "mlkem768")]
    [InlineData("aes256gcm16-prfsha256-curve25519-ke1_mlkem512", "ke1_mlkem512")]
    public void AWordThatThisLibcryptoCannotDoIsRefusedWithItsVersion(string text, string word)
    {
        if (KeyExchanges.IsSupported(KeyExchangeMethod.MlKem768))
        {
            Assert.True(ProposalText.TryParse(text, ProtocolId.Ike, out _, out _));
            return;
        }
        Assert.False(ProposalText.TryParse(text, ProtocolId.Ike, out _, out string? error));
        Assert.StartsWith($"'{word}' in the IKE proposal '{text}' is not in this machine's libcrypto (OpenSSL 3.", error);
    }
}
