using Ipsec.Crypto.Certificates;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Crypto.Tests.Certificates;

/// <summary>Revocation lists of the configuration, and what each policy makes of what they say or leave out.</summary>
public sealed class RevocationTests
{
    static readonly DateTimeOffset Now = CertificateOptions.Now;
    static readonly TestCertificate Root = TestCertificate.Root("CN=Root");
    static readonly TestCertificate Good = Root.Issue("CN=good");
    static readonly TestCertificate Bad = Root.Issue("CN=bad");
    static readonly byte[] Current = Root.RevocationList(Now.AddDays(-1), Now.AddDays(1), (Bad, Now.AddDays(-3)));
    static readonly byte[] Expired = Root.RevocationList(Now.AddDays(-10), Now.AddDays(-2), (Bad, Now.AddDays(-20)));
    static readonly byte[] Future = Root.RevocationList(Now.AddDays(2), Now.AddDays(9));

    [Theory]
    [InlineData(RevocationPolicy.Relaxed)]
    [InlineData(RevocationPolicy.IfUri)]
    [InlineData(RevocationPolicy.Strict)]
    public void RefusesWhatAListNames(RevocationPolicy policy)
    {
        CertificateVerdict verdict = Validate(Bad, policy, Current);
        Assert.Equal(CertificateProblem.Revoked, verdict.Problem);
        Assert.Equal("The certificate of CN=bad was revoked on 2026-05-29 12:00:00 UTC by CN=Root.", verdict.Text);
        Assert.True(Validate(Good, policy, Current).IsTrusted);
    }

    [Fact]
    public void OffLooksAtNoList() => Assert.True(Validate(Bad, RevocationPolicy.Off, Current).IsTrusted);

    [Fact]
    public void WithoutAListStrictRefusesAndRelaxedDoesNot()
    {
        Assert.True(Validate(Good, RevocationPolicy.Relaxed).IsTrusted);
        Assert.True(Validate(Good, RevocationPolicy.IfUri).IsTrusted);
        CertificateVerdict verdict = Validate(Good, RevocationPolicy.Strict);
        Assert.Equal(CertificateProblem.RevocationUnknown, verdict.Problem);
        Assert.Equal("There is no revocation list of CN=Root, and the revocation policy needs one for CN=good.", verdict.Text);
    }

    [Fact]
    public void IfUriAsksForAListOnlyWhereTheCertificateNamesASource()
    {
        // CRLDistributionPoints with one URI.
        byte[] points = [0x30, 0x15, 0x30, 0x13, 0xA0, 0x11, 0xA0, 0x0F, 0x86, 0x0D, .. "http://c.test"u8];
        TestCertificate named = Root.Issue("CN=named", new()
        { More = [new System.Security.Cryptography.X509Certificates.X509Extension("2.5.29.31", points, critical: false)] });
        Assert.True(named.Certificate.NamesRevocationSource);
        Assert.Equal(CertificateProblem.RevocationUnknown, Validate(named, RevocationPolicy.IfUri).Problem);
        Assert.True(Validate(named, RevocationPolicy.Relaxed).IsTrusted);
        Assert.True(Validate(named, RevocationPolicy.IfUri, Current).IsTrusted);
    }

    [Fact]
    public void AnExpiredListIsNoListExceptForWhatItNames()
    {
        Assert.True(Validate(Good, RevocationPolicy.Relaxed, Expired).IsTrusted);
        CertificateVerdict verdict = Validate(Good, RevocationPolicy.Strict, Expired);
        Assert.Equal("The revocation list of CN=Root expired on 2026-05-30 12:00:00 UTC, and the revocation policy needs a current one for CN=good.",
            verdict.Text);
        Assert.Equal(CertificateProblem.Revoked, Validate(Bad, RevocationPolicy.Relaxed, Expired).Problem);
        Assert.True(Validate(Good, RevocationPolicy.Strict, Expired, Current).IsTrusted);
    }

