using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>D10: which connection, which key, in both steps.</summary>
public class ConnectionChoiceTests
{
    static readonly Identity Branch1 = Identity.Fqdn("branch1.example"), Branch2 = Identity.Fqdn("branch2.example");

    static EnginePair Dial(ConnectionConfiguration dialler, ConnectionConfiguration[] answering, PresharedKey[]? keysOfA = null, PresharedKey[]? keysOfB = null)
    {
        var pair = new EnginePair(
            Connections.EngineA(dialler) with { PresharedKeys = [.. keysOfA ?? [Connections.Key()]] },
            Connections.EngineB(answering) with { PresharedKeys = [.. keysOfB ?? [Connections.Key()]] });
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(3));
        return pair;
    }

    static ConnectionConfiguration Any(string name) => Connections.OfB() with { Name = name, RemoteAddress = null };

    [Fact]
    public void CandidatesAreOrderedByAddressWithAnyLast()
    {
        ConnectionConfiguration any = Any("any");
        ConnectionConfiguration network = Any("network") with { AcceptedRemoteAddresses = [IpPrefix.Parse("203.0.113.0/24")] };
        ConnectionConfiguration host = Connections.OfB() with { Name = "host" };
        ConnectionConfiguration other = Connections.OfB() with { Name = "other", RemoteAddress = IpAddress.Parse("203.0.113.6") };
        ConnectionConfiguration elsewhere = host with { Name = "elsewhere", LocalAddress = IpAddress.Parse("198.51.100.11") };
        ConnectionConfiguration here = host with { Name = "here", LocalAddress = Connections.AddressB };
        Assert.Equal(["here", "host", "network", "any"],
            CandidateSelection.Find([any, network, other, host, elsewhere, here], Connections.AddressB, Connections.AddressA, _ => false)
                .Select(connection => connection.Name));
    }

    [Fact]
    public void AnyPeerIsAcceptedByAConnectionWithoutAnAddress()
    {
        using EnginePair pair = Dial(Connections.OfA(), [Any("any")]);
        Assert.Equal("any", pair.B.OnlyChild.Connection);
    }

    [Fact]
    public void TwoConnectionsFromOneAddressAreToldApartByIdentity()
    {
        ConnectionConfiguration one = Connections.OfB() with { Name = "one", RemoteIdentity = Branch1 };
        ConnectionConfiguration two = Connections.OfB() with { Name = "two", RemoteIdentity = Branch2 };
        using EnginePair first = Dial(Connections.OfA() with { LocalIdentity = Branch1 }, [one, two]);
        Assert.Equal("one", first.B.OnlyChild.Connection);
        using EnginePair second = Dial(Connections.OfA() with { LocalIdentity = Branch2 }, [one, two]);
        Assert.Equal("two", second.B.OnlyChild.Connection);
    }

    [Fact]
    public void TwoConnectionsFromOneAddressAreToldApartByTheIdentityAskedFor()
    {
        ConnectionConfiguration one = Connections.OfB() with { Name = "one", LocalIdentity = Branch1 };
        ConnectionConfiguration two = Connections.OfB() with { Name = "two", LocalIdentity = Branch2 };
        using EnginePair pair = Dial(Connections.OfA() with { RemoteIdentity = Branch2 }, [one, two]);
        Assert.Equal("two", pair.B.OnlyChild.Connection);
        Assert.Equal("branch2.example", pair.A.Of<IkeSaEstablished>().Single().RemoteIdentity);
    }

    [Fact]
    public void TwoConnectionsFromOneAddressAreToldApartByKey()
    {
        ConnectionConfiguration one = Connections.OfB() with { Name = "one", LocalIdentity = Branch1 };
        ConnectionConfiguration two = Connections.OfB() with { Name = "two", LocalIdentity = Branch2 };
        PresharedKey[] keys = [Connections.Key("first") with { LocalIdentity = Branch1 }, Connections.Key("second") with { LocalIdentity = Branch2 }];
        using EnginePair pair = Dial(Connections.OfA(), [one, two], keysOfA: [Connections.Key("second")], keysOfB: keys);
        Assert.Equal("two", pair.B.OnlyChild.Connection);
    }

    [Theory]
    [InlineData("aes256gcm16-prfsha256-curve25519", "aes256gcm16-prfsha256-curve25519-ke1_ecp384")]
    [InlineData("aes256gcm16-prfsha256-curve25519-ke1_ecp384", "aes256gcm16-prfsha256-curve25519-ke1_ecp256")]
    [InlineData("aes256gcm16-prfsha256-curve25519-ke1_ecp384", "aes256gcm16-prfsha256-curve25519")]
    public void AdditionalKeyExchangesOfAnotherConnectionDoNotServe(string negotiated, string wanted)
    {
        ConnectionConfiguration one = Connections.OfB(negotiated) with { Name = "one", RemoteIdentity = Branch1 };
        ConnectionConfiguration two = Connections.OfB(wanted) with { Name = "two", RemoteIdentity = Branch2 };
        using EnginePair pair = Dial(Connections.OfA(negotiated) with { LocalIdentity = Branch2 }, [one, two]);
        Assert.Empty(pair.B.EverInstalled);
        Assert.Contains("authentication-failed", pair.A.ReasonCodes);
    }

    [Fact]
    public void TwoConnectionsFromOneAddressAreToldApartBySelectors()
    {
        ConnectionConfiguration one = Connections.OfB() with { Name = "one", Children = [Connections.Child([Connections.NetworkB], ["10.9.0.0/24"])] };
        ConnectionConfiguration two = Connections.OfB() with { Name = "two" };
        using EnginePair pair = Dial(Connections.OfA(), [one, two]);
        Assert.Equal("two", pair.B.OnlyChild.Connection);
    }

    [Fact]
    public void DeviceBehindANatIsFoundByItsIdentity()
    {
        ConnectionConfiguration one = Any("one") with { RemoteIdentity = Branch1 };
        ConnectionConfiguration two = Any("two") with { RemoteIdentity = Branch2 };
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA() with { LocalIdentity = Branch2 }), Connections.EngineB(one, two))
        { Nat = new NatBox(Connections.AddressA, IpAddress.Parse("192.0.2.1")) };
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(3));
        Assert.Equal("two", pair.B.OnlyChild.Connection);
    }

    [Fact]
    public void FirstOfferIsAnsweredFromTheUnionOfAllCandidates()
    {
        ConnectionConfiguration weak = Connections.OfB("aes128-sha1-modp1024") with { Name = "weak", RemoteIdentity = Branch1 };
        ConnectionConfiguration strong = Connections.OfB("aes256-sha256-ecp256") with { Name = "strong", RemoteIdentity = Branch2 };
        using EnginePair pair = Dial(Connections.OfA("aes256-sha256-ecp256") with { LocalIdentity = Branch2 }, [weak, strong]);
        Assert.Equal("strong", pair.B.OnlyChild.Connection);
        using EnginePair other = Dial(Connections.OfA("aes128-sha1-modp1024") with { LocalIdentity = Branch1 }, [weak, strong]);
        Assert.Equal("weak", other.B.OnlyChild.Connection);
    }

    [Fact]
    public void ConnectionThatDoesNotAcceptTheSuiteFromTheUnionIsRefused()
    {
        ConnectionConfiguration weak = Connections.OfB("aes128-sha1-modp1024") with { Name = "weak", RemoteIdentity = Branch1 };
        ConnectionConfiguration strong = Connections.OfB("aes256-sha256-ecp256") with { Name = "strong", RemoteIdentity = Branch2 };
        using EnginePair pair = Dial(Connections.OfA("aes128-sha1-modp1024") with { LocalIdentity = Branch2 }, [weak, strong]);
        Assert.Empty(pair.A.Installed);
        Assert.Equal("authentication-failed", pair.A.Status(pair.Now).Reasons[0].Code);
        Reason reason = pair.B.Of<NegotiationRefused>().Single().Reasons[0];
        Assert.Equal("no-proposal-chosen", reason.Code);
        Assert.Contains("strong", reason.Text);
    }

    [Fact]
    public void ConnectionThatMayNotRespondDoesNot()
    {
        using EnginePair pair = Dial(Connections.OfA(), [Connections.OfB() with { MayRespond = false }]);
        Assert.Empty(pair.A.Installed);
        Assert.Equal("only-initiates", pair.B.Of<NegotiationRefused>().Single().Reasons[0].Code);
    }

    [Fact]
    public void IdentityWithoutAKeyIsRefusedByName()
    {
        using EnginePair pair = Dial(Connections.OfA() with { LocalIdentity = Branch1 }, [Any("any")],
            keysOfB: [Connections.Key() with { RemoteIdentity = Branch2 }]);
        Assert.Contains("no pre-shared key", pair.B.Of<NegotiationRefused>().Single().Reasons[0].Text);
        Assert.Equal("authentication-failed", pair.A.Status(pair.Now).Reasons[0].Code);
    }
}
