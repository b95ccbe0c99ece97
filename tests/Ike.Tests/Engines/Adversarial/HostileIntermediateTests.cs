using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>A peer that has the keys of IKE_SA_INIT and misbehaves in IKE_INTERMEDIATE (RFC 9242 §3.4): no SA, bounded work, one answer.</summary>
public class HostileIntermediateTests
{
    const string Suite = "aes256gcm16-prfsha256-curve25519-ke1_ecp256-ke2_ecp384";

    [Fact]
    public void IkeAuthBeforeTheAdditionalKeyExchangesIsRefused()
    {
        using EnginePair pair = HalfOpen();
        using var peer = new ByzantinePeer(pair, nextMessageId: 1);
        AssertRefused(pair, peer.Ask(ExchangeType.IkeAuth, [.. MessageSamples.Of(MessageKind.IkeAuthRequest).Payloads]));
    }

    [Fact]
    public void AnotherMethodThanTheOneAgreedOnIsRefused()
    {
        using EnginePair pair = HalfOpen();
        using var peer = new ByzantinePeer(pair, nextMessageId: 1);
        // The second one's turn has not come.
        AssertRefused(pair, peer.Ask(ExchangeType.IkeIntermediate, new KeyExchangePayload(20, MessageSamples.Octets(96, 3))));
    }

    [Fact]
    public void APointThatIsNotOnTheCurveIsRefused()
    {
        using EnginePair pair = HalfOpen();
        using var peer = new ByzantinePeer(pair, nextMessageId: 1);
        AssertRefused(pair, peer.Ask(ExchangeType.IkeIntermediate, new KeyExchangePayload(19, MessageSamples.Octets(64, 3))));
    }

    [Fact]
    public void ExchangesThatLeadNowhereAreBounded()
    {
        using EnginePair pair = HalfOpen();
        using var peer = new ByzantinePeer(pair, nextMessageId: 1);
        for (int i = 0; i < 14; i++)
            Assert.Empty(peer.Ask(ExchangeType.IkeIntermediate)!.Payloads);
        AssertRefused(pair, peer.Ask(ExchangeType.IkeIntermediate));
    }

    [Fact]
    public void IntermediateExchangesAfterAuthenticationEndTheIkeSa()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, nextMessageId: 2);
        IkeMessage? answer = peer.Ask(ExchangeType.IkeIntermediate);
        Assert.Equal(NotifyType.InvalidSyntax, Assert.IsType<NotifyPayload>(Assert.Single(answer!.Payloads)).NotifyType);
        Assert.Empty(pair.B.Installed);
    }

    /// <summary>B has answered IKE_SA_INIT and waits for the first IKE_INTERMEDIATE request.</summary>
    static EnginePair HalfOpen()
    {
        var options = new IkeEngineOptions { EmitKeys = true };
        var pair = new EnginePair(Connections.EngineA(Connections.OfA(Suite)) with { Options = options },
            Connections.EngineB(Connections.OfB(Suite)) with { Options = options });
        pair.When(name => name.StartsWith("A IKE_INTERMEDIATE", StringComparison.Ordinal), EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromMilliseconds(200));
        Assert.Equal(1, pair.B.Engine.GetStatus(pair.Now).HalfOpen);
        return pair;
    }

    static void AssertRefused(EnginePair pair, IkeMessage? answer)
    {
        Assert.Equal(NotifyType.InvalidSyntax, Assert.IsType<NotifyPayload>(Assert.Single(answer!.Payloads)).NotifyType);
        Assert.Empty(pair.B.Installed);
        Assert.All(pair.B.Engine.GetStatus(pair.Now).Connections, connection => Assert.Empty(connection.IkeSas));
        pair.Run(TimeSpan.FromMinutes(3));
        Assert.Equal(0, pair.B.Engine.GetStatus(pair.Now).HalfOpen);
    }
}
