using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Configuration;

public class ProposalTextTests
{
    [Theory]
    [InlineData("aes256-sha256-modp2048")]
    [InlineData("aes256gcm16-prfsha384-ecp384")]
    [InlineData("3des-sha1-modp1024")]
    [InlineData("aes128-aes256-sha256-modp2048-ecp256")]
    [InlineData("aes128-sha1-sha256-prfsha512-curve25519")]
    [InlineData("aes192-sha384-sha512-ecp256-modp1024")]
    [InlineData("aes128gcm16-aes256gcm16-prfsha1-prfsha256-curve25519")]
    [InlineData("aes256ccm12-prfaescmac-modp2048s256")]
    [InlineData("camellia192-aesxcbc-ecp512bp")]
    [InlineData("aes128ctr-aescmac-curve448")]
    [InlineData("chacha20poly1305-prfsha512-modp8192")]
    [InlineData("des-md5-modp768")]
    [InlineData("aes128-sha256-prfaesxcbc-ecp521")]
    [InlineData("aes256-sha256-curve25519-ke1_ecp384-ke1_none-ke3_modp2048")]
    public void PrintsIkeProposalsAsTheyWereWritten(string text) =>
        Assert.Equal(text, ProposalText.Print(ProposalText.Parse(text, ProtocolId.Ike)));

    [Theory]
    [InlineData("aes256-sha256")]
    [InlineData("aes256-sha1-modp2048")]
    [InlineData("aes128gcm16")]
    [InlineData("null-sha256")]
    [InlineData("aes192gmac-ecp521")]
    [InlineData("aes256gcm16-ecp384-esn")]
    [InlineData("aes256gcm16-esn-noesn")]
    [InlineData("aes128-sha256-modp2048-modpnone")]
    [InlineData("aes128-sha256-modp2048-ke1_ecp256-ke2_curve25519-ke2_none")]
    public void PrintsEspProposalsAsTheyWereWritten(string text) =>
        Assert.Equal(text, ProposalText.Print(ProposalText.Parse(text, ProtocolId.Esp)));

    [Theory]
    [InlineData("AES-SHA-modp2048", "aes128-sha1-modp2048")]
    [InlineData("aes256gcm-sha384-ecp384", "aes256gcm16-prfsha384-ecp384")]
    [InlineData(" aes256 - sha2_256 - x25519 ", "aes256-sha256-curve25519")]
    [InlineData("modp1024-sha1-3des", "3des-sha1-modp1024")]
    [InlineData("aes128-aes-sha1-sha-modp1024", "aes128-sha1-modp1024")]
    [InlineData("aes128-sha1-prfsha1-modp1024", "aes128-sha1-modp1024")]
    public void ReadsOtherSpellings(string text, string canonical) =>
        Assert.Equal(canonical, ProposalText.Print(ProposalText.Parse(text, ProtocolId.Ike)));

    [Fact]
    public void FillsInWhatGoesWithoutSaying()
    {
        AlgorithmProposal ike = ProposalText.Parse("aes256-sha256-sha1-modp2048", ProtocolId.Ike);
        Assert.Equal([PseudorandomFunction.HmacSha256, PseudorandomFunction.HmacSha1], ike.PseudorandomFunctions);
        Assert.Empty(ike.ExtendedSequenceNumbers);
        AlgorithmProposal esp = ProposalText.Parse("aes256gcm16-sha256", ProtocolId.Esp);
        Assert.Empty(esp.Integrity);
        Assert.Equal([false], esp.ExtendedSequenceNumbers);
        Assert.Empty(esp.KeyExchange);
        Assert.Equal([new EncryptionTransform(EncryptionAlgorithm.TripleDesCbc, 0)], ProposalText.Parse("3des-sha1", ProtocolId.Esp).Encryption);
    }

