using Ipsec.Ike.Outputs;

namespace Ipsec.Ike.Tests.Engines.Interleavings;

/// <summary>What holds after every interleaving.</summary>
static class Invariants
{
    /// <summary>One IKE SA and one live child on both sides, the same ones, or nothing on both sides.</summary>
    public static void AssertAfter(Room room, bool isUp)
    {
        ConnectionStatus ofA = room.A.Status(room.Now), ofB = room.B.Status(room.Now);
        Assert.True(ofA.IkeSas.Length <= 1 && ofA.IkeSas.Length == ofB.IkeSas.Length, $"{ofA.IkeSas.Length} and {ofB.IkeSas.Length} IKE SAs");
        Assert.True(room.A.Installed.Count == room.B.Installed.Count, $"{room.A.Installed.Count} and {room.B.Installed.Count} child SAs");
        Assert.True(room.A.Installed.Count <= room.Children.Count, $"{room.A.Installed.Count} child SAs where {room.Children.Count} are wanted");
        Assert.True(!isUp || ofA.IkeSas.Length == 1 && room.A.Installed.Count == room.Children.Count, "down where it should be up");
        foreach ((IkeSaSnapshot ours, IkeSaSnapshot theirs) in ofA.IkeSas.Zip(ofB.IkeSas))
        {
            Assert.Equal((ours.InitiatorSpi, ours.ResponderSpi), (theirs.InitiatorSpi, theirs.ResponderSpi));
            Assert.NotEqual(ours.IsInitiator, theirs.IsInitiator);
        }
        foreach (InstallChildSa ours in room.A.Installed.Values)
            Agreement.AssertSame(ours, Assert.Single(room.B.Installed.Values, theirs => theirs.Child == ours.Child));
        Assert.Equal((0, 0), (room.A.LooseSpis, room.B.LooseSpis));
        Assert.True(room.A.Engine.GetStatus(room.Now).HalfOpen == 0 && room.B.Engine.GetStatus(room.Now).HalfOpen == 0, "a half-open IKE SA");
    }

    /// <summary>
    /// RFC 7296 §2.8.1: the redundant SA of a collision is closed by the side that made it, and a replaced one by one side only. Returns whose were redundant.
    /// </summary>
    public static IEnumerable<string> AssertClosedByTheRightSide(Room room)
    {
        foreach (Creation made in room.Created.Where(made => !made.ByPeer))
        {
            EngineNode maker = room[made.Node], other = room.Other(maker);
            if (maker.Of<ChildSaClosed>().FirstOrDefault(closed => closed.Id == made.Id) is not { } closed)
                continue;
            bool byMaker = room.Deletes.Contains((maker.Name, made.InboundSpi)), byOther = room.Deletes.Contains((other.Name, made.OutboundSpi));
            Assert.False(byMaker && byOther, $"both sides deleted {made.InboundSpi:x8}");
            if (closed.Reasons[0].Code != "redundant")
                continue;
            Assert.True(byMaker, $"{made.InboundSpi:x8} of {maker.Name} was redundant, and {maker.Name} did not delete it");
            yield return maker.Name;
        }
    }

    /// <summary>Both sides are told to end, and then neither has anything left to do: no SA, no SPI, no timer.</summary>
    public static void AssertNothingIsLeft(Room room)
    {
        room.Do("both end", () =>
        {
            room.A.Engine.Terminate("tunnel", room.Now);
            room.B.Engine.Terminate("tunnel", room.Now);
        });
        room.Settle(TimeSpan.FromMinutes(3));
        foreach (EngineNode node in new[] { room.A, room.B })
        {
            Assert.Empty(node.Installed);
            Assert.Equal(0, node.LooseSpis);
            Assert.True(node.Engine.NextTimeout is null, $"a timer of {node.Name} is left at {node.Engine.NextTimeout}");
            Assert.Empty(node.Status(room.Now).IkeSas);
        }
    }
}
