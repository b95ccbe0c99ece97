using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

public class EstablishTests
{
    [Fact]
    public void EstablishesInFourMessages()
    {
        using EnginePair pair = Connections.EstablishedPair();
        Assert.Equal(["A IKE_SA_INIT request 0", "B IKE_SA_INIT response 0", "A IKE_AUTH request 1", "B IKE_AUTH response 1"], pair.Sent);
        Agreement.AssertSame(pair);
        Assert.Equal(ConnectionState.Established, pair.A.Status(pair.Now).State);
        Assert.Equal(ConnectionState.Established, pair.B.Status(pair.Now).State);
        Assert.Equal(0, pair.B.Engine.GetStatus(pair.Now).HalfOpen);
        Assert.Empty(pair.A.Of<PeerFaultCounted>());
        Assert.Empty(pair.B.Of<PeerFaultCounted>());
    }

    [Fact]
    public void StaysOnPort500AndProtocol50WithoutNat()
    {
        using EnginePair pair = Connections.EstablishedPair();
        Assert.Equal(new NetworkPath(new TransportAddress(Connections.AddressA, 0), new TransportAddress(Connections.AddressB, 0), PathEncapsulation.RawEsp),
            pair.A.OnlyChild.Path);
        Assert.Equal(new NetworkPath(new TransportAddress(Connections.AddressB, 0), new TransportAddress(Connections.AddressA, 0), PathEncapsulation.RawEsp),
            pair.B.OnlyChild.Path);
        Assert.Equal(500, pair.A.Status(pair.Now).IkeSas[0].Path.Remote.Port);
    }

    [Fact]
    public void TellsTheNegotiationAsALadder()
    {
        using EnginePair pair = Connections.EstablishedPair();
        MessagePassed[] ladder = [.. pair.A.Of<MessagePassed>()];
        Assert.Equal(["SA(1)", "KE(x25519)", "Ni", "NATD", "NATD", "N(IKEV2_FRAGMENTATION_SUPPORTED)"], ladder[0].Payloads[..6]);
        Assert.Equal(["SA", "KE(x25519)", "Nr", "NATD", "NATD", "N(IKEV2_FRAGMENTATION_SUPPORTED)"], ladder[1].Payloads[..6]);
        Assert.Contains("no NAT", ladder[1].Notes);
        Assert.Contains(ladder[1].Notes, note => note.StartsWith("chose aes256gcm16"));
        Assert.Equal(["IDi", "AUTH", "N(INITIAL_CONTACT)", "SA(1)", "TSi", "TSr"], ladder[2].Payloads);
        Assert.Equal(["IDr", "AUTH", "SA", "TSi", "TSr"], ladder[3].Payloads);
        Assert.Contains("psk ok", ladder[3].Notes);
        Assert.Contains("child aes256gcm16, no PFS · 10.2.0.0/24 === 10.1.0.0/16", ladder[3].Notes);
        Assert.All(ladder, passed => Assert.Equal("tunnel", passed.Connection));
    }

