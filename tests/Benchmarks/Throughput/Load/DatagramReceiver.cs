using System.Globalization;
using Ipsec.Net;

namespace Ipsec.Benchmarks.Throughput.Load;

/// <summary>
/// Counts what arrives of a trial, in a process of its own inside a network namespace. It looks into its socket once a millisecond, so that nobody
/// has to be woken for a datagram: what the tool itself costs stays small beside the tunnel.
/// </summary>
static class DatagramReceiver
{
    public const string Verb = "datagram-receiver";

    /// <summary>Written once it counts the trial of the line before.</summary>
    public const string Ready = "ready";

    const long Tick = 1_000_000; // ns
    const int AtOnce = 64;
    const int LargestDatagram = 2048;

    // Half a second of the highest rate, as the kernel counts small datagrams.
    const int ReceiveBuffer = 512 << 20;

    /// <summary>Nothing has come for so long: what a trial left in the tunnel's queues has passed, and the next trial begins with empty ones.</summary>
    const long Quiet = 150_000_000; // ns

    const long LongestWait = 5_000_000_000; // ns

    /// <param name="arguments">Local address and port.</param>
    public static int Run(string[] arguments)
    {
        using var batch = new DatagramBatch(AtOnce, LargestDatagram,
            new TransportAddress(IpAddress.Parse(arguments[0]), ushort.Parse(arguments[1], CultureInfo.InvariantCulture)));
        batch.EnlargeReceiveBuffer(ReceiveBuffer);
        MonotonicSleep.WithoutSlack();
        var counts = new DatagramCounts();
        while (Console.ReadLine() is string line)
        {
            uint[] trial = [.. line.Split(' ').Select(word => uint.Parse(word, CultureInfo.InvariantCulture))];
            counts.Begin(trial[0]);
            Console.WriteLine(Ready);
            Count(batch, counts, milliseconds: trial[1]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{counts.InTime} {counts.Late} {counts.Reordered} {counts.Duplicated}"));
        }
        return 0;
    }

    static void Count(DatagramBatch batch, DatagramCounts counts, long milliseconds)
    {
        long now = MonotonicSleep.Now;
        long end = now + milliseconds * 1_000_000;
        for (long lastArrival = now; now < end || now < lastArrival + Quiet && now < end + LongestWait; now = MonotonicSleep.Now)
        {
            int count = batch.Receive();
            for (int i = 0; i < count; i++)
            {
                if (DatagramStamp.TryParse(batch[i][..batch.LengthOf(i)], out DatagramStamp stamp))
                    counts.Take(stamp, now);
            }
            if (count > 0)
                lastArrival = now;
            if (count < AtOnce)
                MonotonicSleep.Until(now + Tick);
        }
    }
}
