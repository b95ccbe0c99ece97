using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.EndpointHost.Explanation;
using Ipsec.EndpointHost.Tests.Lab;
using Ipsec.Lab.Explanation;

namespace Ipsec.EndpointHost.Tests.Explanation;

public sealed class TrafficTextTests
{
    static readonly ReasonReport NoTransit = new("no-transit", "known", "There is no transit.", null);

    [Fact]
    public async Task ExplainSaysWhichTrafficHasNoRoute()
    {
        (int exitCode, string output, string error) = await HostProcess.RunAsync("explain",
            Path.Combine(HostProcess.SamplesFolder, "topologies", "02-multi-site.yaml"));

        Assert.Equal((0, ""), (exitCode, HostProcess.WithoutWarnings(error)));
        Assert.Contains("\ntraffic\n    ✓ hub/app <-> zurich 10.21.0.0/24 (vm1 -> zurich1): through to-zurich\n", output);
        Assert.Contains("    ✗ geneva 10.22.0.0/24 -> zurich 10.21.0.0/24 (geneva1 -> zurich1): hub-gw gets it from to-geneva and would have to send " +
            "10.21.0.10 on into to-zurich.", output);
    }

    [Fact]
    public void ManyNetworksThatFareAlikeShareALine()
    {
        string[] sites = [.. Enumerable.Range(0, 10).Select(number => $"site{number}")];
        ImmutableArray<TrafficExplanation> pairs =
        [
            .. from one in sites from other in sites where one != other select Pair(one, other, TrafficExplanation.Ends, NoTransit),
            .. sites.Select(site => Pair("hub", site, TrafficExplanation.Reaches, null)),
        ];

        string[] lines = Lines(new TrafficReport(pairs, [], [], 7));

        Assert.Equal(1 + 10 + 10 + 1, lines.Length);
        Assert.Contains("    ✗ site3 -> 9 networks (site0, site1, site2, …): There is no transit. (no-transit, known)", lines);
        Assert.Contains("    ✓ hub -> site4: through to-hub", lines);
        Assert.Equal("    … 7 more hosts and networks, of which nothing is said here.", lines[^1]);
    }

    [Fact]
    public void WhatTheFileExpectsInVainAndWhatNeedsBgpStandBehind()
    {
        string[] lines = Lines(new TrafficReport([Pair("a", "b", TrafficExplanation.Depends, NoTransit)],
            [new ReasonReport("needs-bgp", "known", "It needs BGP.", null)],
            [new ForeseenExpectation("ping a -> b", false, TrafficExplanation.Ends, NoTransit),
                new ForeseenExpectation("ping b -> a", true, TrafficExplanation.Reaches, null)], 0));

        Assert.Equal(["traffic", "    ⚠ a -> b: for some flows: There is no transit. (no-transit, known)", "    ⚠ It needs BGP.",
            "    ✗ The file expects \"ping a -> b\", and that will not be so: There is no transit."], lines);
    }

    static TrafficExplanation Pair(string from, string to, string verdict, ReasonReport? reason) =>
        new(from, to, [], verdict, ["to-hub"], [], ["to-hub"], false, reason);

    static string[] Lines(TrafficReport report)
    {
        using var output = new StringWriter();
        TrafficText.Write(output, report);
        return output.ToString().TrimEnd('\n').Split('\n');
    }
}