    [Fact]
    public void ResponderInstallsBeforeItsReplyLeaves()
    {
        using EnginePair pair = Connections.Pair();
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1), () => pair.B.Installed.Count > 0);
        Assert.Empty(pair.A.Installed);
        Assert.Equal("B IKE_AUTH response 1", pair.Sent[^1]);
    }

    [Fact]
    public void EmitsKeysOnlyWhenAsked()
    {
        using EnginePair silent = Connections.EstablishedPair();
        Assert.Empty(silent.A.Of<IkeKeysDerived>());
        using var loud = new EnginePair(Connections.EngineA() with { Options = new IkeEngineOptions { EmitKeys = true } },
            Connections.EngineB() with { Options = new IkeEngineOptions { EmitKeys = true } });
        loud.Establish();
        IkeKeysDerived ours = Assert.Single(loud.A.Of<IkeKeysDerived>());
        IkeKeysDerived theirs = Assert.Single(loud.B.Of<IkeKeysDerived>());
        Assert.Equal(ours.EncryptionInitiator.Span, theirs.EncryptionInitiator.Span);
        Assert.Equal(ours.EncryptionResponder.Span, theirs.EncryptionResponder.Span);
    }

    [Fact]
    public void BringsUpEveryChildOfAConnection()
    {
        ImmutableArray<ChildConfiguration> ofA = [Connections.Child(["10.2.0.0/25"], [Connections.NetworkB], "one"),
            Connections.Child(["10.2.0.128/25"], [Connections.NetworkB], "two")];
        ImmutableArray<ChildConfiguration> ofB = [Connections.Child([Connections.NetworkB], ["10.2.0.0/25"], "one"),
            Connections.Child([Connections.NetworkB], ["10.2.0.128/25"], "two")];
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA() with { Children = ofA }),
            Connections.EngineB(Connections.OfB() with { Children = ofB }));
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(["one", "two"], pair.A.Installed.Values.Select(child => child.Child));
        Assert.Equal(["one", "two"], pair.B.Installed.Values.Select(child => child.Child));
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void StartsByItselfAndAgainWhenItIsDown()
    {
        using EnginePair pair = Connections.Pair(connection => connection.RemoteAddress == Connections.AddressB
            ? connection with { StartAction = StartAction.Start } : connection);
        pair.Do(room => room.A.Engine.Start(room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Single(pair.A.Installed);
        pair.Do(room => room.B.Engine.Terminate("tunnel", room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(pair.A.Installed);
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Single(pair.A.Installed);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void WaitsItsStartDelayForThePeer()
    {
        using EnginePair pair = Connections.Pair(connection =>
            connection with { StartAction = StartAction.Start, StartDelay = TimeSpan.FromSeconds(connection.RemoteAddress == Connections.AddressA ? 10 : 0) });
        pair.Do(room => { room.A.Engine.Start(room.Now); room.B.Engine.Start(room.Now); });
        pair.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(4, pair.Sent.Count);
        Assert.Single(pair.B.Installed);
    }

    [Fact]
    public void BothSidesStartingAtOnceEndWithOneIkeSa()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using EnginePair pair = Connections.Pair(connection => connection with { StartAction = StartAction.Start }, seed);
            pair.Do(room => { room.A.Engine.Start(room.Now); room.B.Engine.Start(room.Now); });
            pair.Run(TimeSpan.FromMinutes(2));
            Assert.Single(pair.A.Status(pair.Now).IkeSas);
            Assert.Single(pair.B.Status(pair.Now).IkeSas);
            Assert.Single(pair.A.Installed);
            Agreement.AssertSame(pair);
        }
    }

    [Fact]
    public void TransportModeRequestIsAnsweredWithTunnelMode()
    {
        var hooks = new MessageEditor
        {
            Outgoing = message => message.Header is { Exchange: ExchangeType.IkeAuth, IsResponse: false }
            ? message with { Payloads = message.Payloads.Insert(2, new NotifyPayload(NotifyType.UseTransportMode)) } : message
        };
        using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB(), hooksA: hooks);
        pair.Establish();
        Assert.DoesNotContain("N(USE_TRANSPORT_MODE)", pair.B.Of<MessagePassed>().Last(passed => passed.Sent).Payloads);
    }

    [Fact]
    public void RefusesWhatCannotBeInitiated()
    {
        using EnginePair pair = Connections.Pair(connection => connection with { MayInitiate = false });
        Assert.Contains("only answers", pair.A.Engine.Initiate("tunnel", null, pair.Now).Error);
        Assert.Contains("no connection 'other'", pair.A.Engine.Initiate("other", null, pair.Now).Error);
        using EnginePair any = Connections.Pair(connection => connection with { RemoteAddress = null });
        Assert.Contains("no remote address", any.A.Engine.Initiate("tunnel", null, any.Now).Error);
        using EnginePair child = Connections.Pair();
        Assert.Contains("no child 'x'", child.A.Engine.Initiate("tunnel", "x", child.Now).Error);
    }
}
