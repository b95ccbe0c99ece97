using Ipsec.Endpoint.Tests.Room;
using Ipsec.Esp;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint.Tests;

/// <summary>Keys change under traffic, and no packet is lost or comes twice (design decision D4).</summary>
public sealed class RekeyTests
{
    static readonly TimeSpan PacketInterval = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void ByTimeWithoutLoss(bool westRekeys, bool eastRekeys)
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(connection => Child(connection, Timed(westRekeys))),
            Sites.East(connection => Child(connection, Timed(eastRekeys))));

        ExchangeTraffic(room, west, east, TimeSpan.FromSeconds(100));

        Assert.InRange(Installed(west), 8, 25);
        Assert.Single(west.Tunnel("east").ChildSas);
        Assert.Single(east.Tunnel("west").ChildSas);
    }

    [Fact]
    public void SumsOfTrafficOutliveTheirSas()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(connection => Child(connection, Timed(true))), Sites.East());

        ExchangeTraffic(room, west, east, TimeSpan.FromSeconds(60));
        SaCounters traffic = west.Tunnel("east").Traffic;
        SaCounters opposite = east.Tunnel("west").Traffic;

        Assert.True(Installed(west) > 4);
        Assert.Equal((traffic.PacketsIn, traffic.BytesIn), (opposite.PacketsOut, opposite.BytesOut));
        Assert.Equal((traffic.PacketsOut, traffic.BytesOut), (opposite.PacketsIn, opposite.BytesIn));
        Assert.True(traffic.PacketsOut >= 60_000 / PacketInterval.TotalMilliseconds);
        Assert.True(traffic.BytesOut > traffic.PacketsOut * 20);

        Assert.True(west.Command((endpoint, now) => endpoint.Terminate("east", now)).IsAccepted);
        room.RunFor(TimeSpan.FromMinutes(2));
        Assert.Equal(traffic, west.Tunnel("east").Traffic);
        Assert.Equal(opposite, east.Tunnel("west").Traffic);
    }

    [Fact]
    public void ByOctetsWithoutLoss()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(
            Sites.West(connection => Child(connection, new Lifetime { RekeyTime = Hour, HardTime = 2 * Hour, RekeyBytes = 50_000, HardBytes = 90_000 })),
            Sites.East());

        ExchangeTraffic(room, west, east, TimeSpan.FromSeconds(60));

        Assert.InRange(Installed(west), 4, 12);
    }

    [Fact]
    public void ByPacketsWithoutLoss()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(),
            Sites.East(connection => Child(connection, new Lifetime { RekeyTime = Hour, HardTime = 2 * Hour, RekeyPackets = 500, HardPackets = 900 })));

        ExchangeTraffic(room, west, east, TimeSpan.FromSeconds(60));

        Assert.InRange(Installed(west), 4, 12);
    }

    [Fact]
    public void AtTheHardLimitNothingPassesUntilANewSaIsUp()
    {
        using VirtualRoom room = new();
        // A soft limit that is never reached before the hard one, as if every rekey had failed.
        (Station west, Station east) = room.Connect(
            Sites.West(connection => Child(connection, new Lifetime { RekeyTime = Hour, HardTime = 2 * Hour, HardPackets = 10 })), Sites.East());
        uint first = Assert.Single(west.Tunnel("east").ChildSas).OutboundSpi;

        for (int i = 0; i < 20; i++)
            west.SendInner(InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, i));
        room.RunFor(TimeSpan.FromSeconds(10));

        Assert.InRange(east.NumbersFrom(Sites.WestHost).Count, 9, 10);
        Assert.Contains(west.Events, occurred => occurred is ChildSaClosed);
        room.RunUntil(() => west.Tunnel("east").State == TunnelState.Established, TimeSpan.FromSeconds(30), "another SA is up");
        Assert.NotEqual(first, Assert.Single(west.Tunnel("east").ChildSas).OutboundSpi);
        room.AssertCarries(west, east);
    }

    [Theory]
    [InlineData("aes256gcm16")]
    [InlineData("aes256gcm16-curve25519")]
    [InlineData("aes256-sha256-modp2048")]
    public void ByCommandWithAndWithoutForwardSecrecy(string proposal)
    {
        using VirtualRoom room = new();
        ConnectionConfiguration Suite(ConnectionConfiguration connection) => connection.WithChildren(child =>
            child with { InitiatorProposals = [Sites.Esp(proposal)], ResponderProposals = [Sites.Esp(proposal)] });
        (Station west, Station east) = room.Connect(Sites.West(Suite), Sites.East(Suite));

        foreach (Station station in new[] { west, east, west })
        {
            uint before = Assert.Single(west.Tunnel("east").ChildSas).InboundSpi;
            string connection = station == west ? "east" : "west";
            Assert.True(station.Command((endpoint, now) => endpoint.RekeyChild(connection, "net", now)).IsAccepted);
            ExchangeTraffic(room, west, east, TimeSpan.FromSeconds(10));
            Assert.NotEqual(before, Assert.Single(west.Tunnel("east").ChildSas).InboundSpi);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void IkeRekeyLeavesTheChildAlone(bool byWest)
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(), Sites.East());
        uint spi = Assert.Single(west.Tunnel("east").ChildSas).InboundSpi;
        ulong ikeSpi = west.Tunnel("east").IkeSa!.InitiatorSpi;

        Assert.True((byWest ? west.Command((endpoint, now) => endpoint.RekeyIke("east", now))
            : east.Command((endpoint, now) => endpoint.RekeyIke("west", now))).IsAccepted);
        ExchangeTraffic(room, west, east, TimeSpan.FromSeconds(5));

        Assert.Equal(spi, Assert.Single(west.Tunnel("east").ChildSas).InboundSpi);
        Assert.NotEqual(ikeSpi, west.Tunnel("east").IkeSa!.InitiatorSpi);
        Assert.Equal(west.Tunnel("east").IkeSa!.InitiatorSpi, east.Tunnel("west").IkeSa!.InitiatorSpi);
        Assert.Equal(byWest, west.Tunnel("east").IkeSa!.IsInitiator);
    }

    [Fact]
    public void IkeRekeysByTimeUnderTraffic()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(connection => connection with
        {
            Lifetime = new Lifetime { RekeyTime = TimeSpan.FromSeconds(10), RekeyJitter = TimeSpan.FromSeconds(2), HardTime = TimeSpan.FromSeconds(30) },
        }), Sites.East());

        ExchangeTraffic(room, west, east, TimeSpan.FromSeconds(60));

        Assert.InRange(west.Events.Count(occurred => occurred is IkeSaEstablished { IsRekey: true }), 4, 9);
        Assert.Equal(1, Installed(west));
    }

    [Fact]
    public void CollidingRekeysEndWithOneSaAndNoLoss()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(), Sites.East());

        for (int i = 0; i < 5; i++)
        {
            Assert.True(west.Command((endpoint, now) => endpoint.RekeyChild("east", null, now)).IsAccepted);
            Assert.True(east.Command((endpoint, now) => endpoint.RekeyChild("west", null, now)).IsAccepted);
            ExchangeTraffic(room, west, east, TimeSpan.FromSeconds(10));
            Assert.Single(west.Tunnel("east").ChildSas);
            Assert.Equal(Assert.Single(west.Tunnel("east").ChildSas).InboundSpi, Assert.Single(east.Tunnel("west").ChildSas).OutboundSpi);
        }
    }

    [Fact]
    public void EightHoursPassInAMoment()
    {
        using VirtualRoom room = new();
        Lifetime azure = new() { RekeyTime = TimeSpan.FromSeconds(24_300), RekeyJitter = TimeSpan.FromSeconds(540), HardTime = TimeSpan.FromSeconds(27_000) };
        (Station west, Station east) = room.Connect(Sites.West(connection => Child(connection, azure)), Sites.East(connection => Child(connection, azure)));

        room.RunFor(TimeSpan.FromHours(8));

        room.AssertCarries(west, east);
        Assert.Equal(2, Installed(west));
    }

    static Lifetime Timed(bool rekeys) => rekeys
        ? new Lifetime { RekeyTime = TimeSpan.FromSeconds(10), RekeyJitter = TimeSpan.FromSeconds(2), HardTime = TimeSpan.FromSeconds(30) }
        : new Lifetime { RekeyTime = Hour, HardTime = 2 * Hour };

    static ConnectionConfiguration Child(ConnectionConfiguration connection, Lifetime lifetime) =>
        connection.WithChildren(child => child with { Lifetime = lifetime });

    static int Installed(Station station) => station.Events.Count(occurred => occurred is ChildSaEstablished);

    /// <summary>Packets both ways at a fixed interval; every one arrives exactly once, in order.</summary>
    static void ExchangeTraffic(VirtualRoom room, Station west, Station east, TimeSpan duration)
    {
        west.Delivered.Clear();
        east.Delivered.Clear();
        int sent = 0;
        room.RunFor(duration, PacketInterval, i =>
        {
            west.SendInner(InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, i));
            east.SendInner(InnerPackets.Numbered(Sites.EastHost, Sites.WestHost, i));
            sent = i + 1;
        });
        room.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(Enumerable.Range(0, sent), east.NumbersFrom(Sites.WestHost));
        Assert.Equal(Enumerable.Range(0, sent), west.NumbersFrom(Sites.EastHost));
    }
}
