using System.Buffers.Binary;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines.Mobility;

/// <summary>RFC 4555 §3.5 to §3.9: an initiator that moves, and a responder that follows.</summary>
public class AddressUpdateTests
{
    [Fact]
    public void BothAnnounceMobikeAndMoveToPort4500WithoutANat()
    {
        using EnginePair pair = MobikeRoom.Established();
        IkeSaSnapshot sa = pair.A.Status(pair.Now).IkeSas[0];
        Assert.Equal((4500, 4500), (sa.Path.Local.Port, sa.Path.Remote.Port));
        Assert.Equal(PathEncapsulation.RawEsp, pair.A.OnlyChild.Path.Encapsulation);
        Assert.All(new[] { pair.A, pair.B }, node => Assert.Contains(node.Of<MessagePassed>(), passed => passed.Sent
            && passed.Payloads.Contains("N(MOBIKE_SUPPORTED)")));
    }

    [Fact]
    public void OneSideWithoutMobikeLeavesItOff()
    {
        ConnectionConfiguration b = Connections.OfB();
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA() with { Mobike = new MobikeOptions() }), Connections.EngineB(b));
        pair.Establish();
        Assert.DoesNotContain(pair.B.Of<MessagePassed>(), passed => passed.Sent && passed.Payloads.Contains("N(MOBIKE_SUPPORTED)"));
    }

    [Fact]
    public void MovedInitiatorKeepsItsTunnel()
    {
        using EnginePair pair = MobikeRoom.Established();
        ChildSaId child = pair.B.OnlyChild.Id;
        pair.MoveA(MobikeRoom.NewA);
        // RFC 4555 §2.2: our own ESP leaves from the new address at once.
        Assert.Equal(MobikeRoom.NewA, pair.A.OnlyChild.Path.Local.Address);
        pair.Pass();
        Assert.Equal(MobikeRoom.NewA, pair.PeerOfB());
        Assert.Equal(MobikeRoom.NewA, pair.EspPeerOfB());
        Assert.Equal(child, pair.B.OnlyChild.Id);
        Assert.Equal(PathEncapsulation.RawEsp, pair.B.OnlyChild.Path.Encapsulation);
        Assert.Contains(pair.B.Of<IkeSaMoved>(), moved => moved.To.Remote.Address == MobikeRoom.NewA);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void EspStaysUntilTheNewAddressHasAnswered()
    {
        using EnginePair pair = MobikeRoom.Established();
        // B's check is request 0, and its answer gets lost for a while.
        pair.When("A INFORMATIONAL response 0", EnginePair.Fate.Drop, 2);
        pair.MoveA(MobikeRoom.NewA);
        pair.Pass();
        Assert.Equal(MobikeRoom.NewA, pair.PeerOfB());
        Assert.Equal(Connections.AddressA, pair.EspPeerOfB());
        // What is installed meanwhile goes to the old address too.
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromMilliseconds(500));
        Assert.All(pair.B.Installed.Values, child => Assert.Equal(Connections.AddressA, child.Path.Remote.Address));
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(MobikeRoom.NewA, pair.EspPeerOfB());
    }

    [Fact]
    public void AnswerOfAnotherAddressProvesNothing()
    {
        // A claims an address at which nothing arrives, and has told of another one at which it does receive.
        IpAddress other = IpAddress.Parse("203.0.113.99");
        using EnginePair pair = MobikeRoom.Established(addressesA: [Connections.AddressA, other]);
        bool isTold = false;
        pair.When(name => name.StartsWith("A INFORMATIONAL request", StringComparison.Ordinal) && (isTold || !(isTold = true)), EnginePair.Fate.Drop);
        pair.Reaches = path => path.Remote.Address != MobikeRoom.NewA;
        pair.MoveA(MobikeRoom.NewA, other);
        Assert.False(pair.Run(TimeSpan.FromSeconds(20), () => pair.B.Installed.Count == 0 || pair.EspPeerOfB() == MobikeRoom.NewA));
        Assert.Equal(MobikeRoom.NewA, pair.PeerOfB());
    }

    [Fact]
    public void AnswerOfAnAddressInBetweenProvesNothing()
    {
        IpAddress between = IpAddress.Parse("203.0.113.99");
        using EnginePair pair = MobikeRoom.Established();
        pair.Reaches = path => path.Remote.Address != MobikeRoom.NewA;
        pair.When("A INFORMATIONAL response 0", EnginePair.Fate.Delay);
        foreach (IpAddress address in new[] { MobikeRoom.NewA, between, MobikeRoom.NewA })
        {
            pair.MoveA(address);
            pair.Run(TimeSpan.FromMilliseconds(100));
        }
        Assert.Equal(MobikeRoom.NewA, pair.PeerOfB());
        Assert.False(pair.Run(TimeSpan.FromSeconds(3), () => pair.EspPeerOfB() == MobikeRoom.NewA));
    }

    [Fact]
    public void WithoutTheCheckEspFollowsAtOnce()
    {
        using EnginePair pair = MobikeRoom.Established(ofB: new MobikeOptions { CheckReturnRoutability = false });
        pair.When(name => name.StartsWith("A INFORMATIONAL response", StringComparison.Ordinal), EnginePair.Fate.Drop);
        pair.MoveA(MobikeRoom.NewA);
        pair.Pass();
        Assert.Equal(MobikeRoom.NewA, pair.EspPeerOfB());
        Assert.DoesNotContain("B INFORMATIONAL request 0", pair.Sent);
    }

    [Fact]
    public void AddressThatThePeerDoesNotAcceptIsLeftForAnotherOne()
    {
        using EnginePair pair = MobikeRoom.Established(ofB: new MobikeOptions { PeerAddresses = [IpPrefix.Parse("203.0.113.0/25")] });
        pair.MoveA(IpAddress.Parse("203.0.113.200"), MobikeRoom.NewA);
        pair.Pass();
        Assert.Contains(pair.B.Of<MessagePassed>(), passed => passed.Sent && passed.Payloads.Contains("N(UNACCEPTABLE_ADDRESSES)"));
        Assert.Equal(MobikeRoom.NewA, pair.EspPeerOfB());
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void NoAcceptableAddressEndsTheIkeSaInWords()
    {
        using EnginePair pair = MobikeRoom.Established(ofB: new MobikeOptions { PeerAddresses = [IpPrefix.Host(Connections.AddressA)] });
        pair.MoveA(MobikeRoom.NewA);
        pair.Pass();
        Assert.Contains("unacceptable-addresses", pair.A.ReasonCodes);
        Assert.Empty(pair.B.Installed);
    }

    [Fact]
    public void SecondMoveWhileTheFirstIsUnansweredWins()
    {
        using EnginePair pair = MobikeRoom.Established();
        pair.When("B INFORMATIONAL response 2", EnginePair.Fate.Drop);
        pair.MoveA(MobikeRoom.NewA);
        pair.Run(TimeSpan.FromMilliseconds(100));
        IpAddress last = IpAddress.Parse("203.0.113.99");
        pair.MoveA(last);
        pair.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(last, pair.PeerOfB());
        Assert.Equal(last, pair.EspPeerOfB());
        Assert.Equal(last, pair.A.OnlyChild.Path.Local.Address);
    }

    [Fact]
    public void RequestUnderWayIsAnsweredAtTheNewAddress()
    {
        using EnginePair pair = MobikeRoom.Established();
        pair.When("A CREATE_CHILD_SA request 2", EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.MoveA(MobikeRoom.NewA);
        pair.Run(TimeSpan.FromMilliseconds(200));
        // RFC 4555 §3.5: it is sent again from there without waiting for its pause.
        Assert.Equal(2, pair.Sent.Count(name => name == "A CREATE_CHILD_SA request 2"));
        Assert.Equal(MobikeRoom.NewA, pair.PeerOfB());
        pair.Pass();
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void AddressOfTheOtherFamilyNeedsOneOfThePeerToo()
    {
        IpAddress b6 = IpAddress.Parse("2001:db8::b");
        using EnginePair pair = MobikeRoom.Established(addressesB: [Connections.AddressB, b6]);
        pair.MoveA(MobikeRoom.NewA6);
        // B's new address has to answer before A sends ESP there.
        Assert.Equal(Connections.AddressB, pair.A.OnlyChild.Path.Remote.Address);
        pair.Pass();
        Assert.Equal((MobikeRoom.NewA6, b6), (pair.A.OnlyChild.Path.Local.Address, pair.A.OnlyChild.Path.Remote.Address));
        Assert.Equal((b6, MobikeRoom.NewA6), (pair.B.OnlyChild.Path.Local.Address, pair.B.OnlyChild.Path.Remote.Address));
    }

    [Fact]
    public void EndpointWithoutAnyAddressWaitsForOne()
    {
        using EnginePair pair = MobikeRoom.Established();
        pair.MoveA();
        pair.Run(TimeSpan.FromMinutes(1));
        Assert.Single(pair.A.Installed);
        pair.MoveA(MobikeRoom.NewA);
        pair.Pass();
        Assert.Equal(MobikeRoom.NewA, pair.EspPeerOfB());
    }

    [Fact]
    public void RekeyedIkeSaStillBelongsToItsFirstInitiator()
    {
        using EnginePair pair = MobikeRoom.Established();
        pair.Do(room => room.B.Engine.RekeyIke("tunnel", room.Now));
        pair.Pass();
        Assert.True(pair.B.Status(pair.Now).IkeSas[0].IsInitiator);
        pair.MoveA(MobikeRoom.NewA);
        pair.Pass();
        Assert.Equal(MobikeRoom.NewA, pair.EspPeerOfB());
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void MoveCrossesARekeyOfTheIkeSa()
    {
        using EnginePair pair = MobikeRoom.Established();
        pair.Do(room =>
        {
            room.A.Engine.RekeyIke("tunnel", room.Now); room.A.Engine.LocalAddressesChanged([MobikeRoom.NewA],
            room.Now); room.B.Engine.RekeyIke("tunnel", room.Now);
        });
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(MobikeRoom.NewA, pair.PeerOfB());
        Assert.Equal(MobikeRoom.NewA, pair.EspPeerOfB());
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ResponderThatMovesTellsTheInitiator()
    {
        using EnginePair pair = MobikeRoom.Established(addressesB: [Connections.AddressB, MobikeRoom.OtherB]);
        pair.Do(room => room.B.Engine.LocalAddressesChanged([MobikeRoom.OtherB], room.Now));
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(MobikeRoom.OtherB, pair.A.OnlyChild.Path.Remote.Address);
        Assert.Equal(MobikeRoom.OtherB, pair.B.OnlyChild.Path.Local.Address);
        Assert.Contains(pair.B.Of<MessagePassed>(), passed => passed.Sent && passed.Payloads.Contains("N(NO_ADDITIONAL_ADDRESSES)"));
        Assert.Contains(pair.A.Of<MessagePassed>(), passed => passed.Sent && passed.Payloads.Contains("N(UPDATE_SA_ADDRESSES)"));
    }

    [Fact]
    public void MissingCookieEndsTheIkeSa()
    {
        var hooks = new MessageEditor
        {
            Outgoing = message =>
            message with { Payloads = [.. message.Payloads.Where(payload => payload is not NotifyPayload { NotifyType: NotifyType.Cookie2 })] }
        };
        using EnginePair pair = MobikeRoom.Established(hooksB: hooks);
        pair.MoveA(MobikeRoom.NewA);
        pair.Pass();
        Assert.Contains("cookie2-mismatch", pair.A.ReasonCodes);
        Assert.Empty(pair.A.Installed);
    }

    [Fact]
    public void ProhibitedNatIsNoticedInAuthentication()
    {
        byte[] lie = new byte[12];
        var hooks = new MessageEditor
        {
            Outgoing = message => message.Header.Exchange != ExchangeType.IkeAuth ? message
                : message with { Payloads = message.Payloads.Add(new NotifyPayload(NotifyType.NoNatsAllowed, lie)) },
        };
        using EnginePair pair = MobikeRoom.Pair(hooksA: hooks);
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Pass();
        Assert.Equal(["N(UNEXPECTED_NAT_DETECTED)"], pair.B.Of<MessagePassed>().Last(passed => passed.Sent).Payloads);
        Assert.Empty(pair.B.EverInstalled);
        Assert.Empty(pair.A.Installed);
    }

    [Fact]
    public void ProhibitedNatIsNoticed()
    {
        // A says what it sent from, and B sees something else.
        byte[] lie = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(lie, 0x0A000001);
        int sent = 0;
        var hooks = new MessageEditor
        {
            Outgoing = message => message.FindNotify(NotifyType.UpdateSaAddresses) is null ? message
                : message with { Payloads = message.Payloads.Add(new NotifyPayload(NotifyType.NoNatsAllowed, sent++ < 2 ? lie : Truth())) },
        };
        using EnginePair pair = MobikeRoom.Established(hooksA: hooks);
        pair.MoveA(MobikeRoom.NewA);
        pair.Pass();
        // RFC 4555 §3.9: it is tried several times.
        Assert.Equal(2, pair.B.Of<MessagePassed>().Count(passed => passed.Sent && passed.Payloads.Contains("N(UNEXPECTED_NAT_DETECTED)")));
        Assert.Equal(MobikeRoom.NewA, pair.EspPeerOfB());

        static byte[] Truth()
        {
            byte[] octets = new byte[12];
            MobikeRoom.NewA.WriteTo(octets);
            Connections.AddressB.WriteTo(octets.AsSpan(4));
            BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(8), 4500);
            BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(10), 4500);
            return octets;
        }
    }
}
