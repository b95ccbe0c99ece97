namespace Ipsec.Interop.Tests.Harness;

/// <summary>
/// Keys and certificates of a scenario. Its <c>certificates.sh</c> makes them with strongSwan's pki when the scenario starts, in a scratch folder: ours
/// beside <c>ours.yaml</c>, strongSwan's in the folders that swanctl knows, below <c>theirs</c>.
/// </summary>
static class TestCertificates
{
    internal const string Pki = "/usr/bin/pki";

    const string Script = "certificates.sh";

    /// <summary>The functions that the scripts share.</summary>
    const string Functions = "certificate-functions.sh";

    /// <summary>The scenario's own folder if it has no certificates, else a copy with them.</summary>
    internal static async Task<string> PrepareAsync(string scenario, string scratch)
    {
        if (!File.Exists(Path.Combine(scenario, Script)))
            return scenario;
        Requirements.SkipWithoutPki();
        string folder = Path.Combine(scratch, "scenario");
        Directory.CreateDirectory(Path.Combine(folder, "theirs"));
        foreach (string file in Directory.GetFiles(scenario))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        await Tool.RunCheckedAsync("sh", "-euc", "cd \"$1\" && . \"$2\" && . ./certificates.sh", "sh", folder, Path.Combine(scenario, "..", Functions));
        return folder;
    }

    /// <summary>Puts strongSwan's files where swanctl looks for them.</summary>
    internal static void CopyForSwanctl(string scenario, string destination)
    {
        string source = Path.Combine(scenario, "theirs");
        if (!Directory.Exists(source))
            return;
        foreach (string file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(destination, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
