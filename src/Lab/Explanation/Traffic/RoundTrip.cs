using System.Collections.Immutable;
using Ipsec.Esp;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Hosts;
using Ipsec.Net;

namespace Ipsec.Lab.Explanation.Traffic;

/// <summary>An echo request and its reply, on every way that the two may take.</summary>
/// <param name="Verdict">A verdict of <see cref="TrafficExplanation"/>.</param>
/// <param name="Obstacle">Where the first way ends that does not lead there and back; null where all do.</param>
sealed record RoundTrip(string Verdict, ImmutableArray<string> Way, ImmutableArray<string> WayBack, bool EndsOnTheWayBack, Reason? Obstacle)
{
    /// <summary>What else flows may take on the way there, each as one text.</summary>
    public ImmutableArray<string> OtherWays { get; private init; } = [];

    public bool Succeeds => Verdict == TrafficExplanation.Reaches;

    /// <param name="at">The address of <paramref name="to"/> as the first one knows it.</param>
    public static RoundTrip Of(TrafficWorld world, TrafficLinks links, TrafficEnd from, TrafficEnd to, IpAddress at)
    {
        var choices = new Choices();
        List<RoundTrip> trips = [];
        do
            trips.Add(Follow(world, links, choices, from, to, at));
        while (choices.TryNext());
        if (trips.TrueForAll(trip => trip.Succeeds))
            return trips[0] with { OtherWays = [.. trips.Select(trip => string.Join(", ", trip.Way)).Distinct().Skip(1)] };
        RoundTrip failure = trips.Find(trip => trip.Verdict == TrafficExplanation.Ends) ?? trips.First(trip => !trip.Succeeds);
        return failure with
        {
            Verdict = failure.Obstacle!.Certainty == Certainty.Likely ? TrafficExplanation.Unknown
                : trips.TrueForAll(trip => trip.Verdict == TrafficExplanation.Ends) ? TrafficExplanation.Ends
                : TrafficExplanation.Depends,
        };
    }

    static RoundTrip Follow(TrafficWorld world, TrafficLinks links, Choices choices, TrafficEnd from, TrafficEnd to, IpAddress at)
    {
        TripTraces traces = new();
        var there = new PacketWalk(world, choices, traces, new TrafficObstacles(world, links, to.Place));
        Arrival arrival = there.Send(from.Place, Echo(isRequest: true, from.Address, at));
        if (arrival.Packet is not byte[] request)
            return Ended(there.Way, arrival.Obstacle!, []);
        (IpAddress source, IpAddress destination) = Addresses(request);
        if (arrival.Place != to.Place || destination != to.Address)
            return Ended(there.Way, new TrafficObstacles(world, links, to.Place).Nobody(arrival.Place, at), []);

        var back = new PacketWalk(world, choices, traces, new TrafficObstacles(world, links, from.Place));
        Arrival answered = back.Send(to.Place, Echo(isRequest: false, to.Address, source));
        if (answered.Packet is not byte[] reply)
            return Ended(there.Way, answered.Obstacle!, back.Way, isBack: true);
        (IpAddress answerer, IpAddress asker) = Addresses(reply);
        if (answered.Place != from.Place || asker != from.Address)
            return Ended(there.Way, new TrafficObstacles(world, links, from.Place).Nobody(answered.Place, source), back.Way, isBack: true);
        if (answerer != at)
        {
            string text = $"The reply comes from {answerer}, and {at} was asked: NAT rules apply on one of the two ways only.";
            return Ended(there.Way, new Reason("asymmetric-nat", Certainty.Known, text), back.Way, isBack: true);
        }
        return (there.Condition ?? back.Condition) is Reason condition
            ? new RoundTrip(TrafficExplanation.Depends, there.Way, back.Way, false, condition)
            : new RoundTrip(TrafficExplanation.Reaches, there.Way, back.Way, false, null);
    }

    static RoundTrip Ended(ImmutableArray<string> way, Reason obstacle, ImmutableArray<string> wayBack, bool isBack = false) =>
        new(TrafficExplanation.Ends, way, wayBack, isBack,
            isBack ? obstacle with { Text = $"It arrives, and the reply does not come back: {obstacle.Text}" } : obstacle);

    static byte[] Echo(bool isRequest, IpAddress source, IpAddress destination) =>
        IpPacketWriter.Packet(source, destination, EchoMessage.ProtocolOf(source.IsV6),
            EchoMessage.Write(isRequest, source, destination, 1, 1, []));

    static (IpAddress Source, IpAddress Destination) Addresses(byte[] packet) =>
        IpPacket.TryParse(packet, out IpPacket view) ? (view.Source, view.Destination) : default;
}
