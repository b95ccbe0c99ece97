using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ipsec.EndpointHost.Netns;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>A lab on network namespaces as users run it: <c>lab run FILE --fabric netns --stay</c>, with a name of its own so that labs run side by side.</summary>
sealed partial class NetnsLab : IAsyncDisposable
{
    const string Prefix = "it-";

    /// <summary>Clear of every start, retransmission and recovery of the samples.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    static int _count;

    readonly BackgroundProcess _process;
    readonly string _folder;

    NetnsLab(BackgroundProcess process, string folder, string name, string file) => (_process, _folder, Name, File) = (process, folder, name, file);

    internal static string Executable => Path.Combine(AppContext.BaseDirectory, "ipsec-endpoint");

    internal string Name { get; }
    internal string File { get; }
    internal int ProcessId => _process.Id;
    internal string Output => _process.Output;

    /// <summary>The lab's own report, once there is a verdict.</summary>
    internal JsonElement Report { get; private set; }

    internal LabRecord Record => LabRecord.Find(Name) ?? throw new InvalidOperationException($"the lab {Name} is not recorded");

    /// <summary>Starts a sample and waits for its verdict.</summary>
    /// <param name="sample">Below samples/topologies, without its extension.</param>
    /// <param name="change">Changes the text, whose faults are taken out before.</param>
    internal static async Task<NetnsLab> StartAsync(string sample, Func<string, string>? change = null, params string[] options)
    {
        await RemoveStaleAsync();
        string name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
        string folder = Path.Combine(Path.GetTempPath(), $"{NetworkNamespace.Prefix}{Environment.ProcessId}-{name}");
        Directory.CreateDirectory(folder);
        string text = await System.IO.File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Topologies", $"{sample}.yaml"), TestContext.Current.CancellationToken);
        text = Faults().Replace(NameLine().Replace(text, $"name: {name}"), "");
        string file = Path.Combine(folder, "lab.yaml");
        await System.IO.File.WriteAllTextAsync(file, change is null ? text : change(text), TestContext.Current.CancellationToken);
        var lab = new NetnsLab(BackgroundProcess.Start(Executable, ["lab", "run", file, "--fabric", "netns", "--stay", "--json", "--perfect-wires", .. options]), folder, name, file);
        try
        {
            await lab.AwaitReportAsync();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every expectation of the file holds.</summary>
    internal void AssertPassed()
    {
        Assert.Equal("netns", Report.GetProperty("fabric").GetString());
        Assert.True(Report.GetProperty("passed").GetBoolean(), Report.GetProperty("expectations").GetRawText());
    }

    /// <summary>Runs a program at a node or a host.</summary>
    internal Task<ToolResult> ExecAsync(string node, params string[] command) => Tool.RunAsync(Executable, ["lab", "exec", "--lab", Name, node, .. command]);

    /// <summary>A second of iperf3's TCP between two hosts, in both directions; fails the test unless something comes through.</summary>
    internal async Task AssertIperfAsync(string from, string to, string address)
    {
        await using BackgroundProcess server = BackgroundProcess.Start(Executable, ["lab", "exec", "--lab", Name, to, "iperf3", "-s"]);
        foreach (string direction in (string[])["--get-server-output", "--reverse"])
        {
            ToolResult? result = null;
            bool isDone = await Wait.ForAsync(async () => (result = await ExecAsync(from, "iperf3", "-c", address, "-t", "1", "-J", direction)).Output.Contains("sum_received", StringComparison.Ordinal));
            Assert.True(isDone, result?.ToString());
            using JsonDocument document = JsonDocument.Parse(result!.Output);
            Assert.True(document.RootElement.GetProperty("end").GetProperty("sum_received").GetProperty("bits_per_second").GetDouble() > 1e6, result.ToString());
        }
    }

    internal Task<ToolResult> DownAsync(string argument) => Tool.RunAsync(Executable, ["lab", "down", argument]);

    /// <summary>Ends it without a chance to clean up.</summary>
    internal Task KillAsync() => _process.KillAsync();

    /// <summary>Waits for its end.</summary>
    internal async Task<int> WaitForExitAsync()
    {
        Assert.True(await _process.WaitForExitAsync(Patience), Output);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (LabRecord.Find(Name) is not null)
            await DownAsync(Name);
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    async Task AwaitReportAsync()
    {
        DateTimeOffset end = DateTimeOffset.UtcNow + Patience;
        while (!TryReadReport())
        {
            if (_process.HasExited || DateTimeOffset.UtcNow > end)
                throw new InvalidOperationException($"no report\n{Output}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    bool TryReadReport()
    {
        string output = Output;
        int start = output.IndexOf("\n{\n", StringComparison.Ordinal) + 1;
        if (!output.AsSpan(start).StartsWith("{\n") || !output.EndsWith("\n}\n", StringComparison.Ordinal))
            return false;
        using JsonDocument document = JsonDocument.Parse(output[start..]);
        Report = document.RootElement.Clone();
        return true;
    }

    /// <summary>Labs of test processes that are no more.</summary>
    static async Task RemoveStaleAsync()
    {
        foreach (LabRecord record in LabRecord.All().Where(record => record.Lab.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (!Directory.Exists($"/proc/{record.Lab.Split('-')[1]}"))
                await Tool.RunAsync(Executable, ["lab", "down", record.Lab]);
        }
    }

    [GeneratedRegex(@"^name: .*$", RegexOptions.Multiline)]
    private static partial Regex NameLine();

    [GeneratedRegex(@"^faults:\n(  .*\n)+", RegexOptions.Multiline)]
    private static partial Regex Faults();
}
