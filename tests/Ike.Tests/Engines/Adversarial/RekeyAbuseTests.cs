using System.Buffers.Binary;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>
/// Class 11: rekeys of what is not there, not of that protocol, or rekeyed already. Answers to CVE-2023-38710 (REKEY_SA with protocol 0 or 1), CVE-2014-2338
/// (its half before authentication is <see cref="EveryStateTests"/>') and CVE-2009-0790 (about an SA that is dead).
/// </summary>
public class RekeyAbuseTests
{
    static readonly TrafficSelectorPayload Tsi = new(PayloadType.TrafficSelectorInitiator, Connections.Selectors(Connections.NetworkA));
    static readonly TrafficSelectorPayload Tsr = new(PayloadType.TrafficSelectorResponder, Connections.Selectors(Connections.NetworkB));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(255)]
    public void ARekeyUnderAnotherProtocolFindsNothing(byte protocol)
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        IkeMessage answer = Rekey(peer, (ProtocolId)protocol, pair.B.OnlyChild.OutboundSpi, 1);
        Assert.Equal(NotifyType.ChildSaNotFound, Assert.IsType<NotifyPayload>(Assert.Single(answer.Payloads)).NotifyType);
        Assert.Single(pair.B.EverInstalled);
        // It is alive, and the right one is still rekeyed.
        Assert.Null(Rekey(peer, ProtocolId.Esp, pair.B.OnlyChild.OutboundSpi, 2).FindErrorNotify());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(255)]
    public void ARekeyNotifyWithAnSpiThatIsNoneIsInvalidSyntax(int length)
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        IkeMessage? answer = peer.Ask(ExchangeType.CreateChildSa, [new NotifyPayload(ProtocolId.Esp, new byte[length], NotifyType.RekeySa, default),
            .. Content(1)]);
        Assert.Equal(NotifyType.InvalidSyntax, answer?.FindErrorNotify()?.NotifyType);
        Assert.Empty(pair.B.Installed);
    }

    [Fact]
    public void AChildSaIsRekeyedOnceHoweverOftenThePeerAsks()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        uint old = pair.B.OnlyChild.OutboundSpi;
        Assert.Null(Rekey(peer, ProtocolId.Esp, old, 1).FindErrorNotify());
        for (uint i = 2; i < 50; i++)
        {
            NotifyType? refusal = Rekey(peer, ProtocolId.Esp, old, i).FindErrorNotify()?.NotifyType;
            Assert.True(refusal is NotifyType.TemporaryFailure or NotifyType.ChildSaNotFound, $"{refusal}");
        }
        Assert.Equal(2, pair.B.EverInstalled.Count);
        Assert.Equal(0, pair.B.LooseSpis);
    }

    [Fact]
    public void WhatWasDeletedIsNeitherRekeyedNorDeletedAgain()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        uint spi = pair.B.OnlyChild.OutboundSpi;
        Assert.NotNull(peer.Ask(ExchangeType.Informational, new DeletePayload(ProtocolId.Esp, [spi]))?.Find<DeletePayload>());
        for (int i = 0; i < 20; i++)
            Assert.Empty(peer.Ask(ExchangeType.Informational, new DeletePayload(ProtocolId.Esp, [spi]))!.Payloads);
        Assert.Equal(NotifyType.ChildSaNotFound, Rekey(peer, ProtocolId.Esp, spi, 1).FindErrorNotify()?.NotifyType);
        Assert.Single(pair.B.Removed);
        Assert.Empty(pair.B.Installed);
    }

    [Fact]
    public void AfterARekeyTheOldIkeSaMakesNothingMore()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        pair.When(_ => true, EnginePair.Fate.Drop);
        Payload[] rekey =
        [
            WireProposal.Offer(Connections.Ike("aes256gcm16-prfsha256-curve25519"), new byte[] { 9, 8, 7, 6, 5, 4, 3, 2 }, withKeyExchange: true),
                MessageSamples.Nonce,
            new KeyExchangePayload(31, MessageSamples.Octets(32, 9)),
        ];
        Assert.Null(peer.Ask(ExchangeType.CreateChildSa, rekey)!.FindErrorNotify());
        int installed = pair.B.EverInstalled.Count;
        for (uint i = 0; i < 20; i++)
        {
            Assert.Equal(NotifyType.TemporaryFailure, peer.Ask(ExchangeType.CreateChildSa, rekey)!.FindErrorNotify()?.NotifyType);
            Assert.Equal(NotifyType.TemporaryFailure, Rekey(peer, ProtocolId.Esp, pair.B.OnlyChild.OutboundSpi, i + 1).FindErrorNotify()?.NotifyType);
        }
        Assert.Equal(installed, pair.B.EverInstalled.Count);
        Assert.Equal(2, pair.B.Of<IkeSaEstablished>().Count());
    }

    static IkeMessage Rekey(ByzantinePeer peer, ProtocolId protocol, uint spi, uint ours)
    {
        byte[] octets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, spi);
        return peer.Ask(ExchangeType.CreateChildSa, [new NotifyPayload(protocol, octets, NotifyType.RekeySa, default), .. Content(ours)])!;
    }

    static Payload[] Content(uint spi)
    {
        byte[] octets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, 0xAB000000 + spi);
        return [WireProposal.Offer(Connections.Esp("aes256gcm16"), octets, withKeyExchange: true), new NoncePayload(MessageSamples.Octets(32, (byte)spi)),
            Tsi, Tsr];
    }
}
