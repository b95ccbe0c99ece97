using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>INITIAL_CONTACT (RFC 7296 §2.4) between two identities with several connections.</summary>
public class InitialContactTests
{
    const string OtherA = "10.12.0.0/24", OtherB = "10.11.0.0/16";

    [Fact]
    public void ItEndsWhatThePeerHasForgottenInEveryConnection()
    {
        bool hasForgotten = false;
        var hooks = new MessageEditor
        {
            Outgoing = message => message is { Header: { Exchange: ExchangeType.IkeAuth } } && hasForgotten
                ? message with { Payloads = message.Payloads.Add(new NotifyPayload(NotifyType.InitialContact)) } : message,
        };
        using EnginePair pair = Pair(hooks);
        Initiate(pair, "tunnel");
        hasForgotten = true;
        Initiate(pair, "other");
        Assert.Equal("other", Assert.Single(pair.B.Installed.Values).Connection);
        Assert.Contains(pair.B.Of<IkeSaClosed>(), closed => closed is { Connection: "tunnel", Reasons: [{ Code: "initial-contact" }, ..] });
    }

    [Fact]
    public void ItLeavesOtherIdentitiesAlone()
    {
        using EnginePair pair = Pair(null, other => other with { LocalIdentity = Identity.Fqdn("second.example"), RemoteIdentity = null });
        Initiate(pair, "tunnel");
        Initiate(pair, "other");
        Assert.Equal(2, pair.A.Of<MessagePassed>().Count(SaysInitialContact));
        Assert.Equal(2, pair.B.Installed.Count);
    }

    [Fact]
    public void ItIsNotSaidWhereAnotherConnectionHasAnIkeSaWithThePeer()
    {
        using EnginePair pair = Pair();
        Initiate(pair, "tunnel");
        Initiate(pair, "other");
        Assert.Single(pair.A.Of<MessagePassed>(), SaysInitialContact);
        Assert.Equal(2, pair.A.Installed.Count);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ItIsNotSaidOfAPeerThatProvedToBeSomebodyElseThanItsAddress()
    {
        using EnginePair pair = Pair(null, ofB: connection => connection with { LocalIdentity = Identity.Fqdn("b.example") });
        Initiate(pair, "tunnel");
        Initiate(pair, "other");
        Assert.Single(pair.A.Of<MessagePassed>(), SaysInitialContact);
        Assert.Equal(2, pair.B.Installed.Count);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("A IKE_SA_INIT request 0")]
    [InlineData("A IKE_AUTH request 1")]
    [InlineData("B IKE_AUTH response 1")]
    public void ConnectionsThatStartTogetherDoNotEndEachOther(string lost)
    {
        using EnginePair pair = Pair();
        pair.When(lost, EnginePair.Fate.Drop);
        pair.A.Engine.Initiate("tunnel", null, pair.Now);
        pair.Do(room => room.A.Engine.Initiate("other", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Single(pair.A.Of<MessagePassed>(), passed => SaysInitialContact(passed) && !passed.IsRetransmission);
        Assert.Equal(2, pair.B.Installed.Count);
        Assert.Empty(pair.B.Of<IkeSaClosed>());
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ConnectionsThatBothSidesStartTogetherDoNotEndEachOther()
    {
        using EnginePair pair = Pair();
        pair.A.Engine.Initiate("tunnel", null, pair.Now);
        pair.Do(room => room.B.Engine.Initiate("other", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(2, pair.B.Installed.Count);
        Assert.Empty(pair.B.Of<IkeSaClosed>());
        Agreement.AssertSame(pair);
    }

    static bool SaysInitialContact(MessagePassed passed) => passed.Sent && passed.Payloads.Contains("N(INITIAL_CONTACT)");

    static void Initiate(EnginePair pair, string connection)
    {
        pair.Do(room => Assert.Null(room.A.Engine.Initiate(connection, null, room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(1));
    }

    static EnginePair Pair(MessageEditor? hooksA = null, Func<ConnectionConfiguration, ConnectionConfiguration>? otherOfA = null,
        Func<ConnectionConfiguration, ConnectionConfiguration>? ofB = null)
    {
        ofB ??= connection => connection;
        ConnectionConfiguration a = Connections.OfA() with { Name = "other", Children = [Connections.Child([OtherA], [OtherB])] };
        ConnectionConfiguration b = Connections.OfB() with { Name = "other", Children = [Connections.Child([OtherB], [OtherA])] };
        return new EnginePair(Connections.EngineA(Connections.OfA(), otherOfA is null ? a : otherOfA(a)), Connections.EngineB(ofB(Connections.OfB()), ofB(b)),
            hooksA: hooksA);
    }
}
