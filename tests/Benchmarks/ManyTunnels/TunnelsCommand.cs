using System.Globalization;
using Ipsec.Benchmarks.Negotiation;
using Ipsec.Benchmarks.Throughput;
using Ipsec.Esp;
using Ipsec.Net;

namespace Ipsec.Benchmarks.ManyTunnels;

/// <summary>
/// <c>tunnels</c>: what a packet costs the thread that seals, from the TUN to the UDP socket, where each packet is for another of 1, 100 and 10,000 SAs; and the
/// memory of a tunnel's SA. The numbers of SAs take turns, and what is told is the median of the turns.
/// </summary>
sealed class TunnelsCommand(PacketPath path, Hub[] hubs, Report report, int seconds)
{
    const double TurnSeconds = 0.25;

    static readonly int[] Counts = [1, 100, 10_000];

    /// <param name="seconds">Measured for each load and number of SAs.</param>
    /// <returns>0, or 1 with a sentence where it cannot be measured.</returns>
    public static async Task<int> RunAsync(int seconds, bool asJson)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Console.Error.WriteLine("Network namespaces need root.");
            return 1;
        }
        var report = new Report("tunnels", asJson);
        EspTransforms gcm = Suites.Parse("aes256gcm16");
        using (new Hub(Counts[1], gcm, IpAddress.Parse(Underlay.LeftOuter)))
            report.Add(Memory("AES-CBC-256, HMAC-SHA-256", Suites.Parse("aes256-sha256")));
        report.Add(Memory("AES-GCM-256", gcm));
        Hub[] hubs = [.. Counts.Select(count => new Hub(count, gcm, IpAddress.Parse(Underlay.LeftOuter)))];
        await using Underlay underlay = await Underlay.CreateAsync();
        using (PacketPath path = await PacketPath.OpenAsync(underlay))
        {
            var command = new TunnelsCommand(path, hubs, report, seconds);
            command.Measure("40 packets of 1400 octets in a super-packet, a random SA for each super-packet", 40, leavesAtOnce: false);
            command.Measure("packets of 1400 octets, a random SA for each", 1, leavesAtOnce: false);
            command.Measure("packets of 1400 octets, a random SA for each, one system call for each in any case", 1, leavesAtOnce: true);
            if (path.Refused > 0)
                report.Note($"The kernel refused {path.Refused} runs of datagrams.");
        }
        foreach (Hub hub in hubs)
            hub.Dispose();
        report.Print();
        return 0;
    }

    static Row Memory(string suite, EspTransforms transforms)
    {
        long before = ProcessMemory.AfterCollection();
        using var hub = new Hub(Counts[^1], transforms, IpAddress.Parse(Underlay.LeftOuter));
        long after = ProcessMemory.AfterCollection();
        return new Row($"{suite}, {Counts[^1]} tunnels with one SA each", ("octets of memory per tunnel, both directions", (after - before) / (double)hub.Tunnels));
    }

    void Measure(string load, int datagrams, bool leavesAtOnce)
    {
        double[][] costs = [.. hubs.Select(_ => new double[(int)Math.Ceiling(seconds / TurnSeconds)])];
        for (int turn = 0; turn < costs[0].Length; turn++)
        {
            for (int n = 0; n < hubs.Length; n++)
            {
                (long nanoseconds, long packets) = path.Run(hubs[n], datagrams, TimeSpan.FromSeconds(TurnSeconds), leavesAtOnce);
                costs[n][turn] = nanoseconds / (double)Math.Max(packets, 1);
            }
        }
        report.Add(new Row(load,
        [
            .. hubs.Select((hub, n) => ($"ns of CPU per packet, {Text(hub.Tunnels)}", Median(costs[n]))),
            .. hubs.Select((hub, n) => ($"ratio to 1 SA, {Text(hub.Tunnels)}", Median([.. costs[n].Zip(costs[0], (many, one) => many / one)]))).Skip(1),
        ]));
    }

    static string Text(int count) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? "SA" : "SAs")}");

    static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
