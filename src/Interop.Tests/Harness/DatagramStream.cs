using System.Globalization;
using System.Text.Json;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>What became of a stream of numbered UDP datagrams.</summary>
/// <param name="Sent">How many were sent.</param>
/// <param name="Received">How many different ones arrived.</param>
/// <param name="Duplicated">Arrived once more.</param>
/// <param name="Damaged">Arrived as they were not sent.</param>
/// <param name="Late">Arrived after one with a higher number.</param>
sealed record DatagramCounts(int Sent, int Received, int Duplicated, int Damaged, int Late);

/// <summary>Numbered UDP datagrams of mixed sizes between two inner addresses.</summary>
static class DatagramStream
{
    const string Port = "7008";

    /// <summary>Sends from one side to the other for a while and tells what arrived.</summary>
    /// <param name="sizes">Octets of UDP payload: "12-1300".</param>
    internal static async Task<DatagramCounts> RunAsync(NetworkNamespace from, string source, NetworkNamespace to, string destination,
        TimeSpan duration, int rate, string sizes)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Harness", "datagrams.py");
        await using BackgroundProcess receiver = to.Start(Requirements.Python, [script, "receive", destination, Port]);
        Assert.True(await Wait.ForAsync(() => receiver.Output.Contains("listening", StringComparison.Ordinal)), receiver.Output);
        ToolResult sender = await from.RunAsync(Wait.Patience, Requirements.Python, script, "send", source, destination, Port,
            duration.TotalSeconds.ToString(CultureInfo.InvariantCulture), rate.ToString(CultureInfo.InvariantCulture), sizes);
        Assert.True(sender.ExitCode == 0, sender.ToString());
        Assert.True(await receiver.WaitForExitAsync(Wait.Patience));
        using JsonDocument counts = JsonDocument.Parse(receiver.Output.Split('\n')[1]);
        int Count(string name) => counts.RootElement.GetProperty(name).GetInt32();
        return new DatagramCounts(int.Parse(sender.Output, CultureInfo.InvariantCulture),
            Count("received"), Count("duplicated"), Count("damaged"), Count("late"));
    }
}
