using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>
/// Certificates and raw public keys against strongSwan, each in both roles. After strongSwan's own net2net-cert, net2net-cert-sha2, net2net-ed25519,
/// net2net-pubkey, rw-cert-pss, rw-sig-auth, rw-psk-rsa-mixed, two-certs, multi-level authorities, wildcards, after-2038-certs and strong-keys-certs.
/// </summary>
public sealed class CertificateScenarios
{
    [Theory, Trait("Tier", "1")]
    [InlineData("certificate-rsa", true, "RSA_EMSA_PKCS1_SHA2")]
    [InlineData("certificate-ecdsa-256", false, "ECDSA_WITH_SHA256_DER")]
    [InlineData("certificate-chain", true, "ECDSA_WITH_SHA256_DER")]
    public Task TheUsualCertificatesAuthenticate(string scenario, bool weInitiate, string theirMethod) => AuthenticateAsync(scenario, weInitiate, theirMethod);

    [Theory, Trait("Tier", "2")]
    [InlineData("certificate-rsa", false, "RSA_EMSA_PKCS1_SHA2")]
    [InlineData("certificate-subject", true, "RSA_EMSA_PKCS1_SHA2")]
    [InlineData("certificate-subject", false, "RSA_EMSA_PKCS1_SHA2")]
    [InlineData("certificate-ecdsa-256", true, "ECDSA_WITH_SHA256_DER")]
    [InlineData("certificate-ecdsa-384", true, "ECDSA_WITH_SHA384_DER")]
    [InlineData("certificate-ecdsa-384", false, "ECDSA_WITH_SHA384_DER")]
    [InlineData("certificate-ecdsa-521", true, "ECDSA_WITH_SHA512_DER")]
    [InlineData("certificate-ecdsa-521", false, "ECDSA_WITH_SHA512_DER")]
    [InlineData("certificate-ed25519", true, "ED25519")]
    [InlineData("certificate-ed25519", false, "ED25519")]
    [InlineData("certificate-pss", true, "RSA_EMSA_PSS_SHA2")]
    [InlineData("certificate-pss", false, "RSA_EMSA_PSS_SHA2")]
    [InlineData("certificate-hash", true, "RSA_EMSA_PKCS1_SHA2_384")]
    [InlineData("certificate-hash", false, "RSA_EMSA_PKCS1_SHA2_384")]
    [InlineData("certificate-older-rsa", true, "RSA signature")]
    [InlineData("certificate-older-rsa", false, "RSA signature")]
    [InlineData("certificate-older-ecdsa-256", true, "ECDSA-256 signature")]
    [InlineData("certificate-older-ecdsa-256", false, "ECDSA-256 signature")]
    [InlineData("certificate-older-ecdsa-384", true, "ECDSA-384 signature")]
    [InlineData("certificate-older-ecdsa-384", false, "ECDSA-384 signature")]
    [InlineData("certificate-older-ecdsa-521", true, "ECDSA-521 signature")]
    [InlineData("certificate-older-ecdsa-521", false, "ECDSA-521 signature")]
    [InlineData("certificate-strong", true, "RSA_EMSA_PKCS1_SHA2")]
    [InlineData("certificate-strong", false, "RSA_EMSA_PKCS1_SHA2")]
    [InlineData("certificate-after-2038", true, "ECDSA_WITH_SHA256_DER")]
    [InlineData("certificate-after-2038", false, "ECDSA_WITH_SHA256_DER")]
    [InlineData("certificate-chain", false, "ECDSA_WITH_SHA256_DER")]
    [InlineData("certificate-two", true, "RSA_EMSA_PKCS1_SHA2")]
    [InlineData("certificate-two", false, "RSA_EMSA_PKCS1_SHA2")]
    [InlineData("certificate-wildcard", true, "ECDSA_WITH_SHA256_DER")]
    [InlineData("certificate-wildcard", false, "ECDSA_WITH_SHA256_DER")]
    [InlineData("certificate-pinned", true, "ECDSA_WITH_SHA256_DER")]
    [InlineData("certificate-pinned", false, "ECDSA_WITH_SHA256_DER")]
    [InlineData("public-keys", true, "RSA_EMSA_PKCS1_SHA2")]
    [InlineData("public-keys", false, "RSA_EMSA_PKCS1_SHA2")]
    [InlineData("certificate-mixed", true, "pre-shared key")]
    [InlineData("certificate-mixed", false, "pre-shared key")]
    public Task EveryOtherWayAuthenticates(string scenario, bool weInitiate, string theirMethod) => AuthenticateAsync(scenario, weInitiate, theirMethod);