    [Fact]
    public void AListOfTheFutureIsNoList()
    {
        Assert.True(Validate(Good, RevocationPolicy.Relaxed, Future).IsTrusted);
        Assert.Equal("The revocation list of CN=Root is not valid before 2026-06-03 12:00:00 UTC; it is 2026-06-01 12:00:00 UTC.",
            Validate(Good, RevocationPolicy.Strict, Future).Text);
    }

    [Fact]
    public void AListOfAnotherAuthorityWithTheSameNameDoesNotCount()
    {
        TestCertificate impostor = TestCertificate.Root("CN=Root", new() { IsAuthority = true, KeyName = "impostor" });
        byte[] forged = impostor.RevocationList(Now.AddDays(-1), Now.AddDays(1), (Good, Now.AddDays(-1)));
        Assert.NotEqual(CertificateProblem.Revoked, Validate(Good, RevocationPolicy.Relaxed, forged).Problem);
        Assert.False(Validate(Good, RevocationPolicy.Strict, forged).IsTrusted);
    }

    [Fact]
    public void EachAuthorityOfThePathNeedsAListExceptTheAnchor()
    {
        TestCertificate intermediate = Root.IssueAuthority("CN=Intermediate");
        TestCertificate gateway = intermediate.Issue("CN=gw");
        byte[] intermediateList = intermediate.RevocationList(Now.AddDays(-1), Now.AddDays(1));
        byte[] intermediateRevoked = Root.RevocationList(Now.AddDays(-1), Now.AddDays(1), (intermediate, Now.AddDays(-2)));
        Assert.Equal("There is no revocation list of CN=Root, and the revocation policy needs one for CN=Intermediate.",
            Validate(gateway, [intermediate], RevocationPolicy.Strict, intermediateList).Text);
        Assert.True(Validate(gateway, [intermediate], RevocationPolicy.Strict, intermediateList, Current).IsTrusted);
        Assert.Equal("The certificate of CN=Intermediate was revoked on 2026-05-30 12:00:00 UTC by CN=Root.",
            Validate(gateway, [intermediate], RevocationPolicy.Relaxed, intermediateRevoked).Text);

        using CertificatePathValidator pinned = new([intermediate.Certificate], [], Lists(intermediateList));
        Assert.True(pinned.Validate(gateway.Certificate, [], RevocationPolicy.Strict, Now).IsTrusted);
    }

    [Fact]
    public void ReadsListsAndTheirDates()
    {
        Assert.True(RevocationList.TryParse(Current, out RevocationList? list));
        Assert.Equal("CN=Root", list.Issuer.ToString());
        Assert.Equal(Now.AddDays(-1), list.ThisUpdate);
        Assert.Equal(Now.AddDays(1), list.NextUpdate);
        Assert.Equal(Now.AddDays(-3), list.RevokedAt(Convert.FromHexString(Bad.Certificate.SerialNumber)));
        Assert.Null(list.RevokedAt(Convert.FromHexString(Good.Certificate.SerialNumber)));
        for (int length = 0; length < Current.Length; length++)
            Assert.False(RevocationList.TryParse(Current.AsSpan(0, length), out _));
        Assert.False(RevocationList.TryParse([.. Current, 0], out _));
        Assert.False(RevocationList.TryReadAll(Root.Der, out _, out string? error));
        Assert.Equal("is no certificate revocation list in PEM or DER", error);
        Assert.False(RevocationList.TryReadAll(System.Text.Encoding.ASCII.GetBytes(Root.Pem), out _, out error));
        Assert.Equal("holds CERTIFICATE where a revocation list is expected", error);
    }

    static IEnumerable<RevocationList> Lists(params byte[][] lists) =>
        lists.Select(der => RevocationList.TryParse(der, out RevocationList? list) ? list : throw new InvalidOperationException());

    static CertificateVerdict Validate(TestCertificate subject, RevocationPolicy policy, params byte[][] lists) => Validate(subject, [], policy, lists);

    static CertificateVerdict Validate(TestCertificate subject, TestCertificate[] untrusted, RevocationPolicy policy, params byte[][] lists)
    {
        using CertificatePathValidator validator = new([Root.Certificate], [], Lists(lists));
        return validator.Validate(subject.Certificate, [.. untrusted.Select(other => other.Certificate)], policy, Now);
    }
}
