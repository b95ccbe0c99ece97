using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

public class SelectorTests
{
    static EnginePair Dial(ChildConfiguration a, ChildConfiguration b)
    {
        var pair = new EnginePair(Connections.EngineA(Connections.OfA() with { Children = [a] }), Connections.EngineB(Connections.OfB() with { Children = [b] }));
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        return pair;
    }

    [Fact]
    public void ResponderNarrowsToWhatBothAllow()
    {
        using EnginePair pair = Dial(Connections.Child(["10.2.0.0/24"], ["0.0.0.0/0"]), Connections.Child(["10.1.0.0/16", "10.3.0.0/16"], ["10.0.0.0/8"]));
        Assert.Equal<TrafficSelector>(Connections.Selectors("10.2.0.0/24"), pair.A.OnlyChild.LocalSelectors);
        Assert.Equal<TrafficSelector>(Connections.Selectors("10.1.0.0/16", "10.3.0.0/16"), pair.A.OnlyChild.RemoteSelectors);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void GatewayThatAcceptsAnySelectorsTakesThemAsTheyCome()
    {
        using EnginePair pair = Dial(Connections.Child(["10.2.0.0/24", "fd00:2::/64"], ["10.1.0.0/16"]), Connections.Child(["0.0.0.0/0"], ["0.0.0.0/0"]) with { AcceptAnySelectors = true });
        Assert.Equal(2, pair.B.OnlyChild.RemoteSelectors.Length);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void NothingInCommonIsTsUnacceptableAndTheIkeSaStays()
    {
        using EnginePair pair = Dial(Connections.Child(["10.2.0.0/24"], ["10.1.0.0/16"]), Connections.Child(["10.1.0.0/16"], ["10.9.0.0/24"]));
        Assert.Empty(pair.A.Installed);
        Assert.Equal(ConnectionState.Established, pair.A.Status(pair.Now).State);
        Reason known = pair.B.Of<NegotiationRefused>().Single().Reasons[0];
        Assert.Equal(("ts-unacceptable", Certainty.Known), (known.Code, known.Certainty));
        Assert.Contains("10.9.0.0/24", known.Text);
        Assert.Contains(pair.A.Of<NegotiationRefused>().Single().Reasons, reason => reason.Certainty == Certainty.Likely);
        Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));
    }

    [Fact]
    public void NarrowedScopeIsKeptInARekeyFromEitherSide()
    {
        using EnginePair pair = Dial(Connections.Child(["10.2.0.0/24"], ["0.0.0.0/0"]), Connections.Child(["10.1.0.0/16"], ["10.0.0.0/8"]));
        foreach (EngineNode node in new[] { pair.A, pair.B })
        {
            pair.Do(room => node.Engine.RekeyChild("tunnel", null, room.Now));
            pair.Run(TimeSpan.FromSeconds(1));
            Assert.Equal<TrafficSelector>(Connections.Selectors("10.2.0.0/24"), pair.A.OnlyChild.LocalSelectors);
            Assert.Equal<TrafficSelector>(Connections.Selectors("10.1.0.0/16"), pair.A.OnlyChild.RemoteSelectors);
            Agreement.AssertSame(pair);
        }
    }

    [Fact]
    public void FirstChoiceComesFirstAndIsIncluded()
    {
        TrafficSelector host = Connections.Selectors("10.1.5.5/32")[0] with { Protocol = 6, FirstPort = 80, LastPort = 80 };
        Assert.Equal<TrafficSelector>([.. Connections.Selectors("10.1.0.0/16")],
            SelectorNarrowing.Narrow([host, .. Connections.Selectors("10.0.0.0/8")], Connections.Selectors("10.1.0.0/16")));
        Assert.Equal<TrafficSelector>([host], SelectorNarrowing.Narrow([host], Connections.Selectors("10.1.0.0/16")));
    }

    [Fact]
    public void NarrowedSelectorsAreAlwaysWithinBothSides()
    {
        var random = new Random(7);
        for (int i = 0; i < 2000; i++)
        {
            TrafficSelector[] proposed = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Draw())];
            TrafficSelector[] policy = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Draw())];
            var narrowed = SelectorNarrowing.Narrow([.. proposed], [.. policy]);
            Assert.All(narrowed, selector => Assert.Contains(proposed, offer => offer.Contains(selector)));
            Assert.All(narrowed, selector => Assert.Contains(policy, allowed => allowed.Contains(selector)));
            Assert.Equal(proposed.Any(offer => policy.Any(allowed => allowed.TryIntersect(offer, out _))), !narrowed.IsEmpty);
        }

        TrafficSelector Draw()
        {
            IpPrefix prefix = new(IpAddress.V4((uint)random.Next(0x0A000000, 0x0A0000FF)), random.Next(24, 33));
            byte protocol = (byte)(random.Next(3) == 0 ? 6 : 0);
            ushort first = (ushort)random.Next(100);
            return protocol == 0 ? TrafficSelector.From(prefix) : new TrafficSelector(prefix.Range, protocol, first, (ushort)(first + random.Next(100)));
        }
    }

    [Fact]
    public void ThousandSelectorsOfAPeerAreBounded()
    {
        TrafficSelector[] many = [.. Enumerable.Range(0, 255).Select(i => TrafficSelector.From(IpPrefix.Parse($"10.2.0.{i}/32")))];
        Assert.Equal(SelectorNarrowing.MaximumSelectors, SelectorNarrowing.Narrow([.. many], [TrafficSelector.AnyV4]).Length);
        Assert.Equal(SelectorNarrowing.MaximumSelectors, SelectorNarrowing.AcceptAny([.. many]).Length);
    }
}
