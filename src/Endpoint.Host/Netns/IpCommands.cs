using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Processes;

namespace Ipsec.EndpointHost.Netns;

/// <summary>Calls of iproute2 and nftables, many commands in one process.</summary>
static class IpCommands
{
    /// <summary>Commands of <c>ip</c>, one in each line; nothing for none.</summary>
    /// <param name="space">The namespace in which they work; null is that of this process.</param>
    /// <exception cref="UserErrorException">One of them failed, or there is no such program.</exception>
    public static async Task BatchAsync(IEnumerable<string> lines, string? space = null, bool isV6 = false)
    {
        string text = string.Concat(lines.Select(line => line + "\n"));
        if (text.Length > 0)
            await RequireAsync("ip", [.. isV6 ? (string[])["-6"] : [], .. space is null ? (string[])[] : ["-n", space], "-batch", "-"], text);
    }

    /// <summary>Loads a rule set.</summary>
    /// <inheritdoc cref="BatchAsync" path="/exception"/>
    public static Task LoadRulesAsync(string space, string rules) => RequireAsync("ip", ["netns", "exec", space, "nft", "-f", "-"], rules);

    /// <inheritdoc cref="BatchAsync" path="/exception"/>
    public static async Task<string> RequireAsync(string program, IEnumerable<string> arguments, string input = "")
    {
        ToolResult result = await RunAsync(program, arguments, input);
        if (result.ExitCode == 0)
            return result.Output;
        string reason = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? $"exit code {result.ExitCode}";
        throw new UserErrorException($"'{result.CommandLine}' failed: {reason.Trim().TrimEnd('.')}.");
    }

    /// <summary>Whatever its exit code is.</summary>
    /// <exception cref="UserErrorException">There is no such program.</exception>
    public static async Task<ToolResult> RunAsync(string program, IEnumerable<string> arguments, string input = "")
    {
        try
        {
            return await Tool.RunAsync(program, arguments, input: input);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new UserErrorException($"The program {program} is missing; a lab on network namespaces needs iproute2, nftables and ping.");
        }
    }
}
