using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

public class SelectorTests
{
    static EnginePair Dial(ChildConfiguration a, ChildConfiguration b)
    {
        var pair = new EnginePair(Connections.EngineA(Connections.OfA() with { Children = [a] }),
            Connections.EngineB(Connections.OfB() with { Children = [b] }));
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
        using EnginePair pair = Dial(Connections.Child(["10.2.0.0/24", "fd00:2::/64"], ["10.1.0.0/16"]),
            Connections.Child(["0.0.0.0/0"], ["0.0.0.0/0"]) with { AcceptAnySelectors = true });
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void APeerThatWantsOnePairOfAddressesIsAskedForThatOfThePacketOrTheFirst(bool byPacket)
    {
        // What names more than one address is changed into something that B refuses, and its refusal into SINGLE_PAIR_REQUIRED.
        var a = new MessageEditor
        {
            Outgoing = message => message with
            {
                Payloads = [.. message.Payloads.Select(payload => payload is TrafficSelectorPayload asked
                    && asked.Selectors.Any(selector => selector.Addresses.First != selector.Addresses.Last)
                    ? new TrafficSelectorPayload(payload.Type, Connections.Selectors("192.0.2.0/24")) : payload)],
            },
        };
        var b = new MessageEditor
        {
            Outgoing = message => message with
            {
                Payloads = [.. message.Payloads.Select(payload => payload is NotifyPayload { NotifyType: NotifyType.TsUnacceptable }
                    ? new NotifyPayload(NotifyType.SinglePairRequired) : payload)],
            },
        };
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA() with { StartAction = byPacket ? StartAction.Traffic : StartAction.None }),
            Connections.EngineB(), hooksA: a, hooksB: b);
        BringUp();
        pair.Run(TimeSpan.FromSeconds(1));
        foreach (string command in new[] { "", "lose it", "rekey it" })
        {
            if (command == "lose it")
            {
                pair.Do(room => room.A.Engine.HandleHardLimit(room.A.OnlyChild.Id, room.Now));
                pair.Run(TimeSpan.FromSeconds(1));
                BringUp();
            }
            else if (command == "rekey it")
            {
                pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
            }
            pair.Run(TimeSpan.FromSeconds(1));
            Assert.Equal<TrafficSelector>(Connections.Selectors(byPacket ? "10.2.0.7/32" : "10.2.0.0/32"), pair.A.OnlyChild.LocalSelectors);
            Assert.Equal<TrafficSelector>(Connections.Selectors(byPacket ? "10.1.3.4/32" : "10.1.0.0/32"), pair.A.OnlyChild.RemoteSelectors);
            Agreement.AssertSame(pair);
        }
        Assert.Equal(3, pair.A.EverInstalled.Count);
        Assert.Single(pair.A.Of<IkeSaEstablished>());
        Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));

        void BringUp() => pair.Do(room =>
        {
            if (byPacket)
                room.A.Engine.HandleAcquire("tunnel", Connections.PacketOfA, room.Now);
            else
                Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error);
        });
    }

    [Fact]
    public void ARefusalOfTheOnePairItselfIsNotAskedForAgainAtOnce()
    {
        var b = new MessageEditor
        {
            Outgoing = message => message with
            {
                Payloads = [.. message.Payloads.Select(payload => payload is NotifyPayload { NotifyType: NotifyType.TsUnacceptable }
                    ? new NotifyPayload(NotifyType.SinglePairRequired) : payload)],
            },
        };
        using var pair = new EnginePair(Connections.EngineA(),
            Connections.EngineB(Connections.OfB() with { Children = [Connections.Child(["10.1.0.0/16"], ["10.9.0.0/24"])] }), hooksB: b);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(pair.A.Installed);
        Assert.Equal(1, pair.Sent.Count(name => name.StartsWith("A CREATE_CHILD_SA request", StringComparison.Ordinal)));
        Assert.Equal("single-pair-required", pair.A.Of<NegotiationRefused>().Single().Reasons[0].Code);
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
