using System.Globalization;
using Ipsec.Benchmarks.Throughput.Load;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>One contender in one round, from the left end to the right one.</summary>
sealed class Turn(Underlay underlay, ITunnelUnderTest tunnel, Contender contender, int seconds, ThroughputReport report)
{
    const int SmallDatagram = 64;

    /// <summary>With IPv4 and UDP headers a packet of 1400 octets, which no contender has to cut.</summary>
    const int FullDatagram = 1372;

    const int IkeWarmUp = 200;
    const int IkeRequests = 500;

    const double NotableReordering = 0.01; // per cent

    readonly Ping _ping = new(underlay);
    readonly Streams _streams = new(underlay);

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

    async Task PingAsync() => Add(await _ping.MeasureAsync(), Figure.PingMedian, Figure.PingP99);

    async Task StreamAsync()
    {
        TimeSpan before = tunnel.ProcessorTime;
        StreamResult stream = await _streams.OneAsync(seconds);
        TimeSpan used = tunnel.ProcessorTime - before;
        Add(Figure.Stream, stream.GigabitsPerSecond);
        if (contender == Contender.Bare)
            return;
        Add(Figure.StreamPacketCost, used.TotalMicroseconds / stream.Packets);
        Add(Figure.StreamGigabyteCost, used.TotalSeconds / (stream.Octets / 1e9));
    }

    async Task StreamsBothWaysAsync() => Add(Figure.StreamsBothWays, await _streams.FourEachWayAsync(seconds));

    async Task LoadedPingAsync() => Add(await _streams.BesideAsync(_ping.MeasureAsync), Figure.LoadedPingMedian, Figure.LoadedPingP99);

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
        Add(await AskAsync(IkeRequests), Figure.IkeMedian, Figure.IkeP99);
        Add(await _streams.BesideAsync(() => AskAsync(IkeRequests)), Figure.LoadedIkeMedian, Figure.LoadedIkeP99);

        async Task<double[]> AskAsync(int count)
        {
            string times = await prober.AskAsync(count.ToString(CultureInfo.InvariantCulture));
            return [.. times.Split(' ').Select(time => double.Parse(time, CultureInfo.InvariantCulture)).Order()];
        }
    }

    async Task IdleAsync()
    {
        TimeSpan before = tunnel.ProcessorTime;
        var time = TimeSpan.FromSeconds(seconds);
        await Task.Delay(time);
        Add(Figure.IdleProcessor, 100 * (tunnel.ProcessorTime - before) / time);
    }

    void Add(double[] sorted, Figure median, Figure p99)
    {
        Add(median, sorted[sorted.Length / 2]);
        Add(p99, sorted[(int)(sorted.Length * 0.99)]);
    }

    void Add(Figure figure, double value) => report.Add(contender, figure, value);

    void Note(FormattableString text) => report.Note(contender, text.ToString(CultureInfo.InvariantCulture));
}
