using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

public class AuthenticationTests
{
    static EnginePair Attempt(IkeEngineConfiguration a, IkeEngineConfiguration b)
    {
        var pair = new EnginePair(a, b);
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(2));
        return pair;
    }

    static EnginePair WrongKey() => Attempt(Connections.EngineA() with { PresharedKeys = [Connections.Key("wrong")] }, Connections.EngineB());

    static EnginePair WrongIdentity() =>
        Attempt(Connections.EngineA(Connections.OfA() with { LocalIdentity = Identity.From(IpAddress.Parse("203.0.113.99")) }),
            Connections.EngineB(Connections.OfB() with { RemoteIdentity = Identity.From(Connections.AddressA) }));

    [Fact]
    public void WrongKeyIsRefusedByNameAndLeavesNothing()
    {
        using EnginePair pair = WrongKey();
        Assert.Empty(pair.A.Installed);
        Assert.Empty(pair.B.Installed);
        Assert.Empty(pair.A.Status(pair.Now).IkeSas);
        Assert.Empty(pair.B.Status(pair.Now).IkeSas);
        Assert.Equal(ConnectionState.Failed, pair.A.Status(pair.Now).State);
        Assert.Equal(0, pair.A.LooseSpis);
        Reason[] atInitiator = [.. pair.A.Status(pair.Now).Reasons];
        Assert.All(atInitiator, reason => Assert.Equal("authentication-failed", reason.Code));
        Assert.Contains(atInitiator, reason => reason.Certainty == Certainty.Likely && reason.Text.Contains("pre-shared keys"));
        Assert.Contains(atInitiator, reason => reason.Certainty == Certainty.Likely && reason.Text.Contains("identity"));
        Reason atResponder = Assert.Single(pair.B.Of<NegotiationRefused>().Single().Reasons);
        Assert.Equal(Certainty.Known, atResponder.Certainty);
        Assert.Contains("pre-shared key", atResponder.Text);
        Assert.Equal([atResponder], pair.B.Status(pair.Now).Reasons);
    }

    [Fact]
    public void WrongKeyAndWrongIdentityLookAlikeOnTheWire()
    {
        using EnginePair key = WrongKey();
        using EnginePair identity = WrongIdentity();
        Assert.Equal(key.Sent, identity.Sent);
        Assert.Equal(key.Datagrams.Select(datagram => datagram.Length), identity.Datagrams.Select(datagram => datagram.Length));
        MessagePassed ofKey = key.B.Of<MessagePassed>().Last();
        MessagePassed ofIdentity = identity.B.Of<MessagePassed>().Last();
        Assert.Equal(["N(AUTHENTICATION_FAILED)"], ofKey.Payloads);
        Assert.Equal(ofKey.Payloads, ofIdentity.Payloads);
        Assert.Contains("No connection from this address is for the identity", identity.B.Of<NegotiationRefused>().Single().Reasons[0].Text);
    }

    [Fact]
    public void InitiatorRefusesAPeerThatHasAnotherKeyForItself()
    {
        // B finds the right key for A's AUTH, but answers in the name of an identity that A does not expect.
        using EnginePair pair = Attempt(
            Connections.EngineA(Connections.OfA() with { RemoteIdentity = null }) with
            {
                PresharedKeys = [Connections.Key() with { RemoteIdentity = Identity.From(Connections.AddressB) }],
            },
            Connections.EngineB(Connections.OfB() with { LocalIdentity = Identity.Fqdn("other.example") }));
        Assert.Contains("A INFORMATIONAL request 2", pair.Sent);
        Assert.Empty(pair.A.Installed);
        Assert.Empty(pair.B.Installed);
        Assert.Empty(pair.B.Status(pair.Now).IkeSas);
        Assert.Contains(pair.A.Status(pair.Now).Reasons, reason => reason is { Code: "authentication-failed", Certainty: Certainty.Known });
        Assert.Contains(pair.B.Of<IkeSaClosed>(), closed => closed.Reasons[0].Code == "authentication-failed");
    }

    [Fact]
    public void RefusedRequestThatComesAgainGetsTheSameAnswer()
    {
        var pair = new EnginePair(Connections.EngineA() with { PresharedKeys = [Connections.Key("wrong")] }, Connections.EngineB());
        using (pair)
        {
            pair.When("B IKE_AUTH response 1", EnginePair.Fate.Drop);
            pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
            pair.Run(TimeSpan.FromSeconds(3));
            Assert.Equal(2, pair.Sent.Count(name => name == "B IKE_AUTH response 1"));
            Assert.Equal("authentication-failed", pair.A.Status(pair.Now).Reasons[0].Code);
        }
    }

    [Fact]
    public void KeyIsChosenByIdentitiesThenAddressThenAny()
    {
        PresharedKey byIdentity = Connections.Key("identity") with { RemoteIdentity = Identity.Fqdn("a.example") };
        PresharedKey byAddress = Connections.Key("address") with { RemoteAddress = Connections.AddressA };
        PresharedKey any = Connections.Key("any");
        PresharedKey stranger = Connections.Key("stranger") with { RemoteIdentity = Identity.Fqdn("c.example") };
        Identity local = Identity.From(Connections.AddressB);
        Assert.Same(byIdentity.Key, Find([any, byAddress, byIdentity], "a.example"));
        Assert.Same(byAddress.Key, Find([any, byAddress, byIdentity], "b.example"));
        Assert.Same(any.Key, Find([stranger, any], "b.example"));
        Assert.Null(Find([stranger], "b.example"));

        Secret? Find(PresharedKey[] keys, string remote) =>
            PresharedKeySelection.Find([.. keys], local, Identity.Fqdn(remote), Connections.AddressA);
    }

    [Fact]
    public void ChildRefusalInIkeAuthLeavesTheIkeSaUp()
    {
        using EnginePair pair = Attempt(Connections.EngineA(Connections.OfA(esp: "aes128-sha1")), Connections.EngineB());
        Assert.Empty(pair.A.Installed);
        Assert.Equal(ConnectionState.Established, pair.A.Status(pair.Now).State);
        Assert.Equal(ConnectionState.Established, pair.B.Status(pair.Now).State);
        Assert.Equal("no-proposal-chosen", pair.A.Of<NegotiationRefused>().Single().Reasons[0].Code);
        Reason known = Assert.Single(pair.B.Of<NegotiationRefused>().Single().Reasons);
        Assert.Equal(Certainty.Known, known.Certainty);
        Assert.Contains("aes128-sha1", known.Text);
        Assert.Equal(0, pair.A.LooseSpis);
    }
}
