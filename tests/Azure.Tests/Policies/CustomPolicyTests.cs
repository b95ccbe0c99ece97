using Ipsec.Azure.Policies;
using Ipsec.Azure.Resources;
using Ipsec.Ike.Configuration;

namespace Ipsec.Azure.Tests.Policies;

public class CustomPolicyTests
{
    [Fact]
    public void IsTheOnlyOfferInBothRoles()
    {
        IpsecPolicy policy = SampleEnvironment.Policy;

        Assert.Equal(["aes256-sha384-ecp384"], PolicyProposals.MainMode(policy).Select(ProposalText.Print));
        Assert.Equal(["aes256gcm16-ecp384"], PolicyProposals.QuickModeInitiator(policy).Select(ProposalText.Print));
        Assert.Equal(["aes256gcm16-ecp384"], PolicyProposals.QuickModeResponder(policy).Select(ProposalText.Print));
    }

    [Theory]
    [InlineData(IkeEncryption.GCMAES256, IkeIntegrity.SHA384, DhGroup.DHGroup14, "aes256gcm16-prfsha384-modp2048")]
    [InlineData(IkeEncryption.GCMAES256, IkeIntegrity.GCMAES256, DhGroup.DHGroup2048, "aes256gcm16-prfsha384-modp2048")]
    [InlineData(IkeEncryption.GCMAES128, IkeIntegrity.GCMAES128, DhGroup.ECP256, "aes128gcm16-prfsha256-ecp256")]
    [InlineData(IkeEncryption.AES192, IkeIntegrity.SHA256, DhGroup.ECP384, "aes192-sha256-ecp384")]
    [InlineData(IkeEncryption.DES3, IkeIntegrity.SHA1, DhGroup.DHGroup2, "3des-sha1-modp1024")]
    public void IkeIntegrityIsThePrfToo(IkeEncryption encryption, IkeIntegrity integrity, DhGroup group, string expected)
    {
        IpsecPolicy policy = SampleEnvironment.Policy with { IkeEncryption = encryption, IkeIntegrity = integrity, DhGroup = group };

        Assert.Equal([expected], PolicyProposals.MainMode(policy).Select(ProposalText.Print));
    }

    [Theory]
    [InlineData(PfsGroup.None, "aes256gcm16")]
    [InlineData(PfsGroup.PFS2, "aes256gcm16-modp1024")]
    [InlineData(PfsGroup.PFS2048, "aes256gcm16-modp2048")]
    [InlineData(PfsGroup.PFS14, "aes256gcm16-modp2048")]
    [InlineData(PfsGroup.ECP256, "aes256gcm16-ecp256")]
    [InlineData(PfsGroup.PFSMM, "aes256gcm16-ecp384")]
    public void PfsGroupIsTheChildsKeyExchange(PfsGroup group, string expected)
    {
        IpsecPolicy policy = SampleEnvironment.Policy with { PfsGroup = group };

        Assert.Equal([expected], PolicyProposals.QuickModeInitiator(policy).Select(ProposalText.Print));
    }

    [Fact]
    public void EveryPairOfIpsecValuesEitherMapsOrIsRefusedByTheRules()
    {
        foreach (IpsecEncryption encryption in Enum.GetValues<IpsecEncryption>())
        {
            foreach (IpsecIntegrity integrity in Enum.GetValues<IpsecIntegrity>())
            {
                IpsecPolicy policy = SampleEnvironment.Policy with { IpsecEncryption = encryption, IpsecIntegrity = integrity };
                AzureEnvironment environment = SampleEnvironment.Create().With(SampleEnvironment.Connection with { IpsecPolicies = [policy] });

                if (Azure.Rules.AzureRules.Check(environment).IsEmpty)
                    Assert.Single(PolicyProposals.QuickModeInitiator(policy));
            }
        }
    }

    [Fact]
    public void EveryPairOfIkeValuesEitherMapsOrIsRefusedByTheRules()
    {
        foreach (IkeEncryption encryption in Enum.GetValues<IkeEncryption>())
        {
            foreach (IkeIntegrity integrity in Enum.GetValues<IkeIntegrity>())
            {
                foreach (DhGroup group in Enum.GetValues<DhGroup>())
                {
                    IpsecPolicy policy = SampleEnvironment.Policy with { IkeEncryption = encryption, IkeIntegrity = integrity, DhGroup = group };
                    AzureEnvironment environment = SampleEnvironment.Create().With(SampleEnvironment.Connection with { IpsecPolicies = [policy] });

                    if (Azure.Rules.AzureRules.Check(environment).IsEmpty)
                        Assert.Single(PolicyProposals.MainMode(policy));
                }
            }
        }
    }
}
