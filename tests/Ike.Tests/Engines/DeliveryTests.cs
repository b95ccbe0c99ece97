using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

public class DeliveryTests
{
    [Theory]
    [InlineData("A IKE_SA_INIT request 0")]
    [InlineData("B IKE_SA_INIT response 0")]
    [InlineData("A IKE_AUTH request 1")]
    [InlineData("B IKE_AUTH response 1")]
    public void EstablishSurvivesAnyLostDuplicatedOrDelayedMessage(string name)
    {
        foreach (EnginePair.Fate fate in new[] { EnginePair.Fate.Drop, EnginePair.Fate.Duplicate, EnginePair.Fate.Delay })
        {
            using EnginePair pair = Connections.Pair();
            pair.When(name, fate);
            pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
            pair.Run(TimeSpan.FromSeconds(5));
            Assert.Single(pair.A.Installed);
            Assert.Single(pair.B.EverInstalled);
            Agreement.AssertSame(pair);
        }
    }

    [Fact]
    public void PausesBetweenRetransmissionsGrow()
    {
        using EnginePair pair = Connections.Pair();
        pair.When(_ => true, EnginePair.Fate.Drop);
        TimeSpan start = pair.Now.Monotonic;
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        var pauses = new List<double>();
        while (pair.A.Engine.NextTimeout is TimeSpan next)
        {
            pauses.Add((next - start).TotalSeconds);
            start = next;
            pair.Run(next - pair.Now.Monotonic);
        }
        Assert.Equal([1, 1.8, 3.24, 5.832, 10.4976, 18.8957, 34.0122], pauses.Select(pause => Math.Round(pause, 4)));
    }

    [Fact]
    public void RepeatedRequestGetsTheSameReplyByteForByteAndHappensOnce()
    {
        using EnginePair pair = Connections.EstablishedPair();
        pair.When("B CREATE_CHILD_SA response 2", EnginePair.Fate.Drop, 2);
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(10));
        byte[][] replies = [.. pair.Sent.Zip(pair.Datagrams).Where(sent => sent.First == "B CREATE_CHILD_SA response 2").Select(sent => sent.Second)];
        Assert.Equal(3, replies.Length);
        Assert.Equal(replies[0], replies[1]);
        Assert.Equal(replies[0], replies[2]);
        Assert.Equal(2, pair.B.EverInstalled.Count);
    }

    [Fact]
    public void NothingIsRetransmittedAfterTheReply()
    {
        using EnginePair pair = Connections.EstablishedPair();
        int sent = pair.Sent.Count;
        pair.Run(TimeSpan.FromMinutes(10));
        Assert.Equal(sent, pair.Sent.Count);
    }

    [Fact]
    public void OneRequestAtATime()
    {
        using EnginePair pair = Connections.EstablishedPair();
        pair.Sent.Clear();
        pair.Do(room =>
        {
            room.A.Engine.RekeyChild("tunnel", null, room.Now);
            room.A.Engine.RekeyIke("tunnel", room.Now);
        });
        Assert.Equal(["A CREATE_CHILD_SA request 2"], pair.Sent);
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Assert.Equal(2, pair.A.EverInstalled.Count);
    }

    [Fact]
    public void ForgedAndReplayedMessagesChangeNothing()
    {
        using EnginePair pair = Connections.EstablishedPair();
        int sent = pair.Sent.Count;
        byte[] auth = pair.Datagrams[2];
        for (int i = 28; i < auth.Length; i += 7)
        {
            byte[] forged = [.. auth];
            forged[i] ^= 0x40;
            forged[23] = 2;
            pair.Inject(pair.B, forged, PathToB);
        }
        Assert.Equal(sent, pair.Sent.Count);
        Assert.All(pair.B.Of<PeerFaultCounted>(), fault => Assert.Contains(fault.Fault,
            new[] { "protection-failed", "payload-overrun", "left-over", "payload-too-short", "not-protected", "unknown-critical-payload" }));
        // The genuine one, again, and with another ID.
        pair.Inject(pair.B, auth, PathToB);
        Assert.Equal(sent + 1, pair.Sent.Count);
        byte[] later = [.. auth];
        later[23] = 9;
        pair.Inject(pair.B, later, PathToB);
        Assert.Equal(sent + 1, pair.Sent.Count);
        Assert.Single(pair.B.Installed);
    }

    [Fact]
    public void PeerThatIsGoneTakesTheIkeSaAndItsChildrenDown()
    {
        using EnginePair pair = Connections.EstablishedPair();
        pair.When(name => name.StartsWith("A "), EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromMinutes(3));
        Assert.Empty(pair.A.Installed);
        Assert.Equal(0, pair.A.LooseSpis);
        Assert.Equal("peer-not-responding", Assert.Single(pair.A.Of<IkeSaClosed>()).Reasons[0].Code);
        Assert.Equal(TimeSpan.Zero, Assert.Single(pair.A.Removed).InboundGrace);
    }

    [Fact]
    public void AuthenticatedNonsenseIsAnsweredAndEndsTheIkeSa()
    {
        // RFC 7296 §2.21.3: INVALID_SYNTAX in a protected exchange is fatal in both peers.
        var hooks = new MessageEditor();
        using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB(), hooksB: hooks);
        pair.Establish();
        hooks.Incoming = payloads => payloads[3] ^= 0x55;
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        hooks.Incoming = payloads => { if (payloads.Length > 4) payloads[3] ^= 0x55; };
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Contains(pair.B.Of<MessagePassed>(), passed => passed.Payloads.SequenceEqual(["N(INVALID_SYNTAX)"]));
        Assert.Empty(pair.B.Installed);
        Assert.Contains("invalid-syntax", pair.B.ReasonCodes);
    }

    [Fact]
    public void MessageHeldBackByAHookCountsAsLost()
    {
        int held = 0;
        var hooks = new MessageEditor { Outgoing = message => message.Header.Exchange == ExchangeType.IkeAuth && held++ == 0 ? null : message };
        using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB(), hooksA: hooks);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromMinutes(3));
        Assert.Contains("peer-not-responding", pair.A.ReasonCodes);
    }

    static NetworkPath PathToB => new(new TransportAddress(Connections.AddressB, 500), new TransportAddress(Connections.AddressA, 500), PathEncapsulation.Ike);
}
