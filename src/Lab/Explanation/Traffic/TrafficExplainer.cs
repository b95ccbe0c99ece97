using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Azure.Resources;
using Ipsec.Azure.Routing;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Explanation.Traffic;

/// <summary>Says which traffic of a topology has a way there and back, and where the rest ends.</summary>
sealed class TrafficExplainer
{
    readonly TrafficWorld _world;
    readonly TrafficLinks _links;

    public TrafficExplainer(TopologyModel model, ImmutableArray<ForeseenConnection> foreseen)
    {
        _world = new TrafficWorld(model, foreseen);
        _links = new TrafficLinks(_world);
    }

    public TrafficReport Report()
    {
        ImmutableArray<TrafficEnd> all = TrafficEnd.Of(_world);
        ImmutableArray<TrafficEnd> ends = [.. all.Take(TrafficReport.MostEnds)];
        ImmutableArray<ForeseenExpectation> expectations = [.. _world.Model.Expectations.Select(Foresee).OfType<ForeseenExpectation>()];
        foreach (TrafficEnd end in ends)
            _world.Settle(end.Place, end.Address);
        return new TrafficReport(Pairs(ends), [.. Notes()], expectations, all.Length - ends.Length);
    }

    /// <summary>What will become of a ping or fetch; null for every other expectation.</summary>
    public ForeseenExpectation? Foresee(Expectation expectation) => expectation switch
    {
        PingExpectation ping => Foresee(ping, ping.From, ping.To, ping.At, ping.MustSucceed),
        FetchExpectation fetch => Foresee(fetch, fetch.From, fetch.To, fetch.At, fetch.MustSucceed),
        _ => null,
    };

    ForeseenExpectation Foresee(Expectation expectation, string from, string to, IpAddress? at, bool mustSucceed)
    {
        TrafficEnd end = TrafficEnd.Of(_world, to);
        RoundTrip trip = RoundTrip.Of(_world, _links, TrafficEnd.Of(_world, from), end, at ?? end.Address);
        bool passed = trip.Verdict is not (TrafficExplanation.Reaches or TrafficExplanation.Ends) || trip.Succeeds == mustSucceed;
        return new ForeseenExpectation(expectation.Description, passed, trip.Verdict, trip.Obstacle is Reason obstacle ? ReasonReport.Of(obstacle) : null);
    }

    /// <summary>Pairs of networks in their order; hosts that fare alike together.</summary>
    ImmutableArray<TrafficExplanation> Pairs(ImmutableArray<TrafficEnd> ends) =>
    [
        .. from pair in from one in ends
                        from other in ends
                        where one.Place != other.Place && one.Address.IsV6 == other.Address.IsV6
                        let followed = Follow(one, other)
                        select (From: one, To: other, followed.At, followed.Trip)
           let trip = pair.Trip
           group pair by (From: pair.From.Network, To: pair.To.Network, trip.Verdict, trip.EndsOnTheWayBack, trip.Obstacle?.Code, string.Join('\n', trip.Way))
           into alike
           let first = alike.First().Trip
           let hosts = alike.Select(pair => Hosts(pair.From, pair.To, pair.At)).OfType<string>()
           select new TrafficExplanation(alike.Key.From, alike.Key.To, [.. hosts], first.Verdict, first.Way, first.OtherWays, first.WayBack,
               first.EndsOnTheWayBack, first.Obstacle is Reason obstacle ? ReasonReport.Of(obstacle) : null),
    ];

    static string? Hosts(TrafficEnd from, TrafficEnd to, IpAddress at) => from.Name is null || to.Name is null ? null
        : at == to.Address ? $"{from.Name} -> {to.Name}" : $"{from.Name} -> {to.Name} at {at}";

    /// <summary>
    /// By the address that works, where NAT rules give the other end several. Where none does, by the one for which only the tunnel is not up, else by its own.
    /// </summary>
    (IpAddress At, RoundTrip Trip) Follow(TrafficEnd from, TrafficEnd to)
    {
        List<(IpAddress At, RoundTrip Trip)> ended = [];
        foreach (IpAddress at in to.Aliases(_world))
        {
            RoundTrip trip = RoundTrip.Of(_world, _links, from, to, at);
            if (trip.Verdict != TrafficExplanation.Ends)
                return (at, trip);
            ended.Add((at, trip));
        }
        return ended.FirstOrDefault(one => one.Trip.Obstacle?.Code == "tunnel-down", ended[0]);
    }

    /// <summary>The reference, §5 and §6: several connections to one network need BGP; here their static routes share the flows.</summary>
    IEnumerable<ReasonReport> Notes()
    {
        foreach (VirtualNetworkGateway gateway in _world.Model.Azure.VpnGateways)
        {
            GatewayRoutingTable table = _world.Azure.TableOf(gateway.Name);
            foreach (IpPrefix prefix in table.Routes.Select(route => route.Prefix).Distinct())
            {
                string[] connections = [.. table.Best(prefix).Select(route => route.NextHop).OfType<GatewayNextHop.Connection>().Select(hop => hop.Name)];
                if (connections.Length > 1)
                {
                    yield return ReasonReport.Of(new Reason("needs-bgp", Certainty.Known, $"{gateway.Name} has {prefix} through "
                        + $"{string.Join(" and ", connections)}: in Azure this needs BGP on these connections; here static routes share the flows."));
                }
            }
        }
    }
}
