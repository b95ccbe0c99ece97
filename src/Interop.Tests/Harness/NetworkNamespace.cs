using System.Globalization;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>
/// A network namespace of this test process. The name holds the process id, so that scenarios run side by side and a later run
/// can take away what a killed one left behind.
/// </summary>
sealed class NetworkNamespace : IAsyncDisposable
{
    /// <summary>Begins every name of this harness: namespaces and scratch folders; the owner's process id follows.</summary>
    internal const string Prefix = "ipsec-it-";

    NetworkNamespace(string name) => Name = name;

    internal string Name { get; }

    internal static async Task<NetworkNamespace> CreateAsync(string suffix)
    {
        NetworkNamespace created = new($"{Prefix}{Environment.ProcessId}-{suffix}");
        await Tool.RunCheckedAsync("ip", "netns", "add", created.Name);
        await created.IpAsync("link", "set", "lo", "up");
        return created;
    }

    /// <summary><c>ip</c> with these arguments inside the namespace.</summary>
    internal Task<string> IpAsync(params string[] arguments) => Tool.RunCheckedAsync("ip", ["-n", Name, .. arguments]);

    /// <summary>Runs a program inside the namespace, whatever its exit code is.</summary>
    internal Task<ToolResult> RunAsync(TimeSpan timeout, string program, params string[] arguments) =>
        Tool.RunAsync("ip", ["netns", "exec", Name, program, .. arguments], timeout);

    internal Task<string> RunCheckedAsync(string program, params string[] arguments) =>
        Tool.RunCheckedAsync("ip", ["netns", "exec", Name, program, .. arguments]);

    internal BackgroundProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        BackgroundProcess.Start("ip", ["netns", "exec", Name, program, .. arguments], environment);

    /// <summary>Loads a rule set of nftables.</summary>
    internal async Task LoadRulesAsync(string folder, string rules)
    {
        string file = Path.Combine(folder, Name + ".nft");
        await File.WriteAllTextAsync(file, rules);
        await RunCheckedAsync("nft", "-f", file);
    }

    public async ValueTask DisposeAsync() => await RemoveAsync(Name);

    /// <summary>Ends what runs in namespaces of test processes that are no more, and removes these and their scratch folders.</summary>
    internal static async Task RemoveStaleAsync()
    {
        string list = await Tool.RunCheckedAsync("ip", "netns", "list");
        foreach (string line in list.Split('\n'))
        {
            string name = line.Split(' ')[0];
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && !IsOwnedByLiveProcess(name))
                await RemoveAsync(name);
        }
        foreach (string folder in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            if (!IsOwnedByLiveProcess(Path.GetFileName(folder)))
                Directory.Delete(folder, recursive: true);
        }
    }

    static bool IsOwnedByLiveProcess(string name)
    {
        if (!int.TryParse(name.Split('-')[2], CultureInfo.InvariantCulture, out int owner))
            return true;
        try
        {
            // A process id comes again; its command line hardly does.
            return File.ReadAllText($"/proc/{owner}/cmdline").Contains("Ipsec.", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    static async Task RemoveAsync(string name)
    {
        ToolResult processes = await Tool.RunAsync("ip", ["netns", "pids", name]);
        string[] ids = processes.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (ids.Length > 0)
            await Tool.RunAsync("kill", ["-KILL", .. ids]);
        await Tool.RunAsync("ip", ["netns", "delete", name]);
    }
}
