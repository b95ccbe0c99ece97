using System.Diagnostics;

namespace Ipsec.EndpointHost.Processes;

/// <summary>What a program left behind.</summary>
sealed record ToolResult(string CommandLine, int ExitCode, string Output, string Error)
{
    public override string ToString() => $"{CommandLine}\nexit code {ExitCode}\n{Output}{Error}";
}

/// <summary>Runs a program to its end.</summary>
static class Tool
{
    static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Runs it, whatever its exit code is; past the timeout it is killed.</summary>
    /// <param name="input">What it reads from its standard input.</param>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    internal static async Task<ToolResult> RunAsync(string program, IEnumerable<string> arguments, TimeSpan? timeout = null,
        IReadOnlyDictionary<string, string>? environment = null, string input = "")
    {
        using Process process = new() { StartInfo = StartInfo(program, arguments, environment) };
        process.Start();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
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

    /// <summary>Runs it and returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">Its exit code is not 0; the message has all that it said.</exception>
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
