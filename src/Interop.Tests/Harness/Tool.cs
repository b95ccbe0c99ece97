using System.Diagnostics;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>What a program left behind.</summary>
sealed record ToolResult(string CommandLine, int ExitCode, string Output, string Error)
{
    public override string ToString() => $"{CommandLine}\nexit code {ExitCode}\n{Output}{Error}";
}

/// <summary>Runs a program to its end.</summary>
static class Tool
{
    static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Runs it, whatever its exit code is; past the timeout it is killed and the test fails.</summary>
    internal static async Task<ToolResult> RunAsync(string program, IEnumerable<string> arguments, TimeSpan? timeout = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        using Process process = new() { StartInfo = StartInfo(program, arguments, environment) };
        process.Start();
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string commandLine = $"{program} {string.Join(' ', process.StartInfo.ArgumentList)}";
        using CancellationTokenSource deadline = new(timeout ?? DefaultTimeout);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{commandLine} did not end in {(timeout ?? DefaultTimeout).TotalSeconds} s");
        }
        return new ToolResult(commandLine, process.ExitCode, await output, await error);
    }

    /// <summary>Runs it and fails the test unless the exit code is 0.</summary>
    internal static async Task<string> RunCheckedAsync(string program, params string[] arguments)
    {
        ToolResult result = await RunAsync(program, arguments);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException(result.ToString());
    }

    internal static ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return start;
    }
}
