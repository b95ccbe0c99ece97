using System.Collections.Immutable;
using Ipsec.Lab.Explanation;
using Ipsec.Lab.Explanation.Traffic;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Explanation;

/// <summary>Pings of every host of a topology to every other one.</summary>
static class TrafficPings
{
    /// <summary>By each address that the other one may be known by; none of them need be answered.</summary>
    public static ImmutableArray<PingExpectation> Of(TopologyModel model, ImmutableArray<ForeseenConnection> foreseen)
    {
        var world = new TrafficWorld(model, foreseen);
        return
        [
            .. from one in model.Hosts
               from other in model.Hosts
               where one != other && one.Address.IsV6 == other.Address.IsV6
               from at in TrafficEnd.Of(world, other.Name).Aliases(world)
               select Ping(one.Name, other.Name, at),
        ];
    }

    static PingExpectation Ping(string from, string to, IpAddress at) => new($"{from} -> {to} at {at}", 1, from, to, 56, 2, MustSucceed: false) { At = at };
}
