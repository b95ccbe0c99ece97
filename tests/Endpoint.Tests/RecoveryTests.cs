using Ipsec.Endpoint.Tests.Room;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;

namespace Ipsec.Endpoint.Tests;

/// <summary>Peers that vanish, restart or leave.</summary>
public sealed class RecoveryTests
{
    static readonly TimeSpan Delay = TimeSpan.FromSeconds(10);

    [Fact]
    public void ADeadPeerIsNoticedAndTheTunnelComesBackWithIt()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(
            Sites.West(connection => connection with { DeadPeerDetectionDelay = Delay }), Sites.East());

        room.Kill(east);
        room.RunUntil(() => west.Tunnel("east").State != TunnelState.Established, TimeSpan.FromMinutes(2), "the dead peer is noticed");
        Assert.Contains(west.Events.OfType<IkeSaClosed>().Last().Reasons, reason => reason.Code == "peer-not-responding");
        Assert.Empty(west.Tunnel("east").ChildSas);

        Station again = room.Add(Sites.East(), 3);
        again.Start();
        room.RunUntil(() => west.Tunnel("east").State == TunnelState.Established, TimeSpan.FromMinutes(2), "the tunnel is back");
        room.AssertCarries(west, again);
    }

    [Fact]
    public void LivenessIsNotAskedWhileEspArrives()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(
            Sites.West(connection => connection with { DeadPeerDetectionDelay = Delay }),
            Sites.East(connection => connection with { DeadPeerDetectionDelay = TimeSpan.Zero }));
        room.Sent.Clear();

        room.RunFor(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(1),
            i => east.SendInner(InnerPackets.Numbered(Sites.EastHost, Sites.WestHost, i)));
        Assert.DoesNotContain(room.Sent, packet => packet.IsIke);

        room.RunFor(TimeSpan.FromMinutes(2));
        Assert.Contains(room.Sent, packet => packet.IsIke);
        Assert.Equal(TunnelState.Established, west.Tunnel("east").State);
    }

    [Fact]
    public void ARestartedPeerThatSaysNothingOfItAndSendsNothingIsSentTo()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(), Sites.East(connection => connection with { DuplicatePolicy = DuplicatePolicy.Never }));

        room.Kill(west);
        Station again = room.Add(Sites.West(), 3, hooks: new WithoutInitialContact());
        again.Start();
        room.RunUntil(() => again.Tunnel("east").State == TunnelState.Established, TimeSpan.FromSeconds(5), "the tunnel is up again");
        room.RunFor(TimeSpan.FromSeconds(6));
        Assert.DoesNotContain(east.Events, occurred => occurred is ChildSaClosed);
        east.SendInner(InnerPackets.Numbered(Sites.EastHost, Sites.WestHost, 1));
        room.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal([1], again.NumbersFrom(Sites.EastHost));
    }

    [Fact]
    public void ARestartedPeerReplacesItsOldSas()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(), Sites.East());
        uint before = Assert.Single(east.Tunnel("west").ChildSas).InboundSpi;

        room.Kill(west);
        Station again = room.Add(Sites.West(), 3);
        again.Start();
        room.RunUntil(() => again.Tunnel("east").State == TunnelState.Established, TimeSpan.FromSeconds(5), "the tunnel is up again");
        room.RunFor(TimeSpan.FromSeconds(10));

        Assert.NotEqual(before, Assert.Single(east.Tunnel("west").ChildSas).InboundSpi);
        room.AssertCarries(again, east);
    }

    [Fact]
    public void ShutdownDeletesAndCloses()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(), Sites.East());

        east.Shutdown();
        Assert.False(east.IsClosed);
        room.RunUntil(() => east.IsClosed, TimeSpan.FromSeconds(1), "the peer has answered the DELETE");

        Assert.Empty(east.Tunnel("west").ChildSas);
        Assert.Contains(west.Events, occurred => occurred is IkeSaClosed { WasEstablished: true });
        west.SendInner(InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, 1));
        Assert.Equal(1UL, west.Status.Counters["esp.no-sa"]);
    }

    [Fact]
    public void BothSidesShutDownAtOnceWithoutWaitingForEachOther()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(), Sites.East());

        west.Shutdown();
        east.Shutdown();

        room.RunUntil(() => west.IsClosed && east.IsClosed, TimeSpan.FromSeconds(1), "both are closed");
    }

    [Fact]
    public void ShutdownEndsWithoutThePeer()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(), Sites.East());

        room.Kill(east);
        west.Shutdown();
        room.RunUntil(() => west.IsClosed, TimeSpan.FromSeconds(4), "the time for shutting down is up");
    }

    [Fact]
    public void ShutdownOfAnIdleEndpointClosesAtOnce()
    {
        using VirtualRoom room = new();
        Station east = room.Add(Sites.East(), 1);
        room.Start();

        east.Shutdown();

        Assert.True(east.IsClosed);
        Assert.Empty(room.Sent);
    }

    [Fact]
    public void TerminateTakesTheTunnelDownOnBothSides()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(), Sites.East());

        Assert.True(west.Command((endpoint, now) => endpoint.Terminate("east", now)).IsAccepted);
        Assert.Equal(TunnelState.Closing, west.Tunnel("east").State);
        room.RunFor(TimeSpan.FromMinutes(1));

        Assert.Equal(TunnelState.Down, west.Tunnel("east").State);
        Assert.Empty(east.Tunnel("west").ChildSas);
        Assert.True(west.Command((endpoint, now) => endpoint.Initiate("east", null, now)).IsAccepted);
        room.RunFor(TimeSpan.FromSeconds(1));
        room.AssertCarries(west, east);
    }

    [Fact]
    public void CommandsForUnknownConnectionsAreRefusedInOneSentence()
    {
        using VirtualRoom room = new();
        Station west = room.Add(Sites.West(), 1);

        Assert.Contains("nowhere", west.Command((endpoint, now) => endpoint.Initiate("nowhere", null, now)).Error, StringComparison.Ordinal);
        Assert.Contains("nowhere", west.Command((endpoint, now) => endpoint.Terminate("nowhere", now)).Error, StringComparison.Ordinal);
        Assert.False(west.Command((endpoint, now) => endpoint.RekeyChild("east", null, now)).IsAccepted);
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.4)]
    public void ComesUpAndRekeysOverALossyWire(double loss)
    {
        using VirtualRoom room = new();
        Random dice = new(4711);
        room.Wire = packet => dice.NextDouble() < loss ? [] : dice.NextDouble() < 0.1 ? [packet, packet] : [packet];
        Station west = room.Add(Sites.West(connection => connection.WithChildren(child => child with
        {
            Lifetime = new Lifetime { RekeyTime = TimeSpan.FromSeconds(60), RekeyJitter = TimeSpan.FromSeconds(10), HardTime = TimeSpan.FromSeconds(120) },
        })), 1);
        Station east = room.Add(Sites.East(), 2);
        room.Start();

        room.RunUntil(() => west.Tunnel("east").State == TunnelState.Established, TimeSpan.FromMinutes(3), "the tunnel is up");
        room.RunFor(TimeSpan.FromMinutes(10));
        room.Wire = null;
        room.RunFor(TimeSpan.FromMinutes(3));
        room.AssertCarries(west, east);
    }

    sealed class WithoutInitialContact : IMessageHooks
    {
        public IkeMessage? Outgoing(IkeMessage message) =>
            message with { Payloads = message.Payloads.RemoveAll(payload => payload is NotifyPayload { NotifyType: NotifyType.InitialContact }) };

        public void Incoming(Span<byte> payloads)
        {
        }
    }
}
