using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;

namespace Ipsec.Lab.Explanation;

/// <summary>Which traffic finds its way while nothing fails, from the tables of the file alone; every pair of networks both ways.</summary>
/// <param name="Pairs">Pairs of networks whose hosts fare alike are one element. Networks of one site or one virtual network have no way to explain.</param>
/// <param name="Notes">What works here and needs BGP in Azure.</param>
/// <param name="Expectations">The pings and fetches of the file.</param>
/// <param name="LeftOut">Hosts and networks beyond <see cref="MostEnds"/>, of which nothing is said.</param>
public sealed record TrafficReport(ImmutableArray<TrafficExplanation> Pairs, ImmutableArray<ReasonReport> Notes,
    ImmutableArray<ForeseenExpectation> Expectations, int LeftOut)
{
    /// <summary>Hosts and networks that are compared with each other.</summary>
    public const int MostEnds = 48;

    public static TrafficReport None { get; } = new([], [], [], 0);
}

/// <summary>What becomes of traffic that begins in one network and wants to another one.</summary>
/// <param name="From">"hub/app" or "branch 10.2.0.0/24".</param>
/// <param name="Hosts">
/// "vm1 -> pc1" for every pair of hosts that it holds for; "at ADDRESS" behind it where NAT rules give the other end another address. Empty where a network has
/// no host in the file.
/// </param>
/// <param name="Verdict">"reaches": there and back. "ends": not. "depends": some flows do, where equal ways are not alike. "unknown": only a run tells.</param>
/// <param name="Way">What carries it there: tunnels, peerings, circuits. As far as it comes.</param>
/// <param name="OtherWays">What other flows take there, each way as one text.</param>
/// <param name="WayBack">What carries the reply.</param>
/// <param name="EndsOnTheWayBack">It arrives, and no reply does.</param>
/// <param name="Reason">The first place where it ends, and why; null where it does not.</param>
public sealed record TrafficExplanation(string From, string To, ImmutableArray<string> Hosts, string Verdict, ImmutableArray<string> Way,
    ImmutableArray<string> OtherWays, ImmutableArray<string> WayBack, bool EndsOnTheWayBack, ReasonReport? Reason)
{
    public const string Reaches = "reaches";
    public const string Ends = "ends";
    public const string Depends = "depends";
    public const string Unknown = "unknown";
}

/// <summary>A ping or fetch of <c>expect</c>, and what will become of it.</summary>
/// <param name="Passed">It will do what the file expects, or only a run tells.</param>
public sealed record ForeseenExpectation(string Description, bool Passed, string Verdict, ReasonReport? Reason);
