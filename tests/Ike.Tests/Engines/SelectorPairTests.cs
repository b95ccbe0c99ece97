using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Several pairs of networks between the same two peers, in one child SA or in one each: each pair is carried once (RFC 7296 §2.9).</summary>
public class SelectorPairTests
{
    static readonly string[] OfA = ["10.2.1.0/24", "10.2.2.0/24"];
    static readonly string[] OfB = ["10.1.1.0/24", "10.1.2.0/24"];
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>A child for each pair, as an Azure gateway with usePolicyBasedTrafficSelectors has them.</summary>
    static ConnectionConfiguration PairByPair(bool acceptAny, StartAction start = StartAction.Start) => Connections.OfB() with
    {
        StartAction = start,
        StartDelay = TimeSpan.FromSeconds(5),
        Children =
        [
            .. from local in OfB
               from remote in OfA
               select Connections.Child([local], [remote], $"{local[5]}{remote[5]}") with { AcceptAnySelectors = acceptAny },
        ],
    };

    static ConnectionConfiguration AllInOne(StartAction start = StartAction.None) =>
        Connections.OfA() with { StartAction = start, Children = [Connections.Child(OfA, OfB)] };

    static EnginePair Room(ConnectionConfiguration a, ConnectionConfiguration b, MessageEditor? hooksB = null)
    {
        var pair = new EnginePair(Connections.EngineA(a), Connections.EngineB(b), hooksB: hooksB);
        pair.Do(room => room.A.Engine.Start(room.Now));
        pair.Do(room => room.B.Engine.Start(room.Now));
        return pair;
    }

    static EnginePair Dialled(ConnectionConfiguration a, ConnectionConfiguration b)
    {
        EnginePair pair = Room(a, b);
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        return pair;
    }

    static string[] Pairs(EngineNode node) => [.. node.Installed.Values
        .Select(child => $"{string.Join('+', child.LocalSelectors)} {string.Join('+', child.RemoteSelectors)}").Order(StringComparer.Ordinal)];

    static readonly string[] EachOfA =
    [
        "10.2.1.0/24 10.1.1.0/24", "10.2.1.0/24 10.1.2.0/24", "10.2.2.0/24 10.1.1.0/24", "10.2.2.0/24 10.1.2.0/24",
    ];

