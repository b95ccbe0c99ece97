using System.Globalization;
using Ipsec.Benchmarks.Throughput.Load;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>One contender in one round, from the left end to the right one.</summary>
sealed class Turn(Underlay underlay, ITunnelUnderTest tunnel, Contender contender, int seconds, ThroughputReport report)
{
    const int SmallDatagram = 64;

    /// <summary>With IPv4 and UDP headers a packet of 1400 octets, which no contender has to cut.</summary>
    const int FullDatagram = 1372;

    /// <summary>One that is not answered within a second counts as a second, µs.</summary>
    public const double Unanswered = 1e6;

    const int IkeWarmUp = 200;
    const int IkeRequests = 500;

    const double NotableReordering = 0.01; // per cent

    readonly Ping _ping = new(underlay);
    readonly Streams _streams = new(underlay);
    readonly bool _isBare = contender == Contender.Bare;

    /// <exception cref="InvalidOperationException">No packet passes.</exception>
    public Task WarmUpAsync() => _ping.WarmUpAsync();

    public Task MeasureAsync(Measurement measurement) => measurement switch
    {
        Measurement.Ping => PingAsync(),
        Measurement.Tcp => StreamAsync(),
        Measurement.Streams => StreamsBothWaysAsync(),
        Measurement.Loaded => LoadedPingAsync(),
        Measurement.Pps64 => DatagramsAsync(SmallDatagram, Figure.SmallDatagrams, Figure.SmallDatagramCost),
        Measurement.Pps1400 => DatagramsAsync(FullDatagram, Figure.FullDatagrams, Figure.FullDatagramCost),
        Measurement.Ike => IkeAsync(),
        Measurement.Idle => IdleAsync(),
        _ => throw new ArgumentOutOfRangeException(nameof(measurement)),
    };

    async Task PingAsync()
    {
        var meter = ProcessorMeter.Start(tunnel);
        Add(await _ping.MeasureAsync(), Figure.PingMedian, Figure.PingP99, "pings");
        if (!_isBare)
            Add(Figure.PingProcessor, meter.Percent);
        Add(await _ping.MeasureBackToBackAsync(), Figure.FastPingMedian, Figure.FastPingP99, "pings back to back");
    }

    async Task StreamAsync()
    {
        var meter = ProcessorMeter.Start(tunnel);
        StreamResult stream = await _streams.OneAsync(seconds);
        TimeSpan used = meter.Used;
        Add(Figure.Stream, stream.GigabitsPerSecond);
        if (_isBare)
            return;
        Add(Figure.StreamPacketCost, used.TotalMicroseconds / stream.Packets);
        Add(Figure.StreamGigabyteCost, used.TotalSeconds / (stream.Octets / 1e9));
    }

    async Task StreamsBothWaysAsync() => Add(Figure.StreamsBothWays, await _streams.FourEachWayAsync(seconds));

    async Task LoadedPingAsync() => Add(await _streams.BesideAsync(_ping.MeasureAsync), Figure.LoadedPingMedian, Figure.LoadedPingP99, "pings beside a stream");

    async Task DatagramsAsync(int length, Figure rate, Figure cost)
    {
        await using var load = new DatagramLoad(underlay, tunnel, length);
        DatagramTrial? best = await RateSweep.FindAsync(load.OfferAsync);
        Add(rate, best?.Delivered ?? 0);
        if (best is null)
            return;
        Add(cost, best.ProcessorMicroseconds);
        if (best.IsLimitedBySender)
            Note($"{length} B: the sender could not offer more than {best.Offered:0} packets/s");
        if (best.ReorderedPercent > NotableReordering)
            Note($"{length} B: {best.ReorderedPercent:0.##} % reordered");
        if (best.DuplicatedPercent > 0)
            Note($"{length} B: {best.DuplicatedPercent:0.##} % duplicated");
    }

    async Task IkeAsync()
    {
        await using var prober = new NamespaceChild(underlay.Left, IkeProber.Verb, Underlay.LeftOuter, Underlay.RightOuter);
        await AskAsync(IkeWarmUp);
        Add(await AskAsync(IkeRequests), Figure.IkeMedian, Figure.IkeP99, "IKE requests");
        Add(await _streams.BesideAsync(() => AskAsync(IkeRequests)), Figure.LoadedIkeMedian, Figure.LoadedIkeP99, "IKE requests beside a stream");

        async Task<double[]> AskAsync(int count)
        {
            string times = await prober.AskAsync(count.ToString(CultureInfo.InvariantCulture));
            return [.. times.Split(' ').Select(time => double.Parse(time, CultureInfo.InvariantCulture)).Order()];
        }
    }

    async Task IdleAsync()
    {
        var meter = ProcessorMeter.Start(tunnel);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        Add(Figure.IdleProcessor, meter.Percent);
    }

    /// <param name="sorted">Microseconds; what was not answered counts as <see cref="Unanswered"/>.</param>
    void Add(double[] sorted, Figure median, Figure p99, string what)
    {
        Add(median, sorted[sorted.Length / 2]);
        Add(p99, sorted[(int)(sorted.Length * 0.99)]);
        int unanswered = sorted.Count(time => time >= Unanswered);
        if (unanswered > 0)
            Note($"{unanswered} of {sorted.Length} {what} not answered within a second");
    }

    void Add(Figure figure, double value) => report.Add(contender, figure, value);

    void Note(FormattableString text) => report.Note(contender, text.ToString(CultureInfo.InvariantCulture));
}
