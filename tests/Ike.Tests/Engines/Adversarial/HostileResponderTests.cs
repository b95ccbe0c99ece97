using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>A responder that answers what the initiator must not accept: nothing is installed, and what is left is told or forgotten.</summary>
public class HostileResponderTests
{
    [Theory]
    [InlineData("a suite that was not offered")]
    [InlineData("two suites")]
    [InlineData("another proposal number")]
    [InlineData("a key of another group")]
    [InlineData("a key of the wrong length")]
    [InlineData("the key zero")]
    [InlineData("no nonce")]
    [InlineData("a protected payload")]
    public void NoIkeSaComesOfABadIkeSaInitResponse(string what)
    {
        using EnginePair pair = Bring(ExchangeType.IkeSaInit, message => what switch
        {
            "a suite that was not offered" => Replace(message, Ike("aes128-sha1-curve25519")),
            "two suites" => Replace(message, Ike("aes256gcm16-prfsha256-curve25519", "aes256gcm16-prfsha256-curve25519")),
            "another proposal number" => Replace(message, new SecurityAssociationPayload([Ike("aes256gcm16-prfsha256-curve25519")
                .Proposals[0] with { Number = 2 }])),
            "a key of another group" => Replace(message, new KeyExchangePayload(14, new byte[256])),
            "a key of the wrong length" => Replace(message, new KeyExchangePayload(31, new byte[31])),
            "the key zero" => Replace(message, new KeyExchangePayload(31, new byte[32])),
            "no nonce" => message with { Payloads = message.Payloads.RemoveAll(payload => payload is NoncePayload) },
            _ => message with { Payloads = message.Payloads.Add(new OpaquePayload(PayloadType.Encrypted, new byte[40])) },
        });
        Assert.DoesNotContain(pair.Sent, name => name.StartsWith("A IKE_AUTH", StringComparison.Ordinal));
        AssertNothingIsLeft(pair);
    }

    [Theory]
    [InlineData("another AUTH")]
    [InlineData("an empty AUTH")]
    [InlineData("another authentication method")]
    [InlineData("another identity")]
    [InlineData("no identity")]
    [InlineData("two identities")]
    [InlineData("a protocol error beside nothing")]
    public void NoIkeSaComesOfABadAuthentication(string what)
    {
        using EnginePair pair = Bring(ExchangeType.IkeAuth, message => what switch
        {
            "another AUTH" => Replace(message, MessageSamples.Auth),
            "an empty AUTH" => Replace(message, MessageSamples.Auth with { Data = default }),
            "another authentication method" => Replace(message,
                message.Find<AuthenticationPayload>()! with { Method = AuthenticationMethod.RsaDigitalSignature }),
            "another identity" => Replace(message, new IdentificationPayload(PayloadType.IdentificationResponder, Identity.Fqdn("someone.else"))),
            "no identity" => message with { Payloads = message.Payloads.RemoveAll(payload => payload is IdentificationPayload) },
            "two identities" => message with { Payloads = message.Payloads.Add(message.Find<IdentificationPayload>()!) },
            _ => message with { Payloads = [new NotifyPayload(NotifyType.InvalidSyntax)] },
        });
        Assert.Empty(pair.A.Of<Outputs.IkeSaEstablished>());
        AssertNothingIsLeft(pair);
    }

