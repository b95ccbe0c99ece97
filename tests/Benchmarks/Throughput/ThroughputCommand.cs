namespace Ipsec.Benchmarks.Throughput;

/// <summary>
/// <c>tunnel</c>: our host at both ends of a tunnel beside other user-space tunnels, on the same two namespaces, in turns.
/// </summary>
static class ThroughputCommand
{
    /// <summary>0; 1 with a sentence where it cannot be measured, 2 where the arguments are not understood.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help"])
        {
            Console.WriteLine(ThroughputOptions.Usage);
            return 0;
        }
        if (!ThroughputOptions.TryParse(arguments, out ThroughputOptions? options))
        {
            Console.Error.WriteLine(ThroughputOptions.Usage);
            return 2;
        }
        if (!Environment.IsPrivilegedProcess || LibIpsecTunnel.Obstacle is not null)
        {
            Console.Error.WriteLine(LibIpsecTunnel.Obstacle ?? "Network namespaces need root.");
            return 1;
        }
        var report = new ThroughputReport();
        for (int round = 1; round <= options.Rounds; round++)
        {
            foreach (Contender contender in options.Contenders.Where(contender => contender != Contender.WireGuard || WireGuardTunnel.Obstacle is null))
            {
                Console.Error.WriteLine($"round {round}: {contender.Subject}");
                await MeasureAsync(contender, options, report);
            }
        }
        report.Print(options.AsJson);
        return 0;
    }

    static async Task MeasureAsync(Contender contender, ThroughputOptions options, ThroughputReport report)
    {
        await using Underlay underlay = await Underlay.CreateAsync();
        await using ITunnelUnderTest tunnel = await contender.Start(underlay, options.HostOptions);
        var turn = new Turn(underlay, tunnel, contender, options.Seconds, report);
        await turn.WarmUpAsync();
        foreach (Measurement measurement in contender.Measurements.Where(one => options.Measurements.Contains(one)))
            await turn.MeasureAsync(measurement);
    }
}
