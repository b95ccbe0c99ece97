using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Mobility;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines.Mobility;

/// <summary>Dead paths, NATs that change, and peers that change their address again and again (RFC 4555 §3.6 to §3.10).</summary>
public class PathTests
{
    static readonly IpAddress Outside = IpAddress.Parse("192.0.2.1");
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    [Fact]
    public void DeadPathIsLeftForAnotherAddressOfThePeer()
    {
        using EnginePair pair = MobikeRoom.Established(addressesB: [Connections.AddressB, MobikeRoom.OtherB], deadPeerDetection: Idle);
        pair.Reaches = path => path.Remote.Address != Connections.AddressB;
        pair.Run(TimeSpan.FromSeconds(40));
        Assert.Equal(MobikeRoom.OtherB, pair.A.OnlyChild.Path.Remote.Address);
        Assert.Equal(MobikeRoom.OtherB, pair.B.OnlyChild.Path.Local.Address);
        Assert.Empty(pair.A.Of<IkeSaClosed>());
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void PathsAreOnlyTriedOnceTheirOwnIsSilent()
    {
        using EnginePair pair = MobikeRoom.Established(addressesB: [Connections.AddressB, MobikeRoom.OtherB], deadPeerDetection: Idle);
        pair.When("B INFORMATIONAL response 2", EnginePair.Fate.Drop, 2);
        pair.Run(TimeSpan.FromSeconds(30));
        Assert.DoesNotContain(pair.A.Of<MessagePassed>(), passed => passed.Sent && passed.Path.Remote.Address == MobikeRoom.OtherB);
    }

    [Fact]
    public void AddressThatThePeerMayNotHaveIsNotTried()
    {
        using EnginePair pair = MobikeRoom.Established(ofA: new MobikeOptions { PeerAddresses = [IpPrefix.Host(Connections.AddressB)] },
            addressesB: [Connections.AddressB, MobikeRoom.OtherB], deadPeerDetection: Idle);
        pair.Reaches = path => path.Remote.Address != Connections.AddressB;
        pair.Run(TimeSpan.FromSeconds(40));
        Assert.DoesNotContain(pair.A.Of<MessagePassed>(), passed => passed.Sent && passed.Path.Remote.Address == MobikeRoom.OtherB);
    }

    [Fact]
    public void PeerThatIsGoneIsGivenUp()
    {
        using EnginePair pair = MobikeRoom.Established(addressesB: [Connections.AddressB, MobikeRoom.OtherB], deadPeerDetection: Idle);
        pair.Reaches = _ => false;
        pair.Run(TimeSpan.FromMinutes(3));
        Assert.Contains("peer-not-responding", pair.A.ReasonCodes);
        Assert.Empty(pair.A.Installed);
    }

    [Fact]
    public void LivenessCheckNoticesThatTheNatForgotUs()
    {
        using EnginePair pair = MobikeRoom.Established(nat: new NatBox(Connections.AddressA, Outside), deadPeerDetection: Idle);
        pair.Run(TimeSpan.FromSeconds(15));
        pair.Nat!.Rebind();
        pair.Run(TimeSpan.FromSeconds(15));
        ushort port = pair.B.Status(pair.Now).IkeSas[0].Path.Remote.Port;
        Assert.True(port > 21000);
        Assert.Equal(port, pair.B.OnlyChild.Path.Remote.Port);
        // The address is the one that was checked before: no further check for another port.
        Assert.DoesNotContain("B INFORMATIONAL request 0", pair.Sent);
    }

    [Fact]
    public void IkeDoesNotFollowWithoutAnUpdateAndEspFollowsAnotherPort()
    {
        using EnginePair pair = MobikeRoom.Established(nat: new NatBox(Connections.AddressA, Outside));
        NetworkPath before = pair.B.Status(pair.Now).IkeSas[0].Path;
        NetworkPath port = before with { Remote = new TransportAddress(Outside, 33333) };
        pair.Do(room => room.B.Engine.HandlePathChanged(room.B.OnlyChild.Id, port, room.Now));
        Assert.Equal(port, pair.B.OnlyChild.Path);
        Assert.Equal(before, pair.B.Status(pair.Now).IkeSas[0].Path);
        // Another address would have to be checked first.
        NetworkPath stranger = before with { Remote = new TransportAddress(IpAddress.Parse("192.0.2.66"), 4500) };
        pair.Do(room => room.B.Engine.HandlePathChanged(room.B.OnlyChild.Id, stranger, room.Now));
        Assert.Equal(port, pair.B.OnlyChild.Path);
    }

    [Fact]
    public void RequestReachesAPeerWhoseEspAloneHasShownItsNewPort()
    {
        using EnginePair pair = MobikeRoom.Established(nat: new NatBox(Connections.AddressA, Outside));
        NetworkPath before = pair.B.Status(pair.Now).IkeSas[0].Path;
        pair.Nat!.Rebind();
        // What A seals goes through the NAT's new mapping, and so A hears B's ESP and sees no reason to ask.
        TransportAddress mapped = pair.Nat.Outbound(new TransportAddress(Connections.AddressA, 4500));
        pair.Do(room => room.B.Engine.HandlePathChanged(room.B.OnlyChild.Id, before with { Remote = mapped }, room.Now));
        pair.Do(room => room.B.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(90));
        Assert.Single(pair.B.Installed);
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void NatThatAppearsBringsUdpEncapsulationAndOneThatGoesTakesItAway()
    {
        using EnginePair pair = MobikeRoom.Established();
        Assert.Equal(PathEncapsulation.RawEsp, pair.A.OnlyChild.Path.Encapsulation);
        pair.Nat = new NatBox(MobikeRoom.NewA, Outside);
        pair.MoveA(MobikeRoom.NewA);
        pair.Pass();
        Assert.All(new[] { pair.A, pair.B }, node => Assert.Equal(PathEncapsulation.UdpEncapsulated, node.OnlyChild.Path.Encapsulation));
        Assert.Equal(Outside, pair.EspPeerOfB());
        pair.Run(TimeSpan.FromSeconds(50));
        Assert.Equal(2, pair.Keepalives);
        pair.Nat = null;
        pair.MoveA(Connections.AddressA);
        pair.Pass();
        Assert.All(new[] { pair.A, pair.B }, node => Assert.Equal(PathEncapsulation.RawEsp, node.OnlyChild.Path.Encapsulation));
        pair.Run(TimeSpan.FromSeconds(50));
        Assert.Equal(2, pair.Keepalives);
    }

    [Fact]
    public void FloodOfUpdatesCostsABoundedAnswerAndMovesNoEsp()
    {
        using EnginePair pair = MobikeRoom.Established();
        pair.When(name => name.StartsWith("A INFORMATIONAL response", StringComparison.Ordinal), EnginePair.Fate.Drop);
        int before = pair.Sent.Count(name => name.StartsWith("B ", StringComparison.Ordinal));
        for (int i = 0; i < 100; i++)
        {
            pair.MoveA(IpAddress.Parse($"203.0.113.{100 + i % 50}"));
            pair.Run(TimeSpan.FromMilliseconds(30));
        }
        int requests = pair.Sent.Count(name => name.StartsWith("A INFORMATIONAL request", StringComparison.Ordinal));
        int answers = pair.Sent.Count(name => name.StartsWith("B ", StringComparison.Ordinal)) - before;
        Assert.True(requests >= 100);
        // One reply and at most one question each.
        Assert.True(answers <= 2 * requests + 2, $"{answers} datagrams for {requests} request datagrams");
        Assert.Equal(Connections.AddressA, pair.EspPeerOfB());
    }

    [Fact]
    public void ListOfAddressesIsBounded()
    {
        ImmutableArray<IpAddress> many = [.. Enumerable.Range(0, 60).Select(i => IpAddress.Parse($"203.0.113.{i}"))];
        var message = new IkeMessage(default, [.. many.Select(address => (Payload)new NotifyPayload(NotifyType.AdditionalIp4Address, address.ToByteArray()))]);
        Assert.Equal(many[..AddressNotifies.MaximumAddresses], AddressNotifies.ReadList(message)!.Value);
        Assert.Equal(AddressNotifies.MaximumAddresses, AddressNotifies.List(many).Count());
    }

    [Fact]
    public void WithoutMobikeALostAddressEndsTheIkeSaAndItIsSetUpAnew()
    {
        ConnectionConfiguration a = Connections.OfA() with { StartAction = StartAction.Start, LocalIdentity = Identity.From(Connections.AddressA) };
        using var pair = new EnginePair(Connections.EngineA(a),
            Connections.EngineB(Connections.OfB() with { RemoteAddress = null, RemoteIdentity = Identity.From(Connections.AddressA) }));
        pair.Establish();
        pair.MoveA(MobikeRoom.NewA);
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Contains("local-address-gone", pair.A.ReasonCodes);
        Assert.Equal(MobikeRoom.NewA, pair.EspPeerOfB());
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void WithoutMobikeAPeerBehindANatIsFollowed()
    {
        ConnectionConfiguration b = Connections.OfB() with { RemoteAddress = null, RemoteIdentity = Identity.From(Connections.AddressA) };
        ConnectionConfiguration a = Connections.OfA() with { LocalIdentity = Identity.From(Connections.AddressA) };
        using var pair = new EnginePair(Connections.EngineA(a), Connections.EngineB(b)) { Nat = new NatBox(Connections.AddressA, Outside) };
        pair.Establish();
        pair.Nat = new NatBox(MobikeRoom.NewA, IpAddress.Parse("192.0.2.2"));
        pair.MoveA(MobikeRoom.NewA);
        pair.Pass();
        Assert.Equal("192.0.2.2", pair.EspPeerOfB().ToString());
        Assert.Single(pair.A.Of<IkeSaEstablished>());
    }

    [Theory]
    [InlineData(NotifyType.AdditionalIp4Address, 4)]
    [InlineData(NotifyType.AdditionalIp6Address, 16)]
    [InlineData(NotifyType.Cookie2, 8)]
    [InlineData(NotifyType.Cookie2, 64)]
    [InlineData(NotifyType.NoNatsAllowed, 12)]
    [InlineData(NotifyType.NoNatsAllowed, 36)]
    public void NotifiesHaveTheLengthsOfTheRfc(NotifyType type, int length)
    {
        Assert.NotNull(Parse(length));
        Assert.Null(Parse(type == NotifyType.Cookie2 && length == 8 ? 7 : length + 1));

        NotifyPayload? Parse(int octets) => NotifyPayload.Parse([0, 0, (byte)((int)type >> 8), (byte)(int)type, .. new byte[octets]]);
    }
}
