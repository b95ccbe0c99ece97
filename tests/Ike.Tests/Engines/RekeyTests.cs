using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

public class RekeyTests
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    static EngineNode Node(EnginePair pair, string name) => name == "A" ? pair.A : pair.B;

    [Theory]
    [InlineData("A")]
    [InlineData("B")]
    public void ChildRekeyReplacesTheChildWithoutAGap(string starter)
    {
        using EnginePair pair = Connections.EstablishedPair();
        EngineNode ours = Node(pair, starter), theirs = ours == pair.A ? pair.B : pair.A;
        ChildSaId old = ours.OnlyChild.Id, theirOld = theirs.OnlyChild.Id;
        pair.Sent.Clear();
        pair.Do(room => Assert.Null(ours.Engine.RekeyChild("tunnel", "net", room.Now).Error));
        pair.Run(Second);
        Assert.Equal([$"{starter} CREATE_CHILD_SA request", $"{theirs.Name} CREATE_CHILD_SA response", $"{starter} INFORMATIONAL request",
            $"{theirs.Name} INFORMATIONAL response"],
            pair.Sent.Select(name => name[..name.LastIndexOf(' ')]));
        Agreement.AssertSame(pair);
        Assert.Equal(OutboundActivation.Immediately, ours.OnlyChild.Activation);
        Assert.Equal(OutboundActivation.OnFirstInbound, theirs.OnlyChild.Activation);
        Assert.Equal((old, theirOld), (ours.OnlyChild.Replaces, theirs.OnlyChild.Replaces));
        Assert.Equal(TimeSpan.FromSeconds(5), Assert.Single(ours.Removed).InboundGrace);
        Assert.Equal(TimeSpan.FromSeconds(5), Assert.Single(theirs.Removed).InboundGrace);
        Assert.All(pair.A.Of<ChildSaClosed>().Concat(pair.B.Of<ChildSaClosed>()), closed => Assert.Equal("rekeyed", closed.Reasons[0].Code));
    }

    [Theory]
    [InlineData("A")]
    [InlineData("B")]
    public void IkeRekeyMovesTheChildren(string starter)
    {
        using EnginePair pair = Connections.EstablishedPair();
        ulong oldSpi = pair.A.Status(pair.Now).IkeSas[0].InitiatorSpi;
        pair.Do(room => Assert.Null(Node(room, starter).Engine.RekeyIke("tunnel", room.Now).Error));
        pair.Run(Second);
        IkeSaSnapshot ofA = Assert.Single(pair.A.Status(pair.Now).IkeSas), ofB = Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Assert.NotEqual(oldSpi, ofA.InitiatorSpi);
        Assert.Equal((ofA.InitiatorSpi, ofA.ResponderSpi), (ofB.InitiatorSpi, ofB.ResponderSpi));
        Assert.Equal(starter == "A", ofA.IsInitiator);
        Assert.Single(ofA.Children);
        Assert.Single(ofB.Children);
        Assert.Empty(pair.A.Removed);
        Assert.Empty(pair.B.Removed);
        Assert.True(pair.B.Of<IkeSaEstablished>().Last().IsRekey);
        // The new IKE SA works, both ways, with message IDs from 0.
        pair.Sent.Clear();
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(Second);
        pair.Do(room => room.B.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(Second);
        Assert.Contains("A CREATE_CHILD_SA request 0", pair.Sent);
        Assert.Contains("B CREATE_CHILD_SA request 0", pair.Sent);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void SimultaneousChildRekeysLeaveOneChild()
    {
        var survivors = new HashSet<string>();
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using EnginePair pair = Connections.EstablishedPair(seed: seed);
            pair.Do(room => { room.A.Engine.RekeyChild("tunnel", null, room.Now); room.B.Engine.RekeyChild("tunnel", null, room.Now); });
            pair.Run(TimeSpan.FromSeconds(10));
            Assert.Single(pair.A.Installed);
            Agreement.AssertSame(pair);
            Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));
            survivors.Add(pair.A.OnlyChild.Activation.ToString());
            AssertStillWorks(pair);
        }
        Assert.Equal(2, survivors.Count);
    }

    [Fact]
    public void ChildRekeyWhoseRequestIsLostWhileThePeerRekeysLeavesOneChild()
    {
        // The second sequence of RFC 7296 §2.8.1: CHILD_SA_NOT_FOUND to one who knows why.
        using EnginePair pair = Connections.EstablishedPair();
        pair.When("A CREATE_CHILD_SA request 2", EnginePair.Fate.Drop);
        pair.Do(room => { room.A.Engine.RekeyChild("tunnel", null, room.Now); room.B.Engine.RekeyChild("tunnel", null, room.Now); });
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Contains(pair.B.Of<MessagePassed>(), passed => passed.Sent && passed.Payloads.SequenceEqual(["N(CHILD_SA_NOT_FOUND)"]));
        Assert.Single(pair.A.Installed);
        // The peer's packets on the old one may still be under way.
        Assert.All(pair.A.Removed, removed => Assert.True(removed.InboundGrace > TimeSpan.Zero));
        Agreement.AssertSame(pair);
        AssertStillWorks(pair);
    }

    [Fact]
    public void SimultaneousIkeRekeysLeaveOneIkeSaWithTheChildren()
    {
        var initiators = new HashSet<bool>();
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using EnginePair pair = Connections.EstablishedPair(seed: seed);
            pair.Do(room => { room.A.Engine.RekeyIke("tunnel", room.Now); room.B.Engine.RekeyIke("tunnel", room.Now); });
            pair.Run(TimeSpan.FromSeconds(10));
            AssertOneIkeSa(pair);
            Assert.Empty(pair.A.Removed);
            Assert.Empty(pair.B.Removed);
            initiators.Add(pair.A.Status(pair.Now).IkeSas[0].IsInitiator);
            AssertStillWorks(pair);
        }
        Assert.Equal(2, initiators.Count);
    }

    [Fact]
    public void IkeRekeyWhoseRequestIsLostWhileThePeerRekeysIsForgotten()
    {
        // The special case of RFC 7296 §2.8.2.
        using EnginePair pair = Connections.EstablishedPair();
        pair.When("A CREATE_CHILD_SA request 2", EnginePair.Fate.Drop);
        pair.Do(room => { room.A.Engine.RekeyIke("tunnel", room.Now); room.B.Engine.RekeyIke("tunnel", room.Now); });
        pair.Run(TimeSpan.FromSeconds(10));
        AssertOneIkeSa(pair);
        Assert.False(pair.A.Status(pair.Now).IkeSas[0].IsInitiator);
        AssertStillWorks(pair);
    }

    [Fact]
    public void RedundantIkeSaThatEndsByAPeerFaultIsNoSuccessor()
    {
        int seen = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var editor = new MessageEditor();
            using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB(), seed, hooksA: editor);
            pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
            pair.Run(Second);
            pair.When("B CREATE_CHILD_SA response 2", EnginePair.Fate.Drop);
            bool isSpoiled = false;
            editor.Incoming = payloads =>
            {
                // The first DELETE of an IKE SA gets a length beyond its end.
                if (isSpoiled || payloads is not [0, 0, 0, 8, (byte)ProtocolId.Ike, 0, 0, 0])
                    return;
                payloads[3] = 200;
                isSpoiled = true;
            };
            pair.Do(room => { room.A.Engine.RekeyIke("tunnel", room.Now); room.B.Engine.RekeyIke("tunnel", room.Now); });
            pair.Run(TimeSpan.FromMinutes(1));
            Assert.True(isSpoiled);
            // Nothing speaks for it any more: its keys are cleared.
            string[] sent = [.. pair.Sent.Where(IsRequestOfA)];
            pair.Run(TimeSpan.FromMinutes(20));
            Assert.Equal(sent, pair.Sent.Where(IsRequestOfA));
            seen += pair.A.Status(pair.Now).IkeSas.Length;
            Assert.Equal(pair.A.Status(pair.Now).IkeSas.Length, pair.A.Installed.Count);
            Assert.Equal(pair.B.Status(pair.Now).IkeSas.Length, pair.B.Installed.Count);
        }
        Assert.True(seen > 0);

        static bool IsRequestOfA(string name) => name.StartsWith("A INFORMATIONAL request", StringComparison.Ordinal);
    }

    [Fact]
    public void TerminationDuringAuthenticationLeavesNothingAtThePeer()
    {
        using EnginePair pair = Connections.Pair();
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        Assert.True(pair.Run(Second, () => pair.B.Installed.Count == 1));
        Assert.Empty(pair.A.Installed);
        pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
        pair.Run(TimeSpan.FromSeconds(5));
        Assert.Empty(pair.A.Status(pair.Now).IkeSas);
        Assert.Empty(pair.B.Status(pair.Now).IkeSas);
        Assert.Empty(pair.B.Installed);
        Assert.Equal(0, pair.A.LooseSpis);
    }

    [Fact]
    public void TerminationDuringAnIkeRekeyLeavesNothingAtThePeer()
    {
        using EnginePair pair = Connections.EstablishedPair();
        pair.Do(room => { room.A.Engine.RekeyIke("tunnel", room.Now); room.A.Engine.Terminate("tunnel", room.Now); });
        pair.Run(TimeSpan.FromSeconds(5));
        Assert.Empty(pair.A.Status(pair.Now).IkeSas);
        Assert.Empty(pair.A.Installed);
        Assert.Empty(pair.B.Status(pair.Now).IkeSas);
        Assert.Empty(pair.B.Installed);
    }

    [Fact]
    public void RedundantIkeSaThatThePeerDeletedIsNoSuccessor()
    {
        // Both rekey; the answer to the surviving rekey never arrives, and the peer has deleted its redundant IKE SA.
        int seen = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using EnginePair pair = Connections.EstablishedPair(seed: seed);
            pair.When(name => name == "B CREATE_CHILD_SA response 2", EnginePair.Fate.Drop);
            pair.Do(room => { room.A.Engine.RekeyIke("tunnel", room.Now); room.B.Engine.RekeyIke("tunnel", room.Now); });
            pair.Run(TimeSpan.FromMinutes(5));
            foreach (IkeSaId closed in pair.A.Of<IkeSaClosed>().Select(happened => happened.IkeSa!.Value))
                Assert.DoesNotContain(pair.A.Of<IkeSaEstablished>().SkipWhile(happened => happened.IkeSa != closed).Skip(1), happened =>
                    happened.IkeSa == closed);
            if (pair.A.Status(pair.Now).IkeSas.IsEmpty)
            {
                Assert.Empty(pair.A.Installed);
                seen++;
            }
            pair.ClearRules();
            pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
            pair.Run(TimeSpan.FromSeconds(1));
            AssertOneIkeSa(pair);
            Agreement.AssertSame(pair);
        }
        Assert.True(seen > 0);
    }

    [Fact]
    public void PeerThatRekeysInALoopAndDeletesNothingLeavesLittleBehind()
    {
        using EnginePair pair = Connections.EstablishedPair();
        for (int round = 0; round < 30; round++)
        {
            pair.Do(room => room.B.Engine.RekeyIke("tunnel", room.Now));
            pair.When(name => name.StartsWith("B INFORMATIONAL request", StringComparison.Ordinal), EnginePair.Fate.Drop);
            pair.Run(TimeSpan.FromMilliseconds(100));
        }
        Assert.InRange(pair.A.Engine.DescribeIkeSas().Count(), 2, 6);
        pair.ClearRules();
        pair.Run(TimeSpan.FromMinutes(3));
        AssertOneIkeSa(pair);
        Assert.Single(pair.A.Engine.DescribeIkeSas());
    }

    [Fact]
    public void MalformedReplyToAnEarlierRequestDoesNotSpareTheDelete()
    {
        var editor = new MessageEditor();
        using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB(), hooksA: editor);
        pair.Establish();
        pair.Do(room => { room.A.Engine.RekeyChild("tunnel", null, room.Now); room.A.Engine.Terminate("tunnel", room.Now); });
        bool isSpoiled = false;
        editor.Incoming = payloads =>
        {
            if (!isSpoiled)
                payloads[3] = 200;
            isSpoiled = true;
        };
        pair.Run(TimeSpan.FromSeconds(5));
        Assert.True(isSpoiled);
        Assert.Empty(pair.B.Status(pair.Now).IkeSas);
        Assert.Empty(pair.B.Installed);
        Assert.Empty(pair.A.Engine.DescribeIkeSas());
    }

    [Fact]
    public void ChildRekeyDuringIkeRekeyIsPutOffAndThenDone()
    {
        using EnginePair pair = Connections.EstablishedPair();
        pair.Do(room => { room.A.Engine.RekeyIke("tunnel", room.Now); room.B.Engine.RekeyChild("tunnel", null, room.Now); });
        pair.Run(TimeSpan.FromMinutes(1));
        Assert.Contains(pair.A.Of<MessagePassed>().Concat(pair.B.Of<MessagePassed>()), passed => passed.Payloads.Contains("N(TEMPORARY_FAILURE)"));
        AssertOneIkeSa(pair);
        Assert.Single(pair.B.Removed);
        Agreement.AssertSame(pair);
        AssertStillWorks(pair);
    }

    [Theory]
    [InlineData("CREATE_CHILD_SA request 2")]
    [InlineData("CREATE_CHILD_SA response 2")]
    [InlineData("INFORMATIONAL request 3")]
    [InlineData("INFORMATIONAL response 3")]
    public void ChildRekeySurvivesAnyLostMessage(string lost)
    {
        using EnginePair pair = Connections.EstablishedPair();
        pair.When(name => name.EndsWith(lost), EnginePair.Fate.Drop, 1);
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(5));
        Assert.Single(pair.A.Installed);
        Assert.Equal(2, pair.B.EverInstalled.Count);
        Agreement.AssertSame(pair);
    }

    [Theory]
    [InlineData("CREATE_CHILD_SA request 2")]
    [InlineData("CREATE_CHILD_SA response 2")]
    [InlineData("INFORMATIONAL request 3")]
    [InlineData("INFORMATIONAL response 3")]
    public void IkeRekeySurvivesAnyLostMessage(string lost)
    {
        using EnginePair pair = Connections.EstablishedPair();
        pair.When(name => name.EndsWith(lost), EnginePair.Fate.Drop, 1);
        pair.Do(room => room.A.Engine.RekeyIke("tunnel", room.Now));
        pair.Run(TimeSpan.FromSeconds(5));
        AssertOneIkeSa(pair);
        AssertStillWorks(pair);
    }

    [Fact]
    public void ChildRekeyTriesAgainWithTheGroupThatInvalidKeNames()
    {
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA(esp: "aes256gcm16-curve25519-ecp256")),
            Connections.EngineB(Connections.OfB(esp: "aes256gcm16-ecp256")));
        pair.Establish();
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(Second);
        Assert.Contains(pair.A.Of<MessagePassed>(), passed => passed.Payloads.SequenceEqual(["N(INVALID_KE_PAYLOAD)"]));
        Assert.Equal(KeyExchangeMethod.Ecp256, pair.A.OnlyChild.Suite.KeyExchange);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void IkeRekeyTriesAgainWithTheGroupThatInvalidKeNames()
    {
        ConnectionConfiguration ofA = Connections.OfA("aes256-sha256-curve25519"), ofB = Connections.OfB("aes256-sha256-curve25519");
        using var pair = new EnginePair(Connections.EngineA(ofA with { InitiatorProposals = Connections.Ike("aes256-sha256-curve25519-ecp256") }),
            Connections.EngineB(ofB with { ResponderProposals = Connections.Ike("aes256-sha256-ecp256-curve25519") }));
        pair.Establish();
        Assert.Equal(KeyExchangeMethod.Ecp256, pair.A.Status(pair.Now).IkeSas[0].Suite.KeyExchange);
        // B rekeys with x25519, its only offer; A prefers what it accepts, and the next one of A goes through INVALID_KE again.
        pair.Do(room => room.B.Engine.RekeyIke("tunnel", room.Now));
        pair.Run(Second);
        pair.Do(room => room.A.Engine.RekeyIke("tunnel", room.Now));
        pair.Run(Second);
        Assert.Contains(pair.A.Of<MessagePassed>(), passed => passed is { Exchange: "CREATE_CHILD_SA", Sent: false }
            && passed.Payloads.SequenceEqual(["N(INVALID_KE_PAYLOAD)"]));
        AssertOneIkeSa(pair);
        AssertStillWorks(pair);
    }

    [Fact]
    public void PfsMismatchShowsAtTheFirstRekeyAndIsSaidInWords()
    {
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA(esp: "aes256gcm16-modp2048")), Connections.EngineB(Connections.OfB()));
        pair.Establish();
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(Second);
        Assert.Single(pair.A.Installed);
        Reason known = pair.B.Of<NegotiationRefused>().Single().Reasons[0];
        Assert.Equal(("no-proposal-chosen", Certainty.Known), (known.Code, known.Certainty));
        Assert.Contains("key exchange", known.Text);
        Assert.Equal("no-proposal-chosen", pair.A.Of<NegotiationRefused>().Single().Reasons[0].Code);
    }

    [Fact]
    public void PeerThatTakesNoMoreChildrenGetsANewIkeSa()
    {
        using EnginePair pair = Connections.Pair(connection =>
            connection with { StartAction = connection.RemoteAddress == Connections.AddressB ? StartAction.Start : StartAction.None });
        pair.Do(room => room.A.Engine.Start(room.Now));
        pair.Run(Second);
        pair.B.FreeSpis = 1;
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Contains("no-additional-sas", pair.A.ReasonCodes);
        Assert.Equal(2, pair.A.EverInstalled.Count);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void UnusableAnswerIsDeletedAtThePeer()
    {
        var hooks = new MessageEditor
        {
            Outgoing = message => message.Header is { Exchange: ExchangeType.CreateChildSa, IsResponse: true }
                ? message with
                {
                    Payloads = [.. message.Payloads.Select(payload => payload.Type == PayloadType.TrafficSelectorResponder
                    ? new TrafficSelectorPayload(payload.Type, [TrafficSelector.AnyV4]) : payload)]
                }
                : message,
        };
        using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB(), hooksB: hooks);
        pair.Establish();
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(Second);
        Assert.Single(pair.A.Installed);
        Assert.Single(pair.B.Installed);
        Assert.Equal(0, pair.A.LooseSpis);
        Agreement.AssertSame(pair);
    }

    static void AssertOneIkeSa(EnginePair pair)
    {
        IkeSaSnapshot ofA = Assert.Single(pair.A.Status(pair.Now).IkeSas), ofB = Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Assert.Equal((ofA.InitiatorSpi, ofA.ResponderSpi), (ofB.InitiatorSpi, ofB.ResponderSpi));
    }

    static void AssertStillWorks(EnginePair pair)
    {
        int before = pair.A.EverInstalled.Count;
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(Second);
        pair.Do(room => room.B.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(Second);
        Assert.Equal(before + 2, pair.A.EverInstalled.Count);
        Assert.Single(pair.A.Installed);
        Agreement.AssertSame(pair);
    }
}
