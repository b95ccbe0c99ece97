using Ipsec.Azure.Policies;
using Ipsec.Ike.Configuration;

namespace Ipsec.Azure.Tests.Policies;

/// <summary>The tables of Microsoft's "About VPN devices", route-based gateways, in its order and in its own words.</summary>
public class DefaultPolicyTests
{
    [Fact]
    public void MainModeHasSixOffersAllWithGroup2() => Assert.Equal(
        ["AES256/SHA1/2", "AES256/SHA256/2", "AES128/SHA1/2", "AES128/SHA256/2", "DES3/SHA1/2", "DES3/SHA256/2"],
        DefaultPolicy.MainMode.Select(offer => $"{offer.Encryption}/{offer.Integrity}/{offer.Group.ToString()["DHGroup".Length..]}"));

    [Fact]
    public void QuickModeInitiatorHasSixOffersWithoutPfs() => Assert.Equal(
        ["GCMAES256/GCMAES256/None", "AES256/SHA1/None", "DES3/SHA1/None", "AES256/SHA256/None", "AES128/SHA1/None", "DES3/SHA256/None"],
        DefaultPolicy.QuickModeInitiator.Select(Words));

    [Fact]
    public void QuickModeResponderHasTwentySixOffers() => Assert.Equal(
        [
            "GCMAES256/GCMAES256/None", "AES256/SHA1/None", "DES3/SHA1/None", "AES256/SHA256/None", "AES128/SHA1/None", "DES3/SHA256/None",
            "DES/SHA1/None", "AES256/SHA1/PFS1", "AES256/SHA1/PFS2", "AES256/SHA1/PFS2048", "AES128/SHA1/PFS1", "AES128/SHA1/PFS2", "AES128/SHA1/PFS2048",
            "DES3/SHA1/PFS1", "DES3/SHA1/PFS2", "DES3/SHA256/PFS2", "AES256/SHA256/PFS1", "AES256/SHA256/PFS2", "AES256/SHA256/PFS2048",
            "AES256/SHA1/PFS24", "AES256/SHA256/PFS24", "AES128/SHA256/None", "AES128/SHA256/PFS1", "AES128/SHA256/PFS2", "AES128/SHA256/PFS2048",
            "DES3/SHA1/PFS2048",
        ],
        DefaultPolicy.QuickModeResponder.Select(Words));

    [Fact]
    public void MainModeIsOfferedInItsOrder() => Assert.Equal(
        ["aes256-sha1-modp1024", "aes256-sha256-modp1024", "aes128-sha1-modp1024", "aes128-sha256-modp1024", "3des-sha1-modp1024", "3des-sha256-modp1024"],
        PolicyProposals.MainMode(null).Select(ProposalText.Print));

    [Fact]
    public void InitiatorOffersItsTableInOneProposalEach() => Assert.Equal(
        ["aes256gcm16", "aes256-sha1", "3des-sha1", "aes256-sha256", "aes128-sha1", "3des-sha256"],
        PolicyProposals.QuickModeInitiator(null).Select(ProposalText.Print));

    [Fact]
    public void ResponderAcceptsItsTableInOrder() => Assert.Equal(
        [
            "aes256gcm16", "aes256-sha1", "3des-sha1", "aes256-sha256", "aes128-sha1", "3des-sha256", "des-sha1",
            "aes256-sha1-modp768", "aes256-sha1-modp1024", "aes256-sha1-modp2048", "aes128-sha1-modp768", "aes128-sha1-modp1024", "aes128-sha1-modp2048",
            "3des-sha1-modp768", "3des-sha1-modp1024", "3des-sha256-modp1024", "aes256-sha256-modp768", "aes256-sha256-modp1024", "aes256-sha256-modp2048",
            "aes256-sha1-modp2048s256", "aes256-sha256-modp2048s256", "aes128-sha256", "aes128-sha256-modp768", "aes128-sha256-modp1024",
                "aes128-sha256-modp2048",
            "3des-sha1-modp2048",
        ],
        PolicyProposals.QuickModeResponder(null).Select(ProposalText.Print));

    [Fact]
    public void ResponderCanLeaveOutWhatMustNotBeUsed() => Assert.Equal(
        [
            "aes256gcm16", "aes256-sha1", "3des-sha1", "aes256-sha256", "aes128-sha1", "3des-sha256",
            "aes256-sha1-modp1024", "aes256-sha1-modp2048", "aes128-sha1-modp1024", "aes128-sha1-modp2048",
            "3des-sha1-modp1024", "3des-sha256-modp1024", "aes256-sha256-modp1024", "aes256-sha256-modp2048",
            "aes256-sha1-modp2048s256", "aes256-sha256-modp2048s256", "aes128-sha256", "aes128-sha256-modp1024", "aes128-sha256-modp2048", "3des-sha1-modp2048",
        ],
        PolicyProposals.QuickModeResponder(null, withObsolete: false).Select(ProposalText.Print));

    static string Words(QuickModeOffer offer) => $"{offer.Encryption}/{offer.Integrity}/{offer.Group}";
}