    [Fact]
    public void APairThatAWiderSaOfThePeerCoversIsNotDialled()
    {
        using EnginePair pair = Dialled(AllInOne(), PairByPair(acceptAny: true));
        pair.Run(5 * Minute);
        Assert.Equal(["10.2.1.0/24+10.2.2.0/24 10.1.1.0/24+10.1.2.0/24"], Pairs(pair.A));
        Assert.Single(pair.B.EverInstalled);

        foreach (EngineNode node in new[] { pair.A, pair.B })
        {
            pair.Do(room => Assert.Null(node.Engine.RekeyChild("tunnel", null, room.Now).Error));
            pair.Run(Minute);
            pair.Do(room => Assert.Null(node.Engine.RekeyIke("tunnel", room.Now).Error));
            pair.Run(Minute);
        }
        Assert.Equal(3, pair.B.EverInstalled.Count);
        Assert.Equal(["10.2.1.0/24+10.2.2.0/24 10.1.1.0/24+10.1.2.0/24"], Pairs(pair.A));
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ReauthenticationOfAWiderSaLeavesItTheOnlyOne()
    {
        using EnginePair pair = Dialled(AllInOne() with { ReauthenticationTime = TimeSpan.FromHours(1) }, PairByPair(acceptAny: true));
        pair.Run(TimeSpan.FromHours(3));
        Assert.InRange(pair.B.EverInstalled.Count, 3, 4);
        Assert.Equal(["10.2.1.0/24+10.2.2.0/24 10.1.1.0/24+10.1.2.0/24"], Pairs(pair.A));
        Agreement.AssertSame(pair);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EachPairComesUpByItselfWhenTheSaThatCoversItGoes(bool byPeer)
    {
        using EnginePair pair = Dialled(AllInOne(), PairByPair(acceptAny: true));
        pair.Run(Minute);
        EngineNode ending = byPeer ? pair.A : pair.B;
        pair.Do(room => ending.Engine.HandleHardLimit(ending.OnlyChild.Id, room.Now));
        pair.Run(Minute);
        Assert.Equal(EachOfA, Pairs(pair.A));
        Assert.Equal(["11", "12", "21", "22"], pair.B.Installed.Values.Select(child => child.Child).Order());
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void WhatThePeerClosedStaysClosedWithEveryPairThatItCovered()
    {
        using EnginePair pair = Dialled(AllInOne(), PairByPair(acceptAny: true) with { CloseAction = EndAction.None });
        pair.Run(Minute);
        pair.Do(room => room.A.Engine.HandleHardLimit(room.A.OnlyChild.Id, room.Now));
        pair.Run(5 * Minute);
        Assert.Empty(pair.B.Installed);
    }

    [Fact]
    public void PairsThatAWiderSaLeavesOutAreDialled()
    {
        using EnginePair pair = Dialled(Connections.OfA() with { Children = [Connections.Child(OfA, [OfB[1]], "some"), Connections.Child(OfA, OfB)] },
            PairByPair(acceptAny: true));
        pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", "some", room.Now).Error));
        pair.Run(Minute);
        Assert.Equal(["10.2.1.0/24 10.1.1.0/24", "10.2.1.0/24+10.2.2.0/24 10.1.2.0/24", "10.2.2.0/24 10.1.1.0/24"], Pairs(pair.A));
        Assert.Equal(["11", "12", "21"], pair.B.Installed.Values.Select(child => child.Child).Order());
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void APeerThatDialsPairByPairInAnotherOrderFindsTheChildOfEach()
    {
        ImmutableArray<ChildConfiguration> reversed = [.. from local in OfA.Reverse() from remote in OfB.Reverse() select Connections.Child([local], [remote],
            local + remote)];
        using EnginePair pair = Dialled(Connections.OfA() with { Children = reversed }, PairByPair(acceptAny: true));
        pair.Run(5 * Minute);
        Assert.Equal(EachOfA, Pairs(pair.A));
        Assert.Equal(["11", "12", "21", "22"], pair.B.Installed.Values.Select(child => child.Child).Order());
        Assert.Equal(4, pair.B.EverInstalled.Count);
        Assert.All(pair.B.Installed.Values, child => Assert.Equal(child.Child,
            $"{child.LocalSelectors[0].ToString()[5]}{child.RemoteSelectors[0].ToString()[5]}"));
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void TwoConfiguredChildrenThatOverlapBothComeUp()
    {
        ConnectionConfiguration a = Connections.OfA() with { Children = [Connections.Child(OfA, OfB, "all"), Connections.Child([OfA[0]], [OfB[0]], "one")] };
        ConnectionConfiguration b = Connections.OfB() with { Children = [Connections.Child(OfB, OfA, "all"), Connections.Child([OfB[0]], [OfA[0]], "one")] };
        using EnginePair pair = Dialled(a, b);
        pair.Run(Minute);
        Assert.Equal(["all", "one"], pair.A.Installed.Values.Select(child => child.Child).Order());
        Agreement.AssertSame(pair);
    }

    [Theory]
    [InlineData(StartAction.Start)]
    [InlineData(StartAction.None)]
    public void WhatThePeerLeftOutOfTheChildIsAskedForPairByPair(StartAction start)
    {
        using EnginePair pair = Room(AllInOne(start), PairByPair(acceptAny: false, StartAction.None));
        if (start == StartAction.None)
            pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(EachOfA, Pairs(pair.A));
        Assert.Equal(["11", "12", "21", "22"], pair.B.Installed.Values.Select(child => child.Child).Order());
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Agreement.AssertSame(pair);
        pair.Run(10 * Minute);
        Assert.Equal(4, pair.A.EverInstalled.Count);
    }

    [Fact]
    public void PacketsBringUpWhatThePeerLeftOutWhereTheyBringUpTheRest()
    {
        using EnginePair pair = Room(AllInOne(StartAction.Traffic), PairByPair(acceptAny: false, StartAction.None));
        pair.Do(room => room.A.Engine.HandleAcquire("tunnel", new PacketFlow(IpAddress.Parse("10.2.1.1"), IpAddress.Parse("10.1.1.1"), IpProtocol.Udp),
            room.Now));
        pair.Run(5 * Minute);
        Assert.Equal(EachOfA[..1], Pairs(pair.A));
        pair.Do(room => room.A.Engine.HandleAcquire("tunnel", new PacketFlow(IpAddress.Parse("10.2.2.1"), IpAddress.Parse("10.1.2.1"), IpProtocol.Udp),
            room.Now));
        pair.Run(5 * Minute);
        Assert.Equal([EachOfA[0], EachOfA[3]], Pairs(pair.A));
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void APairThatThePeerDoesNotAllowIsAskedForOncePerIkeSa()
    {
        ConnectionConfiguration b = PairByPair(acceptAny: false, StartAction.None);
        using EnginePair pair = Room(AllInOne(StartAction.Start), b with { Children = b.Children[..3] });
        pair.Run(20 * Minute);
        Assert.Equal(EachOfA[..3], Pairs(pair.A));
        Assert.Single(pair.A.Of<NegotiationRefused>());
        Assert.Equal(3, pair.A.EverInstalled.Count);
        pair.Do(room => Assert.Null(room.A.Engine.RekeyIke("tunnel", room.Now).Error));
        pair.Run(20 * Minute);
        Assert.Single(pair.A.Of<NegotiationRefused>());
        // Who asks by a command wants to know.
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(Minute);
        Assert.Equal(2, pair.A.Of<NegotiationRefused>().Count());
    }

    [Theory]
    [InlineData(EndAction.AsStarted, 4)]
    [InlineData(EndAction.Start, 4)]
    [InlineData(EndAction.None, 3)]
    [InlineData(EndAction.Trap, 3)]
    public void APairThatThePeerDeletesFollowsTheCloseAction(EndAction action, int children)
    {
        using EnginePair pair = Room(AllInOne(StartAction.Start) with { CloseAction = action }, PairByPair(acceptAny: false, StartAction.None));
        pair.Run(TimeSpan.FromSeconds(2));
        pair.Do(room => room.B.Engine.HandleHardLimit(room.B.Installed.Values.Single(child => child.Child == "21").Id, room.Now));
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(3, pair.A.Installed.Count);
        pair.Run(10 * Minute);
        Assert.Equal(children, pair.A.Installed.Count);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void EveryPairIsThereAgainAfterAReauthentication()
    {
        using EnginePair pair = Room(AllInOne(StartAction.Start) with { ReauthenticationTime = TimeSpan.FromHours(1) },
            PairByPair(acceptAny: false, StartAction.None));
        pair.Run(TimeSpan.FromSeconds(2));
        bool wasOneDown = pair.Run(TimeSpan.FromHours(3), () => Pairs(pair.A).Distinct().Count() < 4 || Pairs(pair.B).Distinct().Count() < 4);
        Assert.False(wasOneDown);
        Assert.Equal(EachOfA, Pairs(pair.A));
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void APeerThatNarrowsAPairFurtherIsNotAskedForTheRestOfIt()
    {
        ConnectionConfiguration b = PairByPair(acceptAny: false, StartAction.None);
        using EnginePair pair = Room(AllInOne(StartAction.Start),
            b with { Children = [Connections.Child(["10.1.1.0/25"], ["10.2.1.0/24"]), .. b.Children[1..]] });
        pair.Run(20 * Minute);
        Assert.Equal(4, pair.A.EverInstalled.Count);
        Assert.Equal(["10.2.1.0/24 10.1.1.0/25", .. EachOfA[1..]], Pairs(pair.A));
    }
}
