using Ipsec.Endpoint.Tests.Room;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;

namespace Ipsec.Endpoint.Tests;

/// <summary>
/// Rekeys of every kind, alone and colliding, on a wire that loses nothing but on which packets overtake each other, while many inner packets are in
/// flight both ways: every one of them is delivered exactly once (RFC 7296 §2.8, design decision D4).
/// </summary>
public sealed class MakeBeforeBreakTests
{
    [Flags]
    enum Rekeys
    {
        WestChild = 1,
        EastChild = 2,
        WestIke = 4,
        EastIke = 8,
        All = 15,
    }

    static readonly TimeSpan PacketInterval = TimeSpan.FromMilliseconds(4);
    static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(80);

    const int Repetitions = 6;
    const int PacketsWithinARound = 300;

    // Between two rekeys that are to collide: up to a whole round trip. Every other repetition begins them in one instant.
    const int PacketsWithinACollision = 40;

    [Theory]
    [InlineData("aes256gcm16", 1)]
    [InlineData("aes256gcm16-curve25519", 2)]
    [InlineData("aes256-sha256-ecp256", 3)]
    public void DeliversEveryPacketExactlyOnce(string proposal, int seed)
    {
        using VirtualRoom room = new();
        ConnectionConfiguration Suite(ConnectionConfiguration connection) => connection.WithChildren(child =>
            child with { InitiatorProposals = [Sites.Esp(proposal)], ResponderProposals = [Sites.Esp(proposal)] });
        (Station west, Station east) = room.Connect(Sites.West(Suite), Sites.East(Suite));
        Random dice = new(seed);
        room.DelayOf = _ => ShortestDelay + Jitter * dice.NextDouble();
        int sent = 0;

        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            for (Rekeys rekeys = Rekeys.WestChild; rekeys <= Rekeys.All; rekeys++)
            {
                (Rekeys Kind, int At)[] begun = [.. Enum.GetValues<Rekeys>().Where(kind => kind != Rekeys.All && rekeys.HasFlag(kind))
                    .Select(kind => (kind, repetition % 2 == 0 ? 0 : dice.Next(PacketsWithinACollision)))];
                for (int i = 0; i < PacketsWithinARound; i++, sent++)
                {
                    foreach ((Rekeys kind, _) in begun.Where(one => one.At == i))
                        Begin(kind, west, east);
                    west.SendInner(InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, sent));
                    east.SendInner(InnerPackets.Numbered(Sites.EastHost, Sites.WestHost, sent));
                    room.RunFor(PacketInterval);
                }
            }
        }
        room.RunFor(TimeSpan.FromMinutes(2));

        AssertEachOnce(sent, east.NumbersFrom(Sites.WestHost));
        AssertEachOnce(sent, west.NumbersFrom(Sites.EastHost));
        Assert.InRange(west.Events.Count(occurred => occurred is ChildSaEstablished), 60, 200);
        Assert.InRange(west.Events.Count(occurred => occurred is IkeSaEstablished { IsRekey: true }), 50, 200);
        Assert.Contains(west.Events.OfType<ChildSaClosed>(), closed => closed.Reasons[0].Code == "redundant");
        Assert.Equal(Assert.Single(west.Tunnel("east").ChildSas).InboundSpi, Assert.Single(east.Tunnel("west").ChildSas).OutboundSpi);
        Assert.Equal(west.Tunnel("east").IkeSa!.InitiatorSpi, east.Tunnel("west").IkeSa!.InitiatorSpi);
    }

    [Theory]
    [InlineData(DuplicatePolicy.Replace, false)]
    [InlineData(DuplicatePolicy.Keep, false)]
    [InlineData(DuplicatePolicy.Never, true)]
    public void DeliversEveryPacketExactlyOnceOverReauthentications(DuplicatePolicy duplicates, bool eastAsks)
    {
        using VirtualRoom room = new();
        TimeSpan time = TimeSpan.FromSeconds(15);
        (Station west, Station east) = room.Connect(Sites.West(connection => connection with { ReauthenticationTime = eastAsks ? null : time }),
            Sites.East(connection => connection with { ReauthenticationTime = eastAsks ? time : null, DuplicatePolicy = duplicates }));
        Random dice = new(4);
        room.DelayOf = _ => ShortestDelay + Jitter * dice.NextDouble();
        int sent = 0;
        room.RunFor(TimeSpan.FromMinutes(2), PacketInterval * 2, i =>
        {
            west.SendInner(InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, i));
            east.SendInner(InnerPackets.Numbered(Sites.EastHost, Sites.WestHost, i));
            sent++;
        });
        room.RunFor(TimeSpan.FromSeconds(1));

        AssertEachOnce(sent, east.NumbersFrom(Sites.WestHost));
        AssertEachOnce(sent, west.NumbersFrom(Sites.EastHost));
        Assert.InRange(west.Events.Count(occurred => occurred is IkeSaEstablished { IsRekey: false }), 8, 12);
    }

    static void Begin(Rekeys kind, Station west, Station east)
    {
        Station station = kind is Rekeys.WestChild or Rekeys.WestIke ? west : east;
        string connection = station == west ? "east" : "west";
        Assert.True(station.Command((endpoint, now) => kind is Rekeys.WestChild or Rekeys.EastChild
            ? endpoint.RekeyChild(connection, "net", now) : endpoint.RekeyIke(connection, now)).IsAccepted);
    }

    static void AssertEachOnce(int sent, List<int> arrived)
    {
        Assert.NotEqual(arrived.Order(), arrived);
        Assert.Equal(Enumerable.Range(0, sent), arrived.Order());
    }
}
