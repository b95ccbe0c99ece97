using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>
/// Class 6 as peers meet it; the values themselves are tested with each method in Crypto.Tests. Answers to CVE-2015-3240 (g^x = 0), CVE-2023-41913 (an
/// oversized value), CVE-2014-9221 (a KE payload of the private group 1025), CVE-2018-10811, CVE-2016-3071 and CVE-2024-3652 (algorithms that are negotiated
/// and cannot be run).
/// </summary>
public class KeyExchangeValueTests
{
    static readonly Instant Now = new(TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch);

    public static TheoryData<string, string> BadValues()
    {
        var data = new TheoryData<string, string>();
        foreach (string group in new[] { "modp2048", "modp1024s160", "ecp192", "ecp256", "ecp384", "ecp521", "curve25519", "curve448", "ecp256bp" })
        {
            foreach (string value in new[] { "zero", "one", "all ones", "short", "long", "empty", "oversized" })
            {
                // On these curves any octets but a few are a value (RFC 7748 §5); "one" is of small order and refused, all ones is not.
                if (!(group.StartsWith("curve", StringComparison.Ordinal) && value == "all ones"))
                    data.Add(group, value);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(BadValues))]
    public void ABadValueInIkeSaInitIsMetWithSilence(string group, string kind)
    {
        (KeyExchangeMethod method, byte[] value) = Value(group, kind);
        using EngineNode node = new("B", Connections.EngineB(Connections.OfB($"aes256-sha256-{group}")), 1, 0xB0000001, null);
        IkeMessage request = MessageSamples.Request(ExchangeType.IkeSaInit, Offer(group, default), new KeyExchangePayload((ushort)method, value),
            MessageSamples.Nonce, MessageSamples.VendorId);
        node.Engine.HandleDatagram(MessageWriter.Write(request), ByzantinePeer.PathToB, Now);
        while (node.Engine.TryTakeOutput(out IkeOutput? output))
            Assert.IsNotType<TransmitDatagram>(output);
        Assert.Equal(0, node.Engine.GetStatus(Now).HalfOpen);
        Assert.Single(node.Engine.GetStatus(Now).Counters);
    }

    /// <summary>RFC 6989 §2.5: INVALID_SYNTAX, and the IKE SA is dropped, in whichever exchange.</summary>
    [Theory]
    [MemberData(nameof(BadValues))]
    public void ABadValueInARekeyOfTheIkeSaEndsIt(string group, string kind)
    {
        (KeyExchangeMethod method, byte[] value) = Value(group, kind);
        AssertEnds(group, Offer(group, new byte[] { 9, 8, 7, 6, 5, 4, 3, 2 }), MessageSamples.Nonce, new KeyExchangePayload((ushort)method, value));
    }

    [Theory]
    [MemberData(nameof(BadValues))]
    public void ABadValueForAChildSaEndsTheIkeSa(string group, string kind)
    {
        (KeyExchangeMethod method, byte[] value) = Value(group, kind);
        AssertEnds(group, WireProposal.Offer(Connections.Esp($"aes256gcm16-{group}"), new byte[] { 0xC0, 1, 2, 3 }, withKeyExchange: true),
            MessageSamples.Nonce,
            new KeyExchangePayload((ushort)method, value), Selectors(PayloadType.TrafficSelectorInitiator, Connections.NetworkA),
                Selectors(PayloadType.TrafficSelectorResponder, Connections.NetworkB));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ABadValueInAnAnswerEndsTheIkeSaWithADelete(bool isIkeRekey)
    {
        var bend = new MessageEditor
        {
            Outgoing = message => message.Header is { Exchange: ExchangeType.CreateChildSa, IsResponse: true }
            ? message with
            {
                Payloads = [.. message.Payloads.Select(payload => payload is KeyExchangePayload key ? key with { Data = new byte[32] }
                : payload)]
            } : message
        };
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA(esp: "aes256gcm16-curve25519")),
            Connections.EngineB(Connections.OfB(esp: "aes256gcm16-curve25519")), hooksB: bend);
        pair.Establish();
        ulong before = pair.A.Status(pair.Now).IkeSas.Single().InitiatorSpi;
        pair.Do(room => Assert.Null((isIkeRekey ? room.A.Engine.RekeyIke("tunnel", room.Now) : room.A.Engine.RekeyChild("tunnel", null, room.Now)).Error));
        pair.Run(TimeSpan.FromMilliseconds(100));
        Assert.Contains(pair.A.Of<MessagePassed>(), passed => passed is { Sent: true, IsRequest: true, Exchange: "INFORMATIONAL" }
            && passed.InitiatorSpi == before && passed.Payloads.Any(payload => payload.StartsWith('D')));
        Assert.DoesNotContain(pair.B.Status(pair.Now).IkeSas, sa => sa.InitiatorSpi == before);
        Assert.Equal(0, pair.A.LooseSpis);
    }

