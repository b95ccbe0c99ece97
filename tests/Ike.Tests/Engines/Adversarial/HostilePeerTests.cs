using System.Buffers.Binary;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>A peer that holds the keys and breaks the rules (RFC 7296 §2.21.2, §2.21.3, §2.25).</summary>
public class HostilePeerTests
{
    static readonly SecurityAssociationPayload Offer = WireProposal.Offer(Connections.Esp("aes256gcm16"), new byte[] { 0xAB, 0, 0, 1 }, withKeyExchange: true);
    static readonly TrafficSelectorPayload Tsi = new(PayloadType.TrafficSelectorInitiator, Connections.Selectors(Connections.NetworkA));
    static readonly TrafficSelectorPayload Tsr = new(PayloadType.TrafficSelectorResponder, Connections.Selectors(Connections.NetworkB));

    [Fact]
    public void EveryMessageInAnEstablishedIkeSaIsAnsweredOnceOrNotAtAll()
    {
        foreach ((MessageKind kind, IkeMessage message, bool isProtected) in MessageSamples.All)
        {
            using EnginePair pair = Situations.Established();
            using var peer = new ByzantinePeer(pair, nextMessageId: 2);
            IkeHeader header = peer.Header(message.Header.Exchange, IkeHeaderFlags.Initiator | message.Header.Flags & IkeHeaderFlags.Response);
            IkeMessage? answer = peer.Send(peer.Seal(message with { Header = header }));
            // IKE_SA_INIT is never protected, and a response that answers nothing is not answered.
            Assert.True((isProtected && message.Header.IsRequest) == (answer is not null), $"{kind}");
            pair.When(_ => true, EnginePair.Fate.Drop);
            pair.Run(TimeSpan.FromMinutes(5));
            Assert.Equal(0, pair.B.LooseSpis);
        }
    }

    [Fact]
    public void EveryMessageInAHalfOpenIkeSaIsRefusedUnlessItAuthenticates()
    {
        foreach ((MessageKind kind, IkeMessage message, bool isProtected) in MessageSamples.All.Where(sample => sample.IsProtected))
        {
            using EnginePair pair = Situations.HalfOpen();
            using var peer = new ByzantinePeer(pair, nextMessageId: 1);
            IkeHeader header = peer.Header(message.Header.Exchange, IkeHeaderFlags.Initiator | message.Header.Flags & IkeHeaderFlags.Response);
            IkeMessage? answer = peer.Send(peer.Seal(message with { Header = header }));
            Assert.True((isProtected && message.Header.IsRequest) == (answer is not null), $"{kind}");
            if (answer is not null)
                Assert.Equal(NotifyType.AuthenticationFailed, answer.FindErrorNotify()?.NotifyType);
            Assert.Empty(pair.B.Installed);
            Assert.Equal(ConnectionState.Down, Settle(pair));
            Assert.Equal(0, pair.B.Engine.GetStatus(pair.Now).HalfOpen);
            Assert.Equal(0, pair.B.LooseSpis);
        }

        // Nobody else reaches B any more, and B keeps nothing.
        static ConnectionState Settle(EnginePair pair)
        {
            pair.When(_ => true, EnginePair.Fate.Drop);
            pair.Run(TimeSpan.FromMinutes(5));
            ConnectionState state = pair.B.Status(pair.Now).State;
            return state == ConnectionState.Failed ? ConnectionState.Down : state;
        }
    }