    [Theory, Trait("Tier", "1")]
    [InlineData("certificate-expired", true, "The certificate of C=CH, O=Interop, CN=theirs expired on 202")]
    [InlineData("certificate-revoked", false, "The certificate of C=CH, O=Interop, CN=theirs was revoked on 20")]
    public Task AnInvalidCertificateIsRefusedInWords(string scenario, bool weInitiate, string reason) => RefuseAsync(scenario, weInitiate, reason);

    [Theory, Trait("Tier", "2")]
    [InlineData("certificate-expired", false, "The certificate of C=CH, O=Interop, CN=theirs expired on 202")]
    [InlineData("certificate-revoked", true, "The certificate of C=CH, O=Interop, CN=theirs was revoked on 20")]
    [InlineData("certificate-path-length", true,
        "There are more certification authorities below C=CH, O=Interop, CN=ca than its path length constraint allows")]
    [InlineData("certificate-path-length", false,
        "There are more certification authorities below C=CH, O=Interop, CN=ca than its path length constraint allows")]
    [InlineData("certificate-unknown-authority", true, "CN=other")]
    [InlineData("certificate-unknown-authority", false, "CN=other")]
    [InlineData("certificate-wrong-name", true, "CN=somebody")]
    [InlineData("certificate-wrong-name", false, "CN=somebody")]
    public Task EveryOtherInvalidCertificateIsRefusedInWords(string scenario, bool weInitiate, string reason) => RefuseAsync(scenario, weInitiate, reason);

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task ARevokedCertificateOfOursIsRefused(bool weInitiate) => Scenario.RunAsync("certificate-own-revoked", async scenario =>
    {
        await FailAsync(scenario, weInitiate);
        Assert.Contains("certificate was revoked on", scenario.Theirs.ReadLog(), StringComparison.Ordinal);
        await scenario.AssertNoSasAsync();
    });

    static Task AuthenticateAsync(string name, bool weInitiate, string theirMethod) => Scenario.RunAsync(name, async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal(weInitiate ? "initiator" : "responder", sas.Ours.IkeSa!.Role);
        Assert.Contains($"authentication of '{(name is "certificate-subject" or "certificate-wildcard" ? "C=CH, O=Interop, CN=theirs" : "theirs.example")}' " +
            $"(myself) with {theirMethod}",
            scenario.Theirs.ReadLog(), StringComparison.Ordinal);
        await scenario.AssertTrafficAsync(octets: 200_000);
        Assert.True((await scenario.Ours.RekeyAsync("ike")).Ok);
        await scenario.AssertSasAgreeAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    static Task RefuseAsync(string name, bool weInitiate, string reason) => Scenario.RunAsync(name, async scenario =>
    {
        string reasons = await FailAsync(scenario, weInitiate);
        Assert.Contains("known authentication-failed", reasons, StringComparison.Ordinal);
        Assert.Contains(reason, reasons, StringComparison.Ordinal);
        await scenario.AssertNoSasAsync();
        await scenario.Wire.AssertNoTrafficAsync();
    });

    /// <summary>Initiates, which must fail; returns what our side says about it.</summary>
    static async Task<string> FailAsync(Scenario scenario, bool weInitiate)
    {
        IReadOnlyList<HostReason> reasons;
        if (weInitiate)
        {
            HostAnswer answer = await scenario.Ours.InitiateAsync();
            Assert.False(answer.Ok);
            reasons = answer.Reasons;
        }
        else
        {
            ToolResult result = await scenario.Theirs.InitiateAsync("net");
            Assert.NotEqual(0, result.ExitCode);
            reasons = (await scenario.Ours.GetTunnelAsync()).Reasons;
        }
        return string.Join('\n', reasons.Select(each => $"{each.Certainty} {each.Code}: {each.Text}"));
    }
}
