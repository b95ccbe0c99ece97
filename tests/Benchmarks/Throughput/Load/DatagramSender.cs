using System.Globalization;
using Ipsec.Net;

namespace Ipsec.Benchmarks.Throughput.Load;

/// <summary>
/// Offers datagrams at a rate, in a process of its own inside a network namespace: each line of standard input is a trial, the answer what was
/// offered. It sends every 100 µs what is due by then, so that a burst is 100 µs worth of datagrams; after a moment in which others had the
/// processor at most twice that, until it has caught up.
/// </summary>
static class DatagramSender
{
    public const string Verb = "datagram-sender";

    public const int MaximumRate = 1_000_000;

    const long Tick = 100_000; // ns
    const long Second = 1_000_000_000; // ns
    const int MostAtOnce = (int)(2 * MaximumRate * Tick / Second);

    /// <param name="arguments">Local address, remote address and port, octets of a datagram.</param>
    public static int Run(string[] arguments)
    {
        int length = int.Parse(arguments[3], CultureInfo.InvariantCulture);
        using var batch = new DatagramBatch(MostAtOnce, length, new TransportAddress(IpAddress.Parse(arguments[0]), 0));
        batch.Connect(new TransportAddress(IpAddress.Parse(arguments[1]), ushort.Parse(arguments[2], CultureInfo.InvariantCulture)));
        MonotonicSleep.WithoutSlack();
        while (Console.ReadLine() is string line)
        {
            uint[] trial = [.. line.Split(' ').Select(word => uint.Parse(word, CultureInfo.InvariantCulture))];
            (uint sent, long took) = Offer(batch, trial[0], rate: trial[1], milliseconds: trial[2]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sent} {took}"));
        }
        return 0;
    }

    static (uint Sent, long Took) Offer(DatagramBatch batch, uint trial, long rate, long milliseconds)
    {
        uint sent = 0;
        long atOnce = Math.Max(1, 2 * rate * Tick / Second);
        long start = MonotonicSleep.Now;
        long end = start + milliseconds * (Second / 1000);
        long now;
        while ((now = MonotonicSleep.Now) < end)
        {
            int burst = (int)Math.Clamp((now - start) * rate / Second + 1 - sent, 0, atOnce);
            for (int i = 0; i < burst; i++)
                new DatagramStamp(trial, sent++, now).Write(batch[i]);
            batch.Send(burst);
            MonotonicSleep.Until(now + Tick);
        }
        return (sent, now - start);
    }
}
