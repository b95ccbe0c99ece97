namespace Ipsec.Benchmarks.Negotiation;

/// <summary>
/// <c>handshakes</c>: IKE_SA_INIT, IKE_AUTH and the child SA, both ends in this process; then what one handshake costs the process of a
/// responder, our host and charon side by side.
/// </summary>
static class HandshakeCommand
{
    const int WarmUp = 500;

    /// <param name="count">Handshakes per row, after the warm-up.</param>
    public static async Task<int> RunAsync(int count, bool asJson)
    {
        var report = new Report("handshakes", asJson);
        foreach (NegotiationSuite suite in NegotiationSuite.Handshakes)
            report.Add(BothEnds(suite, count));
        if (ResponderCost.Obstacle is string obstacle)
            report.Note($"The cost of a responder process is not measured: {obstacle}.");
        else
            report.Add(await ResponderAsync(NegotiationSuite.Compared, count));
        report.Print();
        return 0;
    }

    static Row BothEnds(NegotiationSuite suite, int count)
    {
        using var pair = new MemoryPair(suite, count + WarmUp);
        for (int n = 0; n < WarmUp; n++)
            pair.Handshake();
        ProcessorTime time = ProcessorTime.Of(() =>
        {
            for (int n = 0; n < count; n++)
                pair.Handshake();
        });
        if (pair.Established != count + WarmUp)
            throw new InvalidOperationException($"{pair.Established} of {count + WarmUp} child SAs came up.");
        return new Row(suite.Name, ("handshakes per second and core, both ends", count / time.Used.TotalSeconds),
            ("wall ms, both ends", time.Wall.TotalMilliseconds / count), ("CPU ms, both ends", time.Used.TotalMilliseconds / count));
    }

    static async Task<Row> ResponderAsync(NegotiationSuite suite, int count)
    {
        double ours = (await ResponderCost.OursAsync(suite, count)).TotalMilliseconds;
        double charon = (await ResponderCost.CharonAsync(suite, count)).TotalMilliseconds;
        return new Row($"{suite.Name}, responder process over UDP", ("our CPU ms", ours), ("charon's CPU ms", charon), ("ours / charon's", ours / charon));
    }
}
