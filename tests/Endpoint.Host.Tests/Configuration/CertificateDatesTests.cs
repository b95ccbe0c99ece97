using System.Security.Cryptography;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Tests.Lab;
using Ipsec.Lab.Topology;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.EndpointHost.Tests.Configuration;

public sealed class CertificateDatesTests
{
    [Fact]
    public void SaysOnceWhatHasExpiredAndWhatIsNotYetValid()
    {
        using var folder = new TemporaryFolder();
        DateTimeOffset now = CertificateOptions.Now;
        TestCertificate root = TestCertificate.Root("CN=Root", new() { IsAuthority = true, NotAfter = now.AddDays(-1) });
        TestCertificate gateway = root.Issue("CN=gw", new() { NotBefore = now.AddDays(1) });
        File.WriteAllText(Path.Combine(folder.Path, "root.pem"), root.Pem);
        File.WriteAllBytes(Path.Combine(folder.Path, "gw.der"), gateway.Der);
        File.WriteAllBytes(Path.Combine(folder.Path, "gw.key"), gateway.KeyPkcs8);
        File.WriteAllText(Path.Combine(folder.Path, "root.crl"), PemEncoding.WriteString("X509 CRL", root.RevocationList(now.AddDays(-9), now.AddDays(-2))));
        string file = Path.Combine(folder.Path, "topology.yaml");
        File.WriteAllText(file, """
            name: dates
            sites:
              left:
                networks: [10.1.0.0/24]
                device:
                  address: 192.0.2.1
                  certificate: { file: gw.der }
                  privateKey: { file: gw.key }
                  certificateAuthorities: { file: root.pem }
                  revocationLists: { file: root.crl }
                  connections:
                    - { name: one, peerAddress: 198.51.100.1, remoteNetworks: [10.2.0.0/24] }
                    - { name: two, peerAddress: 198.51.100.2, remoteNetworks: [10.3.0.0/24] }
            """);
        TopologyModel model = NodeFile.LoadTopology(file);

        Assert.Equal(
            [
                "The certificate of CN=gw is not valid before 2026-06-02 12:00:00 UTC: peers will refuse it.",
                "The certificate of CN=Root expired on 2026-05-31 12:00:00 UTC: nothing that it issued is accepted.",
                "The revocation list of CN=Root expired on 2026-05-30 12:00:00 UTC: it counts only for what it names.",
            ],
            CertificateDates.Warnings(model.Nodes[0].Endpoint, now));
        Assert.Equal(3, CertificateDates.Warnings(model.Nodes[0].Endpoint, now.AddYears(20)).Count);
        Assert.Empty(CertificateDates.Warnings(model.Nodes[0].Endpoint, now.AddDays(-8)).Skip(1));
    }
}
