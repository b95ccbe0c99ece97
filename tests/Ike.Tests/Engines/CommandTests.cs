using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

public class CommandTests
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void TerminateDeletesBothEndsAndStaysDown()
    {
        using EnginePair pair = Connections.EstablishedPair(connection =>
            connection with { StartAction = connection.RemoteAddress == Connections.AddressB ? StartAction.Start : StartAction.None });
        pair.Do(room => Assert.True(room.A.Engine.Terminate("tunnel", room.Now).IsAccepted));
        Assert.Equal(ConnectionState.Closing, pair.A.Status(pair.Now).State);
        pair.Run(TimeSpan.FromMinutes(2));
        Assert.Empty(pair.A.Installed);
        Assert.Empty(pair.B.Installed);
        Assert.Equal(ConnectionState.Down, pair.A.Status(pair.Now).State);
        Assert.Equal("terminated", pair.A.Of<IkeSaClosed>().Single().Reasons[0].Code);
        Assert.Equal("deleted-by-peer", pair.B.Of<IkeSaClosed>().Single().Reasons[0].Code);
        Assert.Null(pair.A.Engine.NextTimeout);
        Assert.Null(pair.B.Engine.NextTimeout);
        pair.Establish();
    }

    [Fact]
    public void CrossingTerminationsAreBothAnswered()
    {
        using EnginePair pair = Connections.EstablishedPair();
        pair.Do(room => { room.A.Engine.Terminate("tunnel", room.Now); room.B.Engine.Terminate("tunnel", room.Now); });
        pair.Run(Second);
        Assert.Empty(pair.A.Installed);
        Assert.Empty(pair.B.Installed);
        Assert.Equal(ConnectionState.Down, pair.A.Status(pair.Now).State);
        Assert.Equal(ConnectionState.Down, pair.B.Status(pair.Now).State);
    }

    [Fact]
    public void PeerThatEndsBeforeItsIkeAuthAnswerArrivesIsUnderstood()
    {
        using EnginePair pair = Connections.Pair();
        pair.When("B IKE_AUTH response 1", EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromMilliseconds(100));
        pair.Do(room => room.B.Engine.Terminate("tunnel", room.Now));
        pair.Run(Second);
        Assert.Equal("deleted-by-peer", pair.A.Of<IkeSaClosed>().Single().Reasons[0].Code);
        Assert.Equal(ConnectionState.Down, pair.B.Status(pair.Now).State);
        Assert.Equal(0, pair.A.LooseSpis);
    }

    [Fact]
    public void LostAnswerToADeleteIsGivenAgain()
    {
        using EnginePair pair = Connections.EstablishedPair();
        pair.When("B INFORMATIONAL response 2", EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
        pair.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(ConnectionState.Down, pair.A.Status(pair.Now).State);
        Assert.Equal(2, pair.Sent.Count(name => name == "B INFORMATIONAL response 2"));
    }

    [Fact]
    public void ShutdownDeletesEverythingAndSaysWhenItIsDone()
    {
        using EnginePair pair = Connections.EstablishedPair();
        pair.Do(room => room.A.Engine.Shutdown(room.Now));
        Assert.False(pair.A.IsShutDown);
        pair.Run(Second);
        Assert.True(pair.A.IsShutDown);
        Assert.Empty(pair.B.Installed);
        Assert.Null(pair.A.Engine.NextTimeout);
        Assert.False(pair.A.Engine.Initiate("tunnel", null, pair.Now).IsAccepted);
    }

    [Fact]
    public void TwoShutdownsAtOnceAreDoneAtOnce()
    {
        using EnginePair pair = Connections.EstablishedPair();
        pair.Do(room => { room.A.Engine.Shutdown(room.Now); room.B.Engine.Shutdown(room.Now); });
        pair.Run(TimeSpan.FromMilliseconds(100));
        Assert.True(pair.A.IsShutDown && pair.B.IsShutDown);
        Assert.Null(pair.A.Engine.NextTimeout);
    }

    [Fact]
    public void ShutdownDoesNotWaitForAPeerThatIsGone()
    {
        using EnginePair pair = Connections.EstablishedPair();
        pair.When(_ => true, EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Shutdown(room.Now));
        pair.Run(TimeSpan.FromSeconds(2.9));
        Assert.False(pair.A.IsShutDown);
        pair.Run(TimeSpan.FromSeconds(0.2));
        Assert.True(pair.A.IsShutDown);
        Assert.Null(pair.A.Engine.NextTimeout);
    }

    [Fact]
    public void ShutdownOfAnIdleEngineIsDoneAtOnce()
    {
        using EnginePair pair = Connections.Pair();
        pair.Do(room => room.A.Engine.Shutdown(room.Now));
        Assert.True(pair.A.IsShutDown);
    }

    [Fact]
    public void ShutdownDuringSetUpLeavesNothing()
    {
        using EnginePair pair = Connections.Pair();
        pair.When("B IKE_AUTH response 1", EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromMilliseconds(100));
        pair.Do(room => { room.A.Engine.Shutdown(room.Now); room.B.Engine.Shutdown(room.Now); });
        pair.Run(TimeSpan.FromSeconds(5));
        Assert.True(pair.A.IsShutDown && pair.B.IsShutDown);
        Assert.Empty(pair.B.Installed);
        Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));
    }

    [Fact]
    public void ReloadLeavesAnUnchangedConnectionAlone()
    {
        using EnginePair pair = Connections.EstablishedPair();
        int sent = pair.Sent.Count;
        ChildSaId child = pair.A.OnlyChild.Id;
        pair.Do(room => room.A.Engine.Reload(Connections.EngineA(Connections.OfA(),
            Connections.OfA() with { Name = "another", RemoteAddress = IpAddress.Parse("192.0.2.77") }), room.Now));
        pair.Run(Second);
        Assert.Equal(sent, pair.Sent.Count);
        Assert.Equal(child, pair.A.OnlyChild.Id);
        Assert.Equal(2, pair.A.Engine.GetStatus(pair.Now).Connections.Length);
    }

    [Fact]
    public void ReloadEndsWhatChangedAndStartsItAnew()
    {
        using EnginePair pair = Connections.EstablishedPair();
        ConnectionConfiguration changed = Connections.OfA() with { StartAction = StartAction.Start, RetryDelay = TimeSpan.FromSeconds(7) };
        pair.Do(room => room.A.Engine.Reload(Connections.EngineA(changed), room.Now));
        pair.Run(TimeSpan.FromSeconds(3));
        Assert.Equal("configuration-changed", pair.A.Of<IkeSaClosed>().First().Reasons[0].Code);
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ReloadEndsWhatIsGone()
    {
        using EnginePair pair = Connections.EstablishedPair();
        pair.Do(room => room.B.Engine.Reload(Connections.EngineB() with { Connections = [] }, room.Now));
        pair.Run(Second);
        Assert.Empty(pair.A.Installed);
        Assert.Empty(pair.B.Installed);
        Assert.Empty(pair.B.Engine.GetStatus(pair.Now).Connections);
    }

    [Fact]
    public void TrafficStartsAConnectionOnceAndNotInALoop()
    {
        using EnginePair pair = Connections.Pair(connection => connection with { StartAction = StartAction.Traffic });
        pair.Do(room => room.A.Engine.Start(room.Now));
        Assert.Empty(pair.Sent);
        pair.Do(room =>
        {
            room.A.Engine.HandleAcquire("tunnel", Connections.PacketOfA, room.Now); room.A.Engine.HandleAcquire("tunnel", Connections.PacketOfA,
            room.Now);
        });
        Assert.Single(pair.Sent);
        pair.Run(Second);
        Assert.Single(pair.A.Installed);
        int sent = pair.Sent.Count;
        pair.Do(room => room.A.Engine.HandleAcquire("tunnel", Connections.PacketOfA, room.Now));
        Assert.Equal(sent, pair.Sent.Count);
    }

    [Fact]
    public void PeerThatRestartedReplacesItsOldIkeSa()
    {
        using EnginePair first = Connections.EstablishedPair();
        // A forgets everything and dials again: a second engine in its place, with INITIAL_CONTACT.
        using var again = new EngineNode("A", Connections.EngineA(), 77, 0xAA000001, null);
        InstallChildSa old = first.B.OnlyChild;
        RunAgainst(first, again);
        Assert.Equal("initial-contact", first.B.Of<IkeSaClosed>().Single().Reasons[0].Code);
        InstallChildSa fresh = first.B.OnlyChild;
        Assert.NotEqual(old.Id, fresh.Id);
        Agreement.AssertSame(again.OnlyChild, fresh);
        Assert.Single(first.B.Status(first.Now).IkeSas);
    }

    [Fact]
    public void KeepPolicyRefusesASecondIkeSaOfTheSameIdentitiesFromElsewhere()
    {
        using EnginePair pair = Connections.EstablishedPair(connection =>
            connection with { DuplicatePolicy = DuplicatePolicy.Keep, AcceptedRemoteAddresses = [IpPrefix.Parse("0.0.0.0/0")] });
        var hooks = new MessageEditor
        {
            Outgoing = message =>
            message with { Payloads = [.. message.Payloads.Where(payload => payload is not NotifyPayload { NotifyType: NotifyType.InitialContact })] }
        };
        IpAddress elsewhere = IpAddress.Parse("203.0.113.77");
        using var again = new EngineNode("A", Connections.EngineA(Connections.OfA() with
        {
            LocalAddress = elsewhere,
            LocalIdentity = Identity.Parse(Connections.AddressA.ToString())
        }) with
        { LocalAddresses = [elsewhere] }, 77, 0xAA000001, hooks);
        ChildSaId old = pair.B.OnlyChild.Id;
        RunAgainst(pair, again);
        Assert.Equal(old, pair.B.OnlyChild.Id);
        Assert.Contains("authentication-failed", pair.B.ReasonCodes);
        Assert.Empty(again.Installed);
    }

    [Fact]
    public void ReplacePolicyDeletesTheOlderOneWithoutInitialContactToo()
    {
        using EnginePair pair = Connections.EstablishedPair();
        var hooks = new MessageEditor
        {
            Outgoing = message =>
            message with { Payloads = [.. message.Payloads.Where(payload => payload is not NotifyPayload { NotifyType: NotifyType.InitialContact })] }
        };
        using var again = new EngineNode("A", Connections.EngineA(), 77, 0xAA000001, hooks);
        RunAgainst(pair, again);
        // It could be a reauthentication: its peer has the time to delete the older one itself.
        Assert.Equal(2, pair.B.Installed.Count);
        pair.Run(TimeSpan.FromSeconds(16));
        Assert.Equal("replaced", pair.B.Of<IkeSaClosed>().Single().Reasons[0].Code);
        Agreement.AssertSame(again.OnlyChild, pair.B.OnlyChild);
    }

    /// <summary>Another engine at A's address dials B; nothing is lost.</summary>
    static void RunAgainst(EnginePair pair, EngineNode dialler)
    {
        Instant now = pair.Now;
        dialler.Engine.Initiate("tunnel", null, now);
        for (int round = 0; round < 8; round++)
        {
            Pass(dialler, pair.B, now);
            Pass(pair.B, dialler, now);
        }
    }

    static void Pass(EngineNode from, EngineNode to, Instant now)
    {
        while (from.Engine.TryTakeOutput(out IkeOutput? output))
        {
            from.Take(output);
            if (output is TransmitDatagram transmit)
                to.Engine.HandleDatagram(transmit.Datagram.Span, new NetworkPath(transmit.Path.Remote, transmit.Path.Local, transmit.Path.Encapsulation), now);
        }
    }
}