    [Fact]
    public void InvalidSyntaxInAnAnswerEndsTheIkeSaOnBothSides()
    {
        // RFC 7296 §2.21.3.
        var refuse = new MessageEditor
        {
            Outgoing = message => message.Header is { Exchange: ExchangeType.CreateChildSa, IsResponse: true }
            ? message with { Payloads = [new NotifyPayload(NotifyType.InvalidSyntax)] } : message
        };
        using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB(), hooksB: refuse);
        pair.Establish();
        ulong before = pair.A.Status(pair.Now).IkeSas.Single().InitiatorSpi;
        pair.Do(room => Assert.Null(room.A.Engine.RekeyIke("tunnel", room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(pair.A.Status(pair.Now).IkeSas, sa => sa.InitiatorSpi == before);
        Assert.Contains("invalid-syntax", pair.A.ReasonCodes);
    }

    static void AssertEnds(string group, params Payload[] request)
    {
        IkeEngineOptions options = new() { EmitKeys = true };
        string esp = $"aes256gcm16-{group}";
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA($"aes256-sha256-{group}", esp)) with { Options = options },
            Connections.EngineB(Connections.OfB($"aes256-sha256-{group}", esp)) with { Options = options });
        pair.Establish();
        using var peer = new ByzantinePeer(pair, nextMessageId: 2);
        IkeMessage? answer = peer.Ask(ExchangeType.CreateChildSa, request);
        Assert.Equal(NotifyType.InvalidSyntax, answer?.FindErrorNotify()?.NotifyType);
        Assert.Empty(pair.B.Status(pair.Now).IkeSas);
        Assert.Single(pair.B.EverInstalled);
        Assert.Empty(pair.B.Installed);
        Assert.Equal(0, pair.B.LooseSpis);
    }

    static TrafficSelectorPayload Selectors(PayloadType type, string network) => new(type, Connections.Selectors(network));

    [Theory]
    [InlineData(1025, "aes256-sha256-curve25519")]
    [InlineData(0, "aes256-sha256-curve25519")]
    [InlineData(65535, "aes256-sha256-curve25519")]
    public void AValueOfAGroupThatNobodyHasIsAnsweredWithTheOneThatIsWanted(ushort group, string policy)
    {
        // CVE-2014-9221.
        using EngineNode node = new("B", Connections.EngineB(Connections.OfB(policy)), 1, 0xB0000001, null);
        IkeMessage request = MessageSamples.Request(ExchangeType.IkeSaInit, Offer("curve25519", default), new KeyExchangePayload(group, new byte[200]),
            MessageSamples.Nonce);
        Assert.Equal(NotifyType.InvalidKePayload, Answer(node, request)?.FindErrorNotify()?.NotifyType);
        Assert.Equal(0, node.Engine.GetStatus(Now).HalfOpen);
    }

    [Theory]
    [InlineData(TransformType.KeyExchange, 1025)]
    [InlineData(TransformType.PseudorandomFunction, 3)]  // PRF_HMAC_TIGER
    [InlineData(TransformType.PseudorandomFunction, 9)]  // PRF_HMAC_STREEBOG_512
    [InlineData(TransformType.Integrity, 3)]             // AUTH_DES_MAC
    [InlineData(TransformType.Encryption, 11)]           // ENCR_NULL: no cipher for an IKE SA
    [InlineData(TransformType.Encryption, 21)]           // ENCR_NULL_AUTH_AES_GMAC
    [InlineData(TransformType.Encryption, 7)]            // ENCR_BLOWFISH
    public void AnAlgorithmThatCannotBeRunIsNotChosen(TransformType type, ushort id)
    {
        // CVE-2018-10811, CVE-2016-3071, CVE-2024-3652: whatever the peer offers, the choice is among our own.
        using EngineNode node = new("B", Connections.EngineB(Connections.OfB("aes256-sha256-curve25519")), 1, 0xB0000001, null);
        Proposal offered = Offer("curve25519", default).Proposals[0];
        Proposal changed = offered with
        {
            Transforms = [.. offered.Transforms.Select(transform => transform.Type == type ? new Transform(type, id)
            : transform)]
        };
        IkeMessage request = MessageSamples.Request(ExchangeType.IkeSaInit, new SecurityAssociationPayload([changed]), new KeyExchangePayload(31,
            MessageSamples.Octets(32, 9)), MessageSamples.Nonce);
        Assert.Equal(NotifyType.NoProposalChosen, Answer(node, request)?.FindErrorNotify()?.NotifyType);
        Assert.Equal(0, node.Engine.GetStatus(Now).HalfOpen);
    }

    static IkeMessage? Answer(EngineNode node, IkeMessage request)
    {
        node.Engine.HandleDatagram(MessageWriter.Write(request), ByzantinePeer.PathToB, Now);
        IkeMessage? answer = null;
        while (node.Engine.TryTakeOutput(out IkeOutput? output))
        {
            if (output is TransmitDatagram transmit)
                Assert.True(MessageReader.TryParse(transmit.Datagram.Span, out _, out answer, out _));
        }
        return answer;
    }

    static SecurityAssociationPayload Offer(string group, ReadOnlyMemory<byte> spi) => WireProposal.Offer(Connections.Ike($"aes256-sha256-{group}"), spi,
        withKeyExchange: true);

    static (KeyExchangeMethod Method, byte[] Value) Value(string group, string kind)
    {
        KeyExchangeMethod method = Connections.Ike($"aes256-sha256-{group}")[0].KeyExchange[0];
        int length = KeyExchanges.PublicValueLength(method);
        byte[] value = new byte[kind switch
        {
            "short" => length - 1,
            "long" => length + 1,
            "empty" => 0,
            "oversized" => 10_000,
            _ => length,
        }];
        if (kind == "all ones")
            value.AsSpan().Fill(0xFF);
        else if (kind == "one")
            value[group.StartsWith("curve", StringComparison.Ordinal) ? 0 : ^1] = 1;
        else if (kind != "zero")
            value.AsSpan().Fill(0x42);
        return (method, value);
    }
}