    [Fact]
    public void ASecondIkeAuthEndsTheIkeSa()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        IkeMessage? answer = peer.Ask(ExchangeType.IkeAuth, [.. MessageSamples.Of(MessageKind.IkeAuthRequest).Payloads]);
        Assert.Equal(NotifyType.InvalidSyntax, answer?.FindErrorNotify()?.NotifyType);
        Assert.Empty(pair.B.Installed);
        Assert.Contains("invalid-syntax", pair.B.ReasonCodes);
    }

    [Fact]
    public void MalformedContentIsAnsweredWithInvalidSyntaxAndEndsTheIkeSa()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        // A nonce that is too short to be one.
        IkeMessage? answer = peer.Ask(ExchangeType.CreateChildSa, Offer, new NoncePayload(new byte[3]), Tsi, Tsr);
        Assert.Equal(NotifyType.InvalidSyntax, Assert.IsType<NotifyPayload>(Assert.Single(answer!.Payloads)).NotifyType);
        Assert.Empty(pair.B.Installed);
        Assert.False(Assert.Single(pair.B.Of<IkeSaClosed>()).Reasons.IsEmpty);
    }

    [Fact]
    public void AnUnknownCriticalPayloadRefusesItsMessageOnly()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        IkeMessage? answer = peer.Ask(ExchangeType.Informational, new OpaquePayload((PayloadType)200, new byte[9]) { IsCritical = true });
        NotifyPayload notify = Assert.IsType<NotifyPayload>(Assert.Single(answer!.Payloads));
        Assert.Equal(NotifyType.UnsupportedCriticalPayload, notify.NotifyType);
        Assert.Equal([200], notify.Data.ToArray());
        Assert.Empty(peer.Ask(ExchangeType.Informational, new OpaquePayload((PayloadType)200, new byte[9]))!.Payloads);
        Assert.Single(pair.B.Installed);
    }

    [Fact]
    public void UnknownNotifiesAndVendorIdsAreIgnored()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        Assert.Empty(peer.Ask(ExchangeType.Informational, new NotifyPayload((NotifyType)16000), new NotifyPayload((NotifyType)50000),
            MessageSamples.VendorId)!.Payloads);
        Assert.Single(pair.B.Installed);
    }

    [Fact]
    public void OnlyTheNextMessageIdIsTaken()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        foreach (uint messageId in new uint[] { 0, 1, 3, 4, 1000, uint.MaxValue })
        {
            peer.NextMessageId = messageId;
            Assert.Null(peer.Ask(ExchangeType.Informational));
        }
        peer.NextMessageId = 2;
        Assert.NotNull(peer.Ask(ExchangeType.Informational));
    }

    [Fact]
    public void ARepeatedRequestGetsTheSameOctetsAndAnAlteredOneSilence()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        var message = new IkeMessage(peer.Header(ExchangeType.CreateChildSa), [Offer, MessageSamples.Nonce, Tsi, Tsr]);
        byte[] request = peer.Seal(message);
        Assert.NotNull(peer.Send(request));
        byte[] reply = pair.Datagrams[^1];
        int installed = pair.B.EverInstalled.Count;
        Assert.NotNull(peer.Send(request));
        Assert.Equal(reply, pair.Datagrams[^1]);
        Assert.Equal(installed, pair.B.EverInstalled.Count);
        // The same content sealed again has another IV.
        Assert.Null(peer.Send(peer.Seal(message)));
    }

    [Theory]
    [InlineData("another cipher", NotifyType.NoProposalChosen)]
    [InlineData("other networks", NotifyType.TsUnacceptable)]
    [InlineData("only selectors of unknown types", NotifyType.TsUnacceptable)]
    [InlineData("an IKE proposal without SPI", NotifyType.InvalidSyntax)]
    [InlineData("a rekey of nothing", NotifyType.ChildSaNotFound)]
    [InlineData("a rekey of the IKE SA with an unknown group", NotifyType.NoProposalChosen)]
    [InlineData("a rekey of the IKE SA with the wrong group", NotifyType.InvalidKePayload)]
    public void RequestsThatCannotBeMetAreRefusedByName(string what, NotifyType expected)
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        byte[] spi = [1, 2, 3, 4, 5, 6, 7, 8];
        var group = new KeyExchangePayload(31, new byte[32]);
        SecurityAssociationPayload rekeyOffer = WireProposal.Offer(Connections.Ike("aes256gcm16-prfsha256-curve25519"), spi, true);
        Payload[] payloads = what switch
        {
            "another cipher" => [WireProposal.Offer(Connections.Esp("3des-sha1"), new byte[] { 1, 2, 3, 4 }, true), MessageSamples.Nonce, Tsi, Tsr],
            "other networks" => [Offer, MessageSamples.Nonce, Tsi with { Selectors = Connections.Selectors("192.0.2.0/24") }, Tsr],
            "only selectors of unknown types" => [Offer, MessageSamples.Nonce,
                new OpaquePayload(PayloadType.TrafficSelectorInitiator, new byte[] { 1, 0, 0, 0, 9, 0, 0, 4 }), Tsr],
            "an IKE proposal without SPI" => [WireProposal.Offer(Connections.Ike("aes256gcm16-prfsha256-curve25519"), default, true), MessageSamples.Nonce,
                group],
            "a rekey of nothing" => [new NotifyPayload(ProtocolId.Esp, new byte[] { 9, 9, 9, 9 }, NotifyType.RekeySa, default), Offer, MessageSamples.Nonce,
                Tsi, Tsr],
            "a rekey of the IKE SA with an unknown group" => [WireProposal.Offer(Connections.Ike("aes256gcm16-prfsha256-modp2048"), spi, true),
                MessageSamples.Nonce, group],
            _ => [rekeyOffer, MessageSamples.Nonce, new KeyExchangePayload(14, new byte[256])],
        };
        IkeMessage? answer = peer.Ask(ExchangeType.CreateChildSa, payloads);
        Assert.Equal(expected, answer?.FindErrorNotify()?.NotifyType);
        // INVALID_SYNTAX is fatal to the IKE SA, everything else leaves it as it is (§2.21.3).
        Assert.Equal(expected == NotifyType.InvalidSyntax ? 0 : 1, pair.B.Installed.Count);
        Assert.Equal(0, pair.B.LooseSpis);
    }

    [Fact]
    public void ChildSasOfOnePeerAreBounded()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        NotifyType? refusal = null;
        for (uint i = 1; i <= 2000 && refusal is null; i++)
        {
            byte[] spi = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(spi, 0x1000 + i);
            refusal = peer.Ask(ExchangeType.CreateChildSa, WireProposal.Offer(Connections.Esp("aes256gcm16"), spi, true), MessageSamples.Nonce, Tsi, Tsr)
                ?.FindErrorNotify()?.NotifyType;
        }
        Assert.Equal(NotifyType.NoAdditionalSas, refusal);
        Assert.InRange(pair.B.Installed.Count, 2, 300);
    }

    [Fact]
    public void DeletingWhatIsNotThereChangesNothing()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        uint[] spis = [.. Enumerable.Range(1, WireLimits.DeletedSpis).Select(i => (uint)i)];
        Assert.Empty(peer.Ask(ExchangeType.Informational, new DeletePayload(ProtocolId.Esp, [.. spis]), new DeletePayload(ProtocolId.Ah, [1]))!.Payloads);
        Assert.Single(pair.B.Installed);
    }

    [Fact]
    public void DeletingTheSameChildManyTimesInOneMessageDeletesItOnce()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        InstallChildSa child = pair.B.OnlyChild;
        var delete = new DeletePayload(ProtocolId.Esp, [child.OutboundSpi, child.OutboundSpi]);
        DeletePayload answer = Assert.IsType<DeletePayload>(Assert.Single(peer.Ask(ExchangeType.Informational, delete, delete)!.Payloads));
        Assert.Equal([child.InboundSpi], answer.Spis);
        Assert.Single(pair.B.Removed);
    }
}
