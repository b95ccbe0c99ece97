using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

public class NatTests
{
    static readonly IpAddress Outside = IpAddress.Parse("192.0.2.1");

    static EnginePair PairBehindNat(Func<ConnectionConfiguration, ConnectionConfiguration>? changeB = null)
    {
        ConnectionConfiguration ofB = Connections.OfB() with { RemoteAddress = null, RemoteIdentity = Identity.From(Connections.AddressA) };
        return new EnginePair(Connections.EngineA(), Connections.EngineB(changeB is null ? ofB : changeB(ofB)))
        { Nat = new NatBox(Connections.AddressA, Outside) };
    }

    [Fact]
    public void MovesToPort4500AndEncapsulatesEspBehindANat()
    {
        using EnginePair pair = PairBehindNat();
        pair.Establish();
        IkeSaSnapshot ofA = pair.A.Status(pair.Now).IkeSas[0], ofB = pair.B.Status(pair.Now).IkeSas[0];
        Assert.Equal((true, false), (ofA.LocalBehindNat, ofA.RemoteBehindNat));
        Assert.Equal((false, true), (ofB.LocalBehindNat, ofB.RemoteBehindNat));
        Assert.Equal(new NetworkPath(new TransportAddress(Connections.AddressA, 4500), new TransportAddress(Connections.AddressB, 4500),
            PathEncapsulation.UdpEncapsulated), pair.A.OnlyChild.Path);
        Assert.Equal(new NetworkPath(new TransportAddress(Connections.AddressB, 4500), new TransportAddress(Outside, 20001),
            PathEncapsulation.UdpEncapsulated), pair.B.OnlyChild.Path);
        Assert.Contains(pair.A.Of<MessagePassed>(), passed => passed.Notes.Contains("NAT in front of us"));
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void SendsKeepalivesOnlyFromBehindTheNat()
    {
        using EnginePair pair = PairBehindNat();
        pair.Establish();
        pair.Run(TimeSpan.FromSeconds(101));
        Assert.Equal(5, pair.Keepalives);
    }

    [Fact]
    public void FollowsAPeerWhoseNatGaveItANewPort()
    {
        using EnginePair pair = PairBehindNat();
        pair.Establish();
        pair.Nat!.Rebind();
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(21002, pair.B.Status(pair.Now).IkeSas[0].Path.Remote.Port);
        Assert.Equal(21002, pair.B.OnlyChild.Path.Remote.Port);
        Assert.NotEmpty(pair.B.PathUpdates);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ANatThatForgetsItsMappingInACollisionMovesTheIkeSaThatSurvivesIt()
    {
        int won = 0;
        for (ulong seed = 1; seed <= 8; seed++)
        {
            ConnectionConfiguration ofB = Connections.OfB() with { RemoteAddress = null, RemoteIdentity = Identity.From(Connections.AddressA) };
            using EnginePair pair = new(Connections.EngineA(), Connections.EngineB(ofB), seed) { Nat = new NatBox(Connections.AddressA, Outside) };
            pair.Establish();
            // B waits for the outcome of its own rekey while A, whose rekey wins, deletes the old IKE SA from another port.
            pair.When(name => name.StartsWith("A CREATE_CHILD_SA response", StringComparison.Ordinal), EnginePair.Fate.Drop);
            pair.When(name => name.StartsWith("A INFORMATIONAL request", StringComparison.Ordinal), EnginePair.Fate.Drop, 1);
            pair.Do(room => { room.A.Engine.RekeyIke("tunnel", room.Now); room.B.Engine.RekeyIke("tunnel", room.Now); });
            pair.Run(TimeSpan.FromMilliseconds(200));
            pair.Nat.Rebind();
            pair.Run(TimeSpan.FromSeconds(10));
            if (!pair.A.Status(pair.Now).IkeSas[0].IsInitiator)
                continue;
            won++;
            IkeSaSnapshot survivor = Assert.Single(pair.B.Status(pair.Now).IkeSas);
            Assert.False(survivor.IsInitiator);
            Assert.InRange(survivor.Path.Remote.Port, 21000, 21100);
            Assert.Equal(survivor.Path, pair.B.OnlyChild.Path);
        }
        Assert.InRange(won, 1, 7);
    }

    [Fact]
    public void ANatThatForgetsItsMappingBetweenTwoTriesDoesNotStallTheAttempt()
    {
        using EnginePair pair = PairBehindNat();
        pair.When("B IKE_SA_INIT response 0", EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromMilliseconds(500));
        pair.Nat!.Rebind();
        // RFC 7296 §2.11: the repeated request is answered to the port from which it came.
        Assert.True(pair.Run(TimeSpan.FromSeconds(2), () => pair.A.Installed.Count == 1));
        Agreement.AssertSame(pair);
        Assert.Equal(1, pair.B.Engine.GetStatus(pair.Now).Connections.Sum(connection => connection.IkeSas.Length));
    }

    [Fact]
    public void FollowsEspFromANewPortButNotWithoutANat()
    {
        using EnginePair pair = PairBehindNat();
        pair.Establish();
        NetworkPath moved = pair.B.OnlyChild.Path with { Remote = new TransportAddress(Outside, 33333) };
        pair.Do(room => room.B.Engine.HandlePathChanged(room.B.OnlyChild.Id, moved, room.Now));
        Assert.Equal(moved, pair.B.OnlyChild.Path);
        pair.Do(room => room.A.Engine.HandlePathChanged(room.A.OnlyChild.Id, moved, room.Now));
        Assert.Empty(pair.A.PathUpdates);

        using EnginePair plain = Connections.EstablishedPair();
        plain.Do(room => room.B.Engine.HandlePathChanged(room.B.OnlyChild.Id, moved, room.Now));
        Assert.Empty(plain.B.PathUpdates);
    }

    [Fact]
    public void ForcedEncapsulationUsesUdpOnBothSides()
    {
        using EnginePair pair = Connections.EstablishedPair(connection =>
            connection with { ForceUdpEncapsulation = connection.RemoteAddress == Connections.AddressB });
        Assert.Equal(PathEncapsulation.UdpEncapsulated, pair.A.OnlyChild.Path.Encapsulation);
        Assert.Equal(PathEncapsulation.UdpEncapsulated, pair.B.OnlyChild.Path.Encapsulation);
        Assert.Equal(4500, pair.B.OnlyChild.Path.Remote.Port);
        pair.Do(room => room.B.Engine.RekeyIke("tunnel", room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Do(room => room.B.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(PathEncapsulation.UdpEncapsulated, pair.A.OnlyChild.Path.Encapsulation);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ForcedByTheResponderWorksToo()
    {
        using EnginePair pair = Connections.EstablishedPair(connection =>
            connection with { ForceUdpEncapsulation = connection.RemoteAddress == Connections.AddressA });
        Assert.Equal(PathEncapsulation.UdpEncapsulated, pair.A.OnlyChild.Path.Encapsulation);
        Assert.Equal(PathEncapsulation.UdpEncapsulated, pair.B.OnlyChild.Path.Encapsulation);
    }

    [Fact]
    public void InitiatorMayBeginOnPort4500()
    {
        using EnginePair pair = Connections.EstablishedPair(connection => connection with { RemoteIkePort = 4500 });
        Assert.All(pair.Datagrams, datagram => Assert.Equal(new byte[4], datagram[..4]));
        Assert.Equal(PathEncapsulation.RawEsp, pair.B.OnlyChild.Path.Encapsulation);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void OtherPortsThanTheUsualOnesWork()
    {
        IkeEngineConfiguration a = Connections.EngineA(Connections.OfA() with
        {
            RemoteIkePort = 10500,
            RemoteNatTraversalPort = 14500,
            ForceUdpEncapsulation = true
        });
        using var pair = new EnginePair(a with { IkePort = 20500, NatTraversalPort = 24500 },
            Connections.EngineB() with { IkePort = 10500, NatTraversalPort = 14500 });
        pair.Establish();
        Assert.Equal((24500, 14500), (pair.A.OnlyChild.Path.Local.Port, pair.A.OnlyChild.Path.Remote.Port));
        Assert.Equal((14500, 24500), (pair.B.OnlyChild.Path.Local.Port, pair.B.OnlyChild.Path.Remote.Port));
    }
}
