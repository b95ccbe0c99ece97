namespace Ipsec.Interop.Tests.Harness;

/// <summary>
/// Scenarios as captures: where the environment variable IPSEC_INTEROP_RECORD names a folder, each scenario that passes leaves its packets
/// and Wireshark's key tables there. <c>captures/</c> of the repository was made so.
/// </summary>
static class Recording
{
    const int RecordedOctets = 5_000;

    static string? Folder => Environment.GetEnvironmentVariable("IPSEC_INTEROP_RECORD") is { Length: > 0 } folder ? folder : null;

    internal static bool IsOn => Folder is not null;

    /// <summary>A recording shows a few packets of a transfer, not all of 20 MB.</summary>
    internal static int Limit(int octets) => IsOn ? Math.Min(octets, RecordedOctets) : octets;

    internal static async Task SaveAsync(Scenario scenario)
    {
        if (scenario.Whole is not WireCapture whole)
            return;
        await whole.StopAsync();
        string target = Path.Combine(Folder!, scenario.Name);
        for (int number = 2; Directory.Exists(target); number++)
            target = Path.Combine(Folder!, $"{scenario.Name}-{number}");
        Directory.CreateDirectory(target);
        await Tool.RunCheckedAsync("tcpdump", "-r", whole.PcapFile, "-w", Path.Combine(target, "wire.pcap"), "udp port 500 or udp port 4500 or esp");
        foreach (string table in Directory.GetFiles(scenario.Ours.KeyFolder))
            File.Copy(table, Path.Combine(target, Path.GetFileName(table)));
    }
}
