using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines.Mobility;

/// <summary>An answer proves a path only if the request went nowhere else (RFC 4555 §3.5, §3.7), and what is not proven is not settled.</summary>
public class PathProofTests
{
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    [Fact]
    public void UpdateThatAlsoWentElsewhereIsAskedAgainOnThePathThatIsTaken()
    {
        using EnginePair pair = MobikeRoom.Established(addressesB: [Connections.AddressB, MobikeRoom.OtherB]);
        // B gets the update at its other address only, and what it sends from there is lost: it has followed, and A does not know.
        pair.Reaches = path => path.Remote.Address == MobikeRoom.OtherB;
        pair.MoveA(MobikeRoom.NewA);
        Assert.True(pair.Run(TimeSpan.FromSeconds(30), () => pair.B.OnlyChild.Path.Local.Address == MobikeRoom.OtherB || pair.PeerOfB() == MobikeRoom.NewA));
        // Then the path that A has chosen works, and no other one: the repeated answer comes over it.
        pair.Reaches = path => path.Remote.Address != MobikeRoom.OtherB && path.Local.Address != MobikeRoom.OtherB;
        pair.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(Connections.AddressB, pair.A.OnlyChild.Path.Remote.Address);
        Assert.Equal(Connections.AddressB, pair.B.OnlyChild.Path.Local.Address);
        Assert.Equal(MobikeRoom.NewA, pair.EspPeerOfB());
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ResponderThatMovesGoesOnCheckingItsPeersAddress()
    {
        using EnginePair pair = MobikeRoom.Established(addressesB: [Connections.AddressB, MobikeRoom.OtherB]);
        // A claims an address at which it does not receive.
        pair.Reaches = path => path.Remote.Address != MobikeRoom.NewA;
        pair.MoveA(MobikeRoom.NewA);
        pair.Pass();
        Assert.Equal(MobikeRoom.NewA, pair.PeerOfB());
        pair.Do(room => room.B.Engine.LocalAddressesChanged([MobikeRoom.OtherB], room.Now));
        pair.Pass();
        Assert.Equal((MobikeRoom.OtherB, Connections.AddressA), (pair.B.OnlyChild.Path.Local.Address, pair.EspPeerOfB()));
        // Once it does, ESP goes there.
        pair.Reaches = _ => true;
        pair.Run(TimeSpan.FromSeconds(20));
        Assert.Equal(MobikeRoom.NewA, pair.EspPeerOfB());
        Assert.Equal(MobikeRoom.OtherB, pair.A.OnlyChild.Path.Remote.Address);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ResponderThatMovesToAnotherFamilyChecksTheOtherAddressOfItsPeer()
    {
        IpAddress b6 = IpAddress.Parse("2001:db8::b");
        using EnginePair pair = MobikeRoom.Established(addressesA: [Connections.AddressA, MobikeRoom.NewA6], addressesB: [Connections.AddressB, b6]);
        pair.When(name => name.StartsWith("A INFORMATIONAL", StringComparison.Ordinal), EnginePair.Fate.Drop);
        pair.Do(room => room.B.Engine.LocalAddressesChanged([b6], room.Now));
        pair.Pass();
        Assert.Equal(Connections.AddressA, pair.EspPeerOfB());
        pair.ClearRules();
        pair.Run(TimeSpan.FromSeconds(20));
        Assert.Equal((b6, MobikeRoom.NewA6), (pair.B.OnlyChild.Path.Local.Address, pair.EspPeerOfB()));
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void UpdateThatARekeyOvertakesIsToldOnTheNewIkeSa()
    {
        using EnginePair pair = MobikeRoom.Established(deadPeerDetection: Idle);
        // B's rekey is through before A's update is; then there is no old IKE SA any more to repeat it on.
        pair.When(name => name.StartsWith("A INFORMATIONAL request 2", StringComparison.Ordinal), EnginePair.Fate.Drop, 2);
        pair.MoveA(MobikeRoom.NewA);
        pair.Do(room => Assert.Null(room.B.Engine.RekeyIke("tunnel", room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(5));
        Assert.True(pair.B.Status(pair.Now).IkeSas.Single().IsInitiator);
        Assert.Equal(MobikeRoom.NewA, pair.PeerOfB());
        Assert.Equal(MobikeRoom.NewA, pair.EspPeerOfB());
        Agreement.AssertSame(pair);
    }
}
