using System.Globalization;

namespace Ipsec.Benchmarks.Throughput.Load;

/// <summary>Datagrams of one length from the left inner address to the right one.</summary>
sealed class DatagramLoad(Underlay underlay, ITunnelUnderTest tunnel, int length) : IAsyncDisposable
{
    const int Port = 9000;
    const int TrialMilliseconds = 2000;

    // Its end is counted too: the last ones need a moment.
    const int CountingMilliseconds = TrialMilliseconds + 200;

    static readonly string PortText = Port.ToString(CultureInfo.InvariantCulture);

    readonly NamespaceChild _receiver = new(underlay.Right, DatagramReceiver.Verb, Underlay.RightInner, PortText);
    readonly NamespaceChild _sender = new(underlay.Left, DatagramSender.Verb, Underlay.LeftInner, Underlay.RightInner, PortText, Line(length));
    int _trials;

    public async Task<DatagramTrial> OfferAsync(int rate)
    {
        int number = ++_trials;
        string ready = await _receiver.AskAsync(Line(number, CountingMilliseconds));
        if (ready != DatagramReceiver.Ready)
            throw new InvalidOperationException($"The receiver of datagrams says '{ready}'.");
        var meter = ProcessorMeter.Start(tunnel);
        double[] sent = Numbers(await _sender.AskAsync(Line(number, rate, TrialMilliseconds)));
        double[] counts = Numbers(await _receiver.AnswerAsync());
        TimeSpan used = meter.Used;
        double seconds = sent[1] / 1e9;
        double inTime = counts[0];
        var trial = new DatagramTrial(rate, sent[0] / seconds, inTime / seconds, 100 * counts[2] / sent[0], 100 * counts[3] / sent[0],
            used.TotalMicroseconds / Math.Max(1, inTime));
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"    {length} B, {rate}/s: offered {trial.Offered:0}, in time {trial.Delivered:0} ({trial.LossPercent:0.00} % lost), late {counts[1]}, "
                + $"{trial.ProcessorMicroseconds:0.0} µs each"));
        return trial;
    }

    public async ValueTask DisposeAsync()
    {
        await _sender.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    static string Line(params int[] numbers) => string.Join(' ', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));

    static double[] Numbers(string line) => [.. line.Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
}
