namespace Ipsec.Interop.Tests.Harness;

/// <summary>What a scenario needs from the machine; where it is not there the test is skipped, for one of these reasons.</summary>
static class Requirements
{
    const string NotRoot = "interop: network namespaces need root";
    const string NoTunDevice = "interop: /dev/net/tun is missing";
    const string MissingProgram = "interop: a program is missing that ./test.sh installs as root on Debian: ";

    /// <summary>Debian's own: another python3 on the path does not know Debian's packages.</summary>
    internal const string Python = "/usr/bin/python3";

    const string ScapyPackage = "/usr/lib/python3/dist-packages/scapy/__init__.py";

    static readonly string[] Programs =
        ["/usr/sbin/swanctl", CharonDaemon.Program, "/usr/lib/ipsec/plugins/libstrongswan-openssl.so", "/usr/sbin/nft", "/usr/bin/tcpdump", Python,
            "/usr/bin/ping"];

    /// <summary>Skips the calling test unless the machine can run strongSwan in namespaces.</summary>
    internal static void SkipUnlessMet()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, NotRoot);
        Assert.SkipUnless(File.Exists("/dev/net/tun"), NoTunDevice);
        SkipWithout(Programs);
    }

    /// <summary>Skips the calling test unless the machine can run labs on network namespaces, with the programs that are tried in them.</summary>
    internal static void SkipUnlessNamespacesAndIperf()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, NotRoot);
        Assert.SkipUnless(File.Exists("/dev/net/tun"), NoTunDevice);
        SkipWithout("/usr/sbin/nft", "/usr/bin/ping", "/usr/bin/iperf3", "/usr/bin/tshark");
    }

    /// <summary>Skips the calling test unless strongSwan's pki is there.</summary>
    internal static void SkipWithoutPki() => SkipWithout(TestCertificates.Pki);

    /// <summary>Skips the calling test unless a C compiler is there.</summary>
    internal static void SkipWithoutCompiler() => SkipWithout(AcceptingKernel.Compiler);

    /// <summary>Skips the calling test unless scapy is there.</summary>
    internal static void SkipWithoutScapy() => SkipWithout(ScapyPackage);

    static void SkipWithout(params string[] files)
    {
        string? missing = files.FirstOrDefault(file => !File.Exists(file));
        Assert.SkipWhen(missing is not null, MissingProgram + missing);
    }
}
