using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>
/// What authenticated peers have broken others with: traffic selectors that cannot be read (CVE-2023-23009), and rekeys of what is no child SA
/// (CVE-2023-38710).
/// </summary>
public class ChildRequestTests
{
    static readonly SecurityAssociationPayload Offer = WireProposal.Offer(Connections.Esp("aes256gcm16"), new byte[] { 0xAB, 0, 0, 1 }, withKeyExchange: true);
    static readonly TrafficSelectorPayload Tsi = new(PayloadType.TrafficSelectorInitiator, Connections.Selectors(Connections.NetworkA));
    static readonly TrafficSelectorPayload Tsr = new(PayloadType.TrafficSelectorResponder, Connections.Selectors(Connections.NetworkB));

    /// <summary>Bodies of TS payloads (RFC 7296 §3.13) that nobody can read.</summary>
    public static TheoryData<string> BadSelectors =>
    [
        "",
        "01",
        "01000000",
        // A selector of length 0, 7 and 15, and one that is longer than the payload.
        "01000000" + "07000000" + "0000FFFF" + "0A020000" + "0A0200FF",
        "01000000" + "07000007" + "0000FFFF" + "0A020000" + "0A0200FF",
        "01000000" + "0700000F" + "0000FFFF" + "0A020000" + "0A0200FF",
        "01000000" + "0700FFFF" + "0000FFFF" + "0A020000" + "0A0200FF",
        // The length of IPv6 in an IPv4 selector, and the other way round.
        "01000000" + "07000028" + "0000FFFF" + "0A0200000A0200FF0A0200000A0200FF0A0200000A0200FF0A0200000A0200FF",
        "01000000" + "08000010" + "0000FFFF" + "0A020000" + "0A0200FF",
        // None, fewer and more of them than the count says.
        "00000000",
        "02000000" + "07000010" + "0000FFFF" + "0A020000" + "0A0200FF",
        "01000000" + "07000010" + "0000FFFF" + "0A020000" + "0A0200FF" + "07000010" + "0000FFFF" + "0A020000" + "0A0200FF",
    ];

    [Theory]
    [MemberData(nameof(BadSelectors))]
    public void UnreadableSelectorsInCreateChildSaAreRefused(string body)
    {
        foreach (PayloadType type in new[] { PayloadType.TrafficSelectorInitiator, PayloadType.TrafficSelectorResponder })
        {
            using EnginePair pair = Situations.Established();
            using var peer = new ByzantinePeer(pair, 2);
            var bad = new OpaquePayload(type, Convert.FromHexString(body));
            IkeMessage? answer = peer.Ask(ExchangeType.CreateChildSa, Offer, MessageSamples.Nonce,
                type == PayloadType.TrafficSelectorInitiator ? bad : Tsi, type == PayloadType.TrafficSelectorResponder ? bad : Tsr);
            Assert.Equal(NotifyType.InvalidSyntax, answer?.FindErrorNotify()?.NotifyType);
            Assert.Single(pair.B.EverInstalled);
            Assert.Empty(pair.B.Installed);
            Assert.Equal(0, pair.B.LooseSpis);
        }
    }

    [Theory]
    [MemberData(nameof(BadSelectors))]
    public void UnreadableSelectorsInIkeAuthMakeNoSa(string body)
    {
        foreach (bool byResponder in new[] { false, true })
        {
            var hooks = new MessageEditor { Outgoing = message => Spoil(message, body) };
            using EnginePair pair = Situations.NewPair(byResponder ? null : hooks, byResponder ? hooks : null);
            pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
            pair.Run(TimeSpan.FromMinutes(5));
            Assert.Empty(pair.A.EverInstalled);
            Assert.Empty(pair.B.Installed);
            Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));
            Assert.Equal(0, pair.B.Engine.GetStatus(pair.Now).HalfOpen);
            Assert.Empty(pair.A.Status(pair.Now).IkeSas);
            Assert.Contains("invalid-syntax", byResponder ? pair.A.ReasonCodes : pair.B.ReasonCodes);
        }
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(0, "01020304")]
    [InlineData(1, "")]
    [InlineData(1, "01020304")]
    [InlineData(1, "0102030405060708")]
    [InlineData(2, "01020304")]
    [InlineData(3, "")]
    [InlineData(3, "010203")]
    [InlineData(3, "0102030405060708")]
    [InlineData(4, "01020304")]
    [InlineData(255, "01020304")]
    public void ARekeyOfWhatIsNoChildSaMakesNoSa(byte protocol, string spi)
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        var rekey = new NotifyPayload((ProtocolId)protocol, Convert.FromHexString(spi), NotifyType.RekeySa, default);
        IkeMessage? answer = peer.Ask(ExchangeType.CreateChildSa, rekey, Offer, MessageSamples.Nonce, Tsi, Tsr);
        Assert.Contains(answer?.FindErrorNotify()?.NotifyType, new NotifyType?[] { NotifyType.InvalidSyntax, NotifyType.ChildSaNotFound });
        Assert.Single(pair.B.EverInstalled);
        Assert.Equal(0, pair.B.LooseSpis);
    }

    /// <summary>The IKE SA's own SPI, or that of the SA in the wrong direction, names no child SA of the peer's.</summary>
    [Fact]
    public void ARekeyUnderOurOwnSpiIsNotFound()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, 2);
        byte[] spi = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(spi, pair.B.OnlyChild.InboundSpi);
        IkeMessage? answer = peer.Ask(ExchangeType.CreateChildSa, new NotifyPayload(ProtocolId.Esp, spi, NotifyType.RekeySa, default), Offer,
            MessageSamples.Nonce, Tsi, Tsr);
        Assert.Equal(NotifyType.ChildSaNotFound, answer?.FindErrorNotify()?.NotifyType);
        Assert.Single(pair.B.EverInstalled);
        Situations.AssertAlive(pair);
    }

    static IkeMessage Spoil(IkeMessage message, string body) => message with
    {
        Payloads = [.. message.Payloads.Select(payload => payload is TrafficSelectorPayload { Type: PayloadType.TrafficSelectorResponder }
            ? new OpaquePayload(PayloadType.TrafficSelectorResponder, Convert.FromHexString(body)) : payload)],
    };
}
