using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

public class LifetimeTests
{
    static readonly Lifetime Short = new() { RekeyTime = TimeSpan.FromMinutes(10), RekeyJitter = TimeSpan.FromMinutes(2), HardTime = TimeSpan.FromMinutes(12) };

    static ConnectionConfiguration WithChildLifetime(ConnectionConfiguration connection, Lifetime lifetime) =>
        connection with { Children = [connection.Children[0] with { Lifetime = lifetime }] };

    [Fact]
    public void EightHoursOfRekeysKeepOneOfEach()
    {
        using EnginePair pair = Connections.EstablishedPair(connection => WithChildLifetime(connection, Short) with { Lifetime = Short });
        pair.Run(TimeSpan.FromHours(8));
        Assert.InRange(pair.A.EverInstalled.Count, 48, 70);
        Assert.Single(pair.A.Installed);
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Agreement.AssertSame(pair);
        Assert.All(pair.A.Of<ChildSaClosed>().Concat(pair.B.Of<ChildSaClosed>()), closed => Assert.Equal("rekeyed", closed.Reasons[0].Code));
        Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));
    }

    [Fact]
    public void SoftLimitIsDrawnWithinTheJitter()
    {
        var drawn = new HashSet<TimeSpan>();
        for (ulong seed = 1; seed <= 10; seed++)
        {
            using EnginePair pair = Connections.EstablishedPair(connection => WithChildLifetime(connection, Short), seed);
            TimeSpan rekeyIn = pair.A.Status(pair.Now).IkeSas[0].Children[0].RekeyIn!.Value;
            Assert.InRange(rekeyIn, TimeSpan.FromMinutes(8) - TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10));
            drawn.Add(rekeyIn);
        }
        Assert.True(drawn.Count > 5);
    }

    [Fact]
    public void HardLifetimeEndsAChildThatCannotBeRekeyed()
    {
        using var pair = new EnginePair(Connections.EngineA(WithChildLifetime(Connections.OfA(esp: "aes256gcm16-modp2048"), Short)), Connections.EngineB());
        pair.Establish();
        pair.Run(TimeSpan.FromMinutes(13));
        Assert.Empty(pair.A.Installed);
        Assert.Empty(pair.B.Installed);
        Assert.Equal("lifetime-expired", pair.A.Of<ChildSaClosed>().Single().Reasons[0].Code);
        Assert.Equal("deleted-by-peer", pair.B.Of<ChildSaClosed>().Single().Reasons[0].Code);
    }

    [Fact]
    public void HardLifetimeEndsAnIkeSaThatCannotBeRekeyed()
    {
        // What A asks for in a rekey is turned into something that B does not accept.
        var offer = new SecurityAssociationPayload([new Proposal(1, ProtocolId.Ike, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 },
            [new Transform(TransformType.Encryption, 99)])]);
        var hooks = new MessageEditor
        {
            Outgoing = message => message.Header is { Exchange: ExchangeType.CreateChildSa, IsRequest: true }
                ? message with { Payloads = [.. message.Payloads.Select(payload => payload is SecurityAssociationPayload ? offer : payload)] } : message,
        };
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA() with { Lifetime = Short, StartAction = StartAction.Start }),
            Connections.EngineB(), hooksA: hooks);
        pair.Do(room => room.A.Engine.Start(room.Now));
        pair.Run(TimeSpan.FromMinutes(11));
        Assert.Single(pair.A.Of<IkeSaEstablished>());
        pair.Run(TimeSpan.FromMinutes(2));
        Assert.Equal("lifetime-expired", pair.A.Of<IkeSaClosed>().First().Reasons[0].Code);
        Assert.Equal(2, pair.A.Of<IkeSaEstablished>().Count());
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void SoftAndHardLimitsOfTheDataPathRekeyAndDelete()
    {
        Lifetime bytes = Connections.LongLifetime with { RekeyBytes = 1_000_000, HardBytes = 1_200_000, RekeyPackets = 1000 };
        using EnginePair pair = Connections.EstablishedPair(connection => WithChildLifetime(connection, bytes) with { StartAction = StartAction.Start });
        InstallChildSa first = pair.A.OnlyChild;
        Assert.InRange(first.SoftBytes!.Value, 980_000UL, 1_000_000UL);
        Assert.InRange(first.SoftPackets!.Value, 980UL, 1000UL);
        pair.Do(room => room.A.Engine.HandleSoftLimit(first.Id, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.NotEqual(first.Id, pair.A.OnlyChild.Id);
        ChildSaId second = pair.A.OnlyChild.Id;
        pair.Do(room => room.A.Engine.HandleHardLimit(second, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal("limit-reached", pair.A.Of<ChildSaClosed>().Last().Reasons[0].Code);
        // Both want it up, so it comes again.
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Single(pair.A.Installed);
        Agreement.AssertSame(pair);
        pair.Do(room => room.A.Engine.HandleSoftLimit(first.Id, room.Now));
    }

    [Fact]
    public void ChildThatBothSidesBringBackIsThereOnce()
    {
        // A's request is lost at first, so B has its own answer before it sees that the two crossed.
        using EnginePair pair = Connections.EstablishedPair(connection => connection with { StartAction = StartAction.Start });
        pair.Do(room => { room.A.Engine.Start(room.Now); room.B.Engine.Start(room.Now); });
        pair.When(name => name.StartsWith("A CREATE_CHILD_SA request"), EnginePair.Fate.Drop, 1);
        pair.Do(room =>
        {
            room.A.Engine.HandleHardLimit(room.A.OnlyChild.Id, room.Now);
            room.B.Engine.HandleHardLimit(room.B.OnlyChild.Id, room.Now);
        });
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Do(room => { room.A.Engine.Initiate("tunnel", null, room.Now); room.B.Engine.Initiate("tunnel", null, room.Now); });
        pair.Run(TimeSpan.FromSeconds(30));
        Assert.Single(pair.A.Installed);
        Agreement.AssertSame(pair);
        Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));
    }

    [Fact]
    public void DeadPeerIsNoticedAndTheTunnelComesBack()
    {
        using EnginePair pair = Connections.Pair(connection => connection with
        {
            DeadPeerDetectionDelay = TimeSpan.FromSeconds(30),
            StartAction = connection.RemoteAddress == Connections.AddressB ? StartAction.Start : StartAction.None
        });
        pair.Do(room => room.A.Engine.Start(room.Now));
        pair.Run(TimeSpan.FromMinutes(5));
        Assert.Single(pair.A.Of<IkeSaEstablished>());
        pair.When(_ => true, EnginePair.Fate.Drop);
        Assert.True(pair.Run(TimeSpan.FromMinutes(3), () => pair.A.Installed.Count == 0));
        Assert.Equal("peer-not-responding", pair.A.Of<IkeSaClosed>().Single().Reasons[0].Code);
        pair.Run(TimeSpan.FromMinutes(3));
        Assert.Empty(pair.B.Installed);
        pair.ClearRules();
        pair.Run(TimeSpan.FromMinutes(2));
        Assert.Single(pair.A.Installed);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void TrafficFromThePeerMakesLivenessChecksNeedless()
    {
        using EnginePair pair = Connections.Pair(connection =>
            connection with { DeadPeerDetectionDelay = connection.RemoteAddress == Connections.AddressB ? TimeSpan.FromSeconds(30) : TimeSpan.Zero });
        pair.Establish();
        int sent = pair.Sent.Count;
        for (int i = 0; i < 20; i++)
        {
            pair.A.InboundPackets[pair.A.OnlyChild.Id] = (ulong)i;
            pair.Run(TimeSpan.FromSeconds(20));
        }
        Assert.Equal(sent, pair.Sent.Count);
        pair.Run(TimeSpan.FromSeconds(61));
        Assert.True(pair.Sent.Count > sent);
        Assert.StartsWith("A INFORMATIONAL request", pair.Sent[sent]);
    }

    [Fact]
    public void UnprotectedInvalidIkeSpiIsOnlyAHint()
    {
        using EnginePair pair = Connections.EstablishedPair();
        int sent = pair.Sent.Count;
        byte[] forged = [.. pair.Datagrams[3].AsSpan(0, 16), 41, 0x20, 37, 0x20, 0, 0, 0, 2, 0, 0, 0, 36, 0, 0, 0, 8, 0, 0, 0, 4];
        var path = new NetworkPath(new TransportAddress(Connections.AddressA, 500), new TransportAddress(Connections.AddressB, 500), PathEncapsulation.Ike);
        for (int i = 0; i < 100; i++)
            pair.Inject(pair.A, forged, path);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Single(pair.A.Installed);
        Assert.Equal(sent + 2, pair.Sent.Count);
        Assert.Equal("A INFORMATIONAL request 2", pair.Sent[sent]);
    }
}
