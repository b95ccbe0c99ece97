using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Child SAs that nobody uses are closed, and nothing else is.</summary>
public class InactivityTests
{
    static readonly TimeSpan Timeout = TimeSpan.FromMinutes(8);
    static readonly TimeSpan Look = Timeout / 8;

    [Theory]
    [InlineData(StartAction.None)]
    [InlineData(StartAction.Start)]
    public void TheLastChildTakesItsIkeSaAlongAndIsNotDialledAgain(StartAction start)
    {
        using EnginePair pair = Pair(connection => connection with { StartAction = start });
        Assert.False(pair.Run(Timeout - TimeSpan.FromSeconds(5), () => pair.A.Installed.Count == 0));
        Assert.True(pair.Run(Look, () => pair.A.Installed.Count == 0));
        pair.Run(TimeSpan.FromMinutes(10));
        Assert.Equal("inactive", pair.A.Of<ChildSaClosed>().Single().Reasons[0].Code);
        Assert.Equal("inactive", pair.A.Of<IkeSaClosed>().Single().Reasons[0].Code);
        Assert.Equal("deleted-by-peer", pair.B.Of<IkeSaClosed>().Single().Reasons[0].Code);
        Assert.Equal(ConnectionState.Down, pair.A.Status(pair.Now).State);
        Assert.Empty(pair.B.Status(pair.Now).IkeSas);
        Assert.Null(pair.A.Engine.NextTimeout);
        pair.Do(room => room.A.Engine.HandleAcquire("tunnel", Connections.PacketOfA, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(pair.A.Installed);
    }

    [Theory]
    [InlineData(StartAction.Traffic, EndAction.AsStarted)]
    [InlineData(StartAction.Start, EndAction.Trap)]
    public void APacketBringsATrappedOneBack(StartAction start, EndAction close)
    {
        using EnginePair pair = Pair(connection => connection with { StartAction = start, CloseAction = close });
        Assert.True(pair.Run(Timeout + Look, () => pair.A.Installed.Count == 0));
        pair.Run(TimeSpan.FromMinutes(1));
        Assert.Empty(pair.A.Installed);
        pair.Do(room => room.A.Engine.HandleAcquire("tunnel", Connections.PacketOfA, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Single(pair.A.Installed);
        Agreement.AssertSame(pair);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TrafficInEitherDirectionKeepsIt(bool inbound)
    {
        using EnginePair pair = Pair();
        Dictionary<ChildSaId, ulong> packets = inbound ? pair.A.InboundPackets : pair.A.OutboundPackets;
        for (ulong i = 1; i <= 10; i++)
        {
            packets[pair.A.OnlyChild.Id] = i;
            pair.Run(Timeout - Look);
        }
        Assert.Single(pair.A.EverInstalled);
        Assert.True(pair.Run(Timeout + Look, () => pair.A.Installed.Count == 0));
    }

    [Fact]
    public void RekeysOfEitherKindDoNotProlongIt()
    {
        Lifetime lifetime = new() { RekeyTime = TimeSpan.FromMinutes(1), RekeyJitter = TimeSpan.FromSeconds(10), HardTime = TimeSpan.FromMinutes(2) };
        using EnginePair pair = Pair(connection => connection with { Lifetime = lifetime, Children = [connection.Children[0] with { Lifetime = lifetime }] });
        Assert.False(pair.Run(Timeout - TimeSpan.FromSeconds(5), () => pair.A.Installed.Count == 0));
        Assert.InRange(pair.A.EverInstalled.Count, 6, 20);
        Assert.True(pair.Run(Look * 2, () => pair.A.Installed.Count == 0 && pair.B.Installed.Count == 0));
        pair.Run(TimeSpan.FromMinutes(5));
        Assert.Empty(pair.A.Status(pair.Now).IkeSas);
        Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));
    }

    [Fact]
    public void OneOfTwoChildrenGoesAndTheIkeSaStays()
    {
        ChildConfiguration second = Connections.Child(["10.2.9.0/24"], ["10.1.9.0/24"], "second");
        using var pair = new EnginePair(
            Connections.EngineA(Connections.OfA() with
            {
                StartAction = StartAction.Start,
                Children = [Connections.OfA().Children[0] with { InactivityTimeout = Timeout }, second]
            }),
            Connections.EngineB(Connections.OfB() with
            {
                Children = [Connections.OfB().Children[0],
                Connections.Child(["10.1.9.0/24"], ["10.2.9.0/24"], "second")]
            }));
        pair.Do(room => room.A.Engine.Start(room.Now));
        pair.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(2, pair.A.Installed.Count);
        pair.Run(Timeout * 3);
        Assert.Equal("second", pair.A.OnlyChild.Child);
        Assert.Equal("second", pair.B.OnlyChild.Child);
        Assert.Single(pair.A.Of<IkeSaEstablished>());
        Agreement.AssertSame(pair);
    }

    /// <summary>A's children have the timeout.</summary>
    static EnginePair Pair(Func<ConnectionConfiguration, ConnectionConfiguration>? change = null)
    {
        ConnectionConfiguration ofA = (change ?? (connection => connection))(Connections.OfA());
        var pair = new EnginePair(
            Connections.EngineA(ofA with { Children = [ofA.Children[0] with { InactivityTimeout = Timeout }] }), Connections.EngineB());
        pair.Establish();
        return pair;
    }
}
