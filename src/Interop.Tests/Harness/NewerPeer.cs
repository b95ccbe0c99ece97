using System.Runtime.InteropServices;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>
/// A newer Debian in a folder, with strongSwan 6 and our host published self-contained inside it: both run under chroot with its OpenSSL, which has ML-KEM.
/// <c>tests/newer-peer.sh</c> lays it out once; the environment variable IPSEC_NEWER_PEER names another folder than <c>artifacts/newer-peer</c>.
/// </summary>
static class NewerPeer
{
    internal const string Charon = "/usr/sbin/charon-systemd";
    internal const string Host = "/opt/ipsec-endpoint/ipsec-endpoint";

    const string NotThere = "optional peer: strongSwan 6 in a folder of a newer Debian: ";

    // What the folder needs of the machine, the scratch folder at its own path, and a /run of its own. $0 is the root, $1 the scratch folder.
    const string Enter = """
        root=$0 scratch=$1; shift
        mount --bind /proc "$root/proc" && mount --rbind /dev "$root/dev" && mount --rbind /sys "$root/sys" && mount -t tmpfs tmpfs "$root/run" \
          && mount -t tmpfs tmpfs "$root/tmp" && mkdir -p "$root$scratch" && mount --bind "$scratch" "$root$scratch" \
          && exec chroot "$root" /usr/bin/env DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$@"
        """;

    static readonly TimeSpan LayOutTimeout = TimeSpan.FromMinutes(10);

    static readonly Lazy<Task<string>> Prepared = new(LayOutAsync);

    /// <summary>The folder, ready; skips the calling test where it cannot be made.</summary>
    internal static async Task<string> PrepareAsync()
    {
        Requirements.SkipUnlessMet();
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, NotThere + "it is laid out for x64");
        string problem = await Prepared.Value;
        Assert.SkipWhen(problem.Length > 0, NotThere + problem);
        return Root;
    }

    /// <summary>The program and arguments that run a program inside the folder.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="scratch">A folder of the machine that is there under the same path.</param>
    internal static (string Program, IEnumerable<string> Arguments) Command(string root, string scratch, string program, IEnumerable<string> arguments) =>
        ("unshare", ["-m", "--propagation", "private", "sh", "-c", Enter, root, scratch, program, .. arguments]);

    static string Root => Environment.GetEnvironmentVariable("IPSEC_NEWER_PEER") is { Length: > 0 } folder ? folder
        : Path.Combine(Repository, "artifacts", "newer-peer");

    static string Repository
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Ipsec.sln")))
                folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run from the repository.");
            return folder;
        }
    }

    /// <summary>Empty, or why it could not be done.</summary>
    static async Task<string> LayOutAsync()
    {
        ToolResult result = await Tool.RunAsync("bash", [Path.Combine(Repository, "tests", "newer-peer.sh"), Root], LayOutTimeout);
        return result.ExitCode == 0 ? "" : result.Output.TrimEnd().Split('\n')[^1];
    }
}