    [Theory]
    [InlineData("wider selectors")]
    [InlineData("other selectors")]
    [InlineData("no selectors that we know")]
    [InlineData("a suite that was not offered")]
    [InlineData("an SPI of an IKE SA")]
    [InlineData("the SPI zero")]
    public void NoChildSaComesOfAnAnswerThatWasNotAskedFor(string what)
    {
        using EnginePair pair = Bring(ExchangeType.IkeAuth, message => what switch
        {
            "wider selectors" => Replace(message, new TrafficSelectorPayload(PayloadType.TrafficSelectorInitiator, Connections.Selectors("10.0.0.0/8"))),
            "other selectors" => Replace(message, new TrafficSelectorPayload(PayloadType.TrafficSelectorResponder, Connections.Selectors("192.0.2.0/24"))),
            "no selectors that we know" => Replace(message, new OpaquePayload(PayloadType.TrafficSelectorInitiator, new byte[] { 1, 0, 0, 0, 9, 0, 0, 4 })),
            "a suite that was not offered" => Replace(message, Esp("3des-sha1", [1, 2, 3, 4])),
            "an SPI of an IKE SA" => Replace(message, new SecurityAssociationPayload([Ike("aes256gcm16-prfsha256-curve25519")
                .Proposals[0] with { Spi = new byte[8] }])),
            _ => Replace(message, Esp("aes256gcm16", [0, 0, 0, 0])),
        });
        // The authentication was right, so that the IKE SA itself may stay.
        Assert.Empty(pair.A.EverInstalled);
        Assert.Equal(0, pair.A.LooseSpis);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void ABadAnswerToARekeyLeavesTheOldSaOrNone(int which)
    {
        var hooks = new Rewriting(ExchangeType.CreateChildSa, message => which switch
        {
            0 => message with { Payloads = [] },
            1 => message with { Payloads = [.. MessageSamples.Of(MessageKind.RekeyIkeResponse).Payloads] },
            2 => message with { Payloads = [.. MessageSamples.Of(MessageKind.CreateChildResponse).Payloads] },
            3 => message with { Payloads = message.Payloads.RemoveAll(payload => payload is NoncePayload) },
            4 => message with { Payloads = [new NotifyPayload((NotifyType)12345)] },
            5 => message with { Payloads = message.Payloads.RemoveAll(payload => payload is KeyExchangePayload or TrafficSelectorPayload) },
            _ => message with { Payloads = [.. message.Payloads, new NotifyPayload(NotifyType.InvalidKePayload, new byte[] { 0, 2 })] },
        });
        foreach (bool ofIke in new[] { false, true })
        {
            using EnginePair pair = Situations.NewPair(hooksB: hooks);
            pair.Establish();
            pair.Do(room => Assert.Null((ofIke ? room.A.Engine.RekeyIke("tunnel", room.Now) : room.A.Engine.RekeyChild("tunnel", null, room.Now)).Error));
            pair.Run(TimeSpan.FromMinutes(3));
            Assert.InRange(pair.A.Installed.Count, 0, 2);
            pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
            pair.Run(TimeSpan.FromMinutes(5));
            Assert.Empty(pair.A.Installed);
            Assert.Equal(0, pair.A.LooseSpis);
        }
    }

    static EnginePair Bring(ExchangeType exchange, Func<IkeMessage, IkeMessage> rewrite)
    {
        EnginePair pair = Situations.NewPair(hooksB: new Rewriting(exchange, rewrite));
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(2));
        return pair;
    }

    /// <summary>In A; B lies, and may believe in an SA.</summary>
    static void AssertNothingIsLeft(EnginePair pair)
    {
        pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
        pair.Run(TimeSpan.FromMinutes(5));
        Assert.Empty(pair.A.EverInstalled);
        Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));
        Assert.Equal(0, pair.B.Engine.GetStatus(pair.Now).HalfOpen);
        Assert.Empty(pair.A.Status(pair.Now).IkeSas);
    }

    static IkeMessage Replace(IkeMessage message, Payload payload)
    {
        ImmutableArray<Payload> payloads = [.. message.Payloads.Select(old => old.Type == payload.Type ? payload : old)];
        return message with { Payloads = payloads };
    }

    static SecurityAssociationPayload Ike(params string[] texts) => WireProposal.Offer(Connections.Ike(texts), default, withKeyExchange: true);

    static SecurityAssociationPayload Esp(string text, byte[] spi) => WireProposal.Offer(Connections.Esp(text), spi, withKeyExchange: false);

    /// <summary>Changes every response of one exchange.</summary>
    sealed class Rewriting(ExchangeType exchange, Func<IkeMessage, IkeMessage> rewrite) : IMessageHooks
    {
        public IkeMessage? Outgoing(IkeMessage message) => message.Header.IsResponse && message.Header.Exchange == exchange ? rewrite(message) : message;

        public void Incoming(Span<byte> payloads)
        {
        }
    }
}
