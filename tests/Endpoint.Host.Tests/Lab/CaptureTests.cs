namespace Ipsec.EndpointHost.Tests.Lab;

/// <summary>An independent decoder reads what a lab recorded: everything decrypted, every integrity check value correct.</summary>
public sealed class CaptureTests
{
    const string NotInstalled = "interop: a program is missing that ./test.sh installs as root on Debian: tshark";

    const string NatOverSha256 = """
        name: nat
        sites:
          left:
            networks: [10.1.0.0/24]
            device: { address: 192.168.1.1, nat: { publicAddress: 203.0.113.9 }, proposals: [aes256-sha256-ecp256], espProposals: [aes256-sha256],
                      connections: [{ name: link, peer: right, sharedKey: secret-of-both }] }
          right:
            networks: [10.2.0.0/24]
            device: { address: 198.51.100.1, startAction: none, proposals: [aes256-sha256-ecp256], espProposals: [aes256-sha256],
                      connections: [{ name: link, peer: left, sharedKey: secret-of-both }] }
        hosts:
          a: { in: left, address: 10.1.0.10 }
          b: { in: right, address: 10.2.0.10 }
        expect:
          - ping a -> b

        """;

    [Fact]
    public async Task TsharkReadsIkeAndRawEsp()
    {
        using var folder = new TemporaryFolder();
        string details = await RecordAndDecodeAsync(Path.Combine(HostProcess.SamplesFolder, "site-to-site.yaml"), folder.Path, "branch");
        Assert.Contains("Identification Data:203.0.113.5", details);
        Assert.Equal(4, Count(details, "<HMAC_SHA1_96 [RFC2404]>[correct]"));
        Assert.Equal(12, Count(details, "<AES-GCM [RFC4106]> [correct]"));
        Assert.Equal(6, Count(details, "Type: 8 (Echo (ping) request)"));
        Assert.Equal(6, Count(details, "Type: 0 (Echo (ping) reply)"));
    }

    [Theory]
    [InlineData("left")]
    [InlineData("left-nat")]
    [InlineData("right")]
    public async Task TsharkReadsUdpEncapsulationOnBothSidesOfANat(string wire)
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "nat.yaml");
        await File.WriteAllTextAsync(file, NatOverSha256, TestContext.Current.CancellationToken);
        string details = await RecordAndDecodeAsync(file, folder.Path, wire);
        Assert.Contains("UDP Encapsulation of IPsec Packets", details);
        Assert.Equal(4, Count(details, "<HMAC_SHA2_256_128 [RFC4868]>[correct]"));
        Assert.Equal(3, Count(details, "Type: 8 (Echo (ping) request)"));
        Assert.Equal(3, Count(details, "Type: 0 (Echo (ping) reply)"));
        Assert.DoesNotContain("[incorrect", details);
    }

    static async Task<string> RecordAndDecodeAsync(string topology, string folder, string wire)
    {
        RequireTshark();
        (int exitCode, _, string error) = await HostProcess.RunAsync("lab", "run", topology, "--capture", folder);
        Assert.Equal((0, ""), (exitCode, HostProcess.WithoutWarnings(error)));
        (exitCode, string details, _) = await HostProcess.RunProgramAsync("tshark",
            ["-r", Path.Combine(folder, $"{wire}.pcap"), "-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE", "-V"],
            [("WIRESHARK_CONFIG_DIR", folder)]);
        Assert.Equal(0, exitCode);
        return details;
    }

    /// <summary>The test run installs it where it may; as root on Debian there is no excuse.</summary>
    static void RequireTshark()
    {
        bool isInstalled = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "tshark")));
        if (Environment.IsPrivilegedProcess && File.Exists("/etc/debian_version"))
            Assert.True(isInstalled, NotInstalled);
        Assert.SkipUnless(isInstalled, NotInstalled);
    }

    static int Count(string text, string part) => text.Split(part).Length - 1;
}
