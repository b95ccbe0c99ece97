using System.Globalization;
using System.Text;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>Real traffic between two inner addresses, recognizable where it passes in clear text.</summary>
static class Traffic
{
    /// <summary>Stands in every ping and all over every transfer.</summary>
    internal const string Marker = "CLEAR-TEXT";

    const int Port = 7007;


    /// <summary>Ping both ways, then a transfer both ways compared by hash.</summary>
    internal static async Task AssertBothWaysAsync(NetworkNamespace left, string leftInner, NetworkNamespace right, string rightInner, int octets)
    {
        Assert.True(await PingAsync(left, leftInner, rightInner), $"no ping from {leftInner} to {rightInner}");
        Assert.True(await PingAsync(right, rightInner, leftInner), $"no ping from {rightInner} to {leftInner}");
        await TransferAsync(left, leftInner, right, rightInner, octets);
        await TransferAsync(right, rightInner, left, leftInner, octets);
    }

    /// <summary>Sends pings until one is answered; false if none of them is within a second.</summary>
    internal static async Task<bool> PingAsync(NetworkNamespace from, string source, string destination, int attempts = 30)
    {
        for (int attempt = 0; attempt < attempts; attempt++)
        {
            ToolResult ping = await from.RunAsync(Wait.Patience, "ping", "-n", "-c", "1", "-W", "1", "-p", MarkerPattern, "-I", source, destination);
            if (ping.ExitCode == 0)
                return true;
        }
        return false;
    }

    /// <summary>How many of a number of pings, five a second, are answered.</summary>
    internal static async Task<int> CountAnswersAsync(NetworkNamespace from, string source, string destination, int count)
    {
        ToolResult ping = await from.RunAsync(Wait.Patience, "ping", "-n", "-q", "-i", "0.2", "-W", "10", "-p", MarkerPattern,
            "-c", count.ToString(CultureInfo.InvariantCulture), "-I", source, destination);
        string[] words = ping.Output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        int received = Array.IndexOf(words, "received,");
        Assert.True(received > 0, ping.ToString());
        return int.Parse(words[received - 1], CultureInfo.InvariantCulture);
    }

    /// <summary>Moves octets over one TCP connection and fails the test unless they arrive as they were sent.</summary>
    /// <param name="receiver">The receiver's own address, where a translation in the tunnel makes it another one than the destination.</param>
    internal static async Task TransferAsync(NetworkNamespace from, string source, NetworkNamespace to, string destination, int octets, string? receiver = null)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Harness", "transfer.py");
        string port = Port.ToString(CultureInfo.InvariantCulture);
        await using BackgroundProcess listening = to.Start(Requirements.Python, [script, "receive", receiver ?? destination, port]);
        Assert.True(await Wait.ForAsync(() => listening.Output.Contains("listening", StringComparison.Ordinal)), listening.Output);
        ToolResult sender = await from.RunAsync(Wait.Patience, Requirements.Python, script, "send", source, destination, port,
            octets.ToString(CultureInfo.InvariantCulture));
        Assert.True(sender.ExitCode == 0, sender.ToString());
        Assert.True(await listening.WaitForExitAsync(Wait.Patience));
        string sent = sender.Output.Trim();
        Assert.StartsWith(octets.ToString(CultureInfo.InvariantCulture) + " ", sent, StringComparison.Ordinal);
        Assert.Equal(sent, listening.Output.Split('\n')[1].Trim());
    }

    static string MarkerPattern => Convert.ToHexStringLower(Encoding.ASCII.GetBytes(Marker));
}