    [Theory]
    [InlineData(ProtocolId.Ike, "aes256-sha257-modp2048", "'sha257' in the IKE proposal 'aes256-sha257-modp2048' is not supported; accepted are aes128, ")]
    [InlineData(ProtocolId.Ike, "cast128-sha256-ecp256", "'cast128' in the IKE proposal 'cast128-sha256-ecp256' is not supported")]
    [InlineData(ProtocolId.Ike, "aes256-sha256-esn-modp2048", "'esn' in the IKE proposal")]
    [InlineData(ProtocolId.Ike, "aes256-sha256-modpnone", "'modpnone' in the IKE proposal")]
    [InlineData(ProtocolId.Esp, "aes256-prfsha256", "'prfsha256' in the ESP proposal")]
    [InlineData(ProtocolId.Ike, "", "'' in the IKE proposal")]
    [InlineData(ProtocolId.Ike, "sha256-modp2048", "names no encryption algorithm")]
    [InlineData(ProtocolId.Ike, "aes256-sha256", "names no group: curve25519,")]
    [InlineData(ProtocolId.Ike, "aes256-modp2048", "names no integrity algorithm: sha256,")]
    [InlineData(ProtocolId.Ike, "aes256-prfsha256-modp2048", "names no integrity algorithm: sha256,")]
    [InlineData(ProtocolId.Ike, "aes256gcm16-ecp384", "must name a PRF: prfsha256,")]
    [InlineData(ProtocolId.Ike, "aes256-aes256gcm16-sha256-modp2048", "mixes combined-mode ciphers")]
    [InlineData(ProtocolId.Ike, "null-sha256-modp2048", "'null' in the IKE proposal")]
    [InlineData(ProtocolId.Ike, "aes256gmac-prfsha256-modp2048", "'aes256gmac' in the IKE proposal")]
    [InlineData(ProtocolId.Esp, "null", "names no integrity algorithm")]
    [InlineData(ProtocolId.Esp, "aes256ctr", "names no integrity algorithm")]
    [InlineData(ProtocolId.Esp, "aes256ctr-aes256ccm16-sha256", "mixes combined-mode ciphers")]
    [InlineData(ProtocolId.Esp, "aes256", "names no integrity algorithm: sha256,")]
    public void SaysInOneSentenceWhatIsWrong(ProtocolId protocol, string text, string expected)
    {
        Assert.False(ProposalText.TryParse(text, protocol, out _, out string? error));
        Assert.Contains(expected, error);
        Assert.EndsWith(".", error);
        Assert.Throws<FormatException>(() => ProposalText.Parse(text, protocol));
    }

    [Fact]
    public void EveryAcceptedWordIsAccepted()
    {
        foreach (string word in AlgorithmWords.Accepted(ProtocolId.Ike).Concat(AlgorithmWords.Accepted(ProtocolId.Esp)))
            Assert.True(AlgorithmWords.TryFind(word, out Transform transform) && AlgorithmWords.NameOf(transform) == word);
        Assert.Contains("curve25519", AlgorithmWords.Accepted(ProtocolId.Ike));
        Assert.DoesNotContain("x25519", AlgorithmWords.Accepted(ProtocolId.Ike));
        Assert.Contains("chacha20poly1305", AlgorithmWords.Accepted(ProtocolId.Esp));
        Assert.DoesNotContain("cast128", AlgorithmWords.Accepted(ProtocolId.Esp));
    }

    [Fact]
    public void PrintsAPeersProposalWithWhatItHasNoWordFor()
    {
        ImmutableArray<Transform> transforms =
        [
            new(TransformType.Encryption, 12, 256), new(TransformType.Encryption, 99, 512), new(TransformType.Encryption, 28),
            new(TransformType.PseudorandomFunction, 5), new(TransformType.Integrity, 12), new(TransformType.KeyExchange, 15),
            new(TransformType.KeyExchange, 1000), new((TransformType)6, 35), new(TransformType.Encryption, 12, 128) { HasUnknownAttribute = true },
        ];
        Assert.Equal("aes256-encr99/512-chacha20poly1305-aes128+-sha256-modp3072-group1000-ke1_mlkem512",
            ProposalText.Print(new Proposal(1, ProtocolId.Ike, default, transforms)));
    }
}
