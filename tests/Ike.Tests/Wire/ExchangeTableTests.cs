using System.Collections.Immutable;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Wire;

public class ExchangeTableTests
{
    [Fact]
    public void RecognizesEveryMessage()
    {
        foreach ((MessageKind kind, IkeMessage message, bool isProtected) in MessageSamples.All)
        {
            Assert.True(ExchangeTable.TryMatch(message, isProtected, out ExchangeRow? row, out MessageFault fault), $"{kind}: {fault}");
            Assert.Equal(kind, row.Kind);
        }
        Assert.Equal(ExchangeTable.Rows.Select(row => row.Kind).Order(), MessageSamples.All.Select(sample => sample.Kind).Order());
    }

    [Fact]
    public void RefusesTheWrongProtection()
    {
        foreach ((_, IkeMessage message, bool isProtected) in MessageSamples.All)
        {
            Assert.False(ExchangeTable.TryMatch(message, !isProtected, out _, out MessageFault fault));
            Assert.Equal(isProtected ? PeerFault.NotProtected : PeerFault.UnexpectedlyProtected, fault.Fault);
        }
    }

    [Fact]
    public void DoesNotMindTheOrderOfPayloads()
    {
        foreach ((MessageKind kind, IkeMessage message, bool isProtected) in MessageSamples.All)
        {
            IkeMessage reversed = message with { Payloads = [.. message.Payloads.Reverse()] };
            Assert.True(ExchangeTable.TryMatch(reversed, isProtected, out ExchangeRow? row, out _));
            Assert.Equal(kind, row.Kind);
        }
    }

    [Fact]
    public void ToleratesNotifiesAndVendorIdsAnywhere()
    {
        foreach ((MessageKind kind, IkeMessage message, bool isProtected) in MessageSamples.All)
        {
            IkeMessage more = message with
            {
                Payloads = [.. message.Payloads, new NotifyPayload((NotifyType)40000), MessageSamples.VendorId, new NotifyPayload((NotifyType)40000)],
            };
            Assert.True(ExchangeTable.TryMatch(more, isProtected, out ExchangeRow? row, out _));
            Assert.Equal(kind, row.Kind);
        }
    }

    [Fact]
    public void ToleratesTheNonceThatSomePeersPutIntoIkeAuth()
    {
        IkeMessage answer = MessageSamples.Of(MessageKind.IkeAuthResponse);
        Assert.True(ExchangeTable.TryMatch(answer with { Payloads = [.. answer.Payloads, MessageSamples.Nonce] }, isProtected: true, out _, out _));
    }

    [Fact]
    public void RefusesAMessageWithoutOneOfItsPayloads()
    {
        foreach ((MessageKind kind, IkeMessage message, bool isProtected) in MessageSamples.All)
        {
            ExchangeRow row = ExchangeTable.Rows.Single(row => row.Kind == kind);
            // Without its mark it is another kind; those are looked at below.
            foreach (PayloadRule rule in row.Rules.Where(rule => rule.Minimum > 0 && rule.Type != row.Present))
            {
                IkeMessage less = message with { Payloads = [.. message.Payloads.Where(payload => payload.Type != rule.Type)] };
                Assert.False(ExchangeTable.TryMatch(less, isProtected, out _, out MessageFault fault), $"{kind} without {rule.Type}");
                Assert.Equal(PeerFault.MissingPayload, fault.Fault);
            }
        }
    }

    [Fact]
    public void RefusesAPayloadTwice()
    {
        foreach ((MessageKind kind, IkeMessage message, bool isProtected) in MessageSamples.All)
        {
            ExchangeRow row = ExchangeTable.Rows.Single(row => row.Kind == kind);
            foreach (Payload payload in message.Payloads.Where(payload => row.Rules.Any(rule => rule.Type == payload.Type && rule.Maximum == 1)))
            {
                IkeMessage twice = message with { Payloads = [.. message.Payloads, payload] };
                Assert.False(ExchangeTable.TryMatch(twice, isProtected, out _, out MessageFault fault));
                Assert.Equal(new MessageFault(PeerFault.RepeatedPayload, payload.Type), fault);
            }
        }
    }

    [Theory]
    [InlineData(nameof(MessageKind.IkeSaInitRequest), PayloadType.Authentication)]
    [InlineData(nameof(MessageKind.IkeSaInitResponse), PayloadType.TrafficSelectorInitiator)]
    [InlineData(nameof(MessageKind.IkeAuthRequest), PayloadType.Delete)]
    [InlineData(nameof(MessageKind.IkeAuthRequest), PayloadType.KeyExchange)]
    [InlineData(nameof(MessageKind.IkeAuthResponse), PayloadType.Delete)]
    [InlineData(nameof(MessageKind.IkeSaInitCookie), PayloadType.KeyExchange)]
    public void RefusesPayloadsOfOtherExchanges(string kind, PayloadType foreign)
    {
        (MessageKind _, IkeMessage message, bool isProtected) = MessageSamples.All.Single(sample => sample.Kind.ToString() == kind);
        ImmutableArray<Payload> some = [.. MessageSamples.All.SelectMany(sample => sample.Message.Payloads).Where(payload => payload.Type == foreign)];
        IkeMessage mixed = message with { Payloads = [.. message.Payloads, some[0]] };
        Assert.False(ExchangeTable.TryMatch(mixed, isProtected, out _, out MessageFault fault));
        Assert.Equal(new MessageFault(PeerFault.UnexpectedPayload, foreign), fault);
    }

    [Theory]
    [InlineData(nameof(MessageKind.RekeyIkeRequest), PayloadType.TrafficSelectorInitiator)]
    [InlineData(nameof(MessageKind.CreateChildResponse), PayloadType.IdentificationResponder)]
    [InlineData(nameof(MessageKind.InformationalRequest), PayloadType.SecurityAssociation)]
    [InlineData(nameof(MessageKind.InformationalResponse), PayloadType.KeyExchange)]
    [InlineData(nameof(MessageKind.FollowupKeRequest), PayloadType.Nonce)]
    public void TakesAMessageOfAnEstablishedIkeSaWithPayloadsOfOtherExchanges(string kind, PayloadType foreign)
    {
        (MessageKind _, IkeMessage message, bool isProtected) = MessageSamples.All.Single(sample => sample.Kind.ToString() == kind);
        IkeMessage mixed = message with
        {
            Payloads = [.. message.Payloads,
            MessageSamples.All.SelectMany(sample => sample.Message.Payloads).First(payload => payload.Type == foreign)]
        };
        Assert.True(ExchangeTable.TryMatch(mixed, isProtected, out ExchangeRow? row, out _));
        Assert.Equal(kind, row.Kind.ToString());
        Assert.False(ExchangeTable.TryMatch(mixed, isProtected: false, out _, out MessageFault fault));
        Assert.Equal(PeerFault.NotProtected, fault.Fault);
    }

    [Fact]
    public void ChecksTheSpiThatAnIkeProposalMustHave()
    {
        IkeMessage init = MessageSamples.Request(ExchangeType.IkeSaInit, MessageSamples.IkeRekeyOffer, MessageSamples.KeyExchange, MessageSamples.Nonce);
        Assert.False(ExchangeTable.TryMatch(init, isProtected: false, out _, out MessageFault fault));
        Assert.Equal(PeerFault.WrongSpiLength, fault.Fault);
        IkeMessage rekey = MessageSamples.Request(ExchangeType.CreateChildSa, MessageSamples.IkeOffer, MessageSamples.KeyExchange, MessageSamples.Nonce);
        Assert.False(ExchangeTable.TryMatch(rekey, isProtected: true, out _, out fault));
        Assert.Equal(PeerFault.WrongSpiLength, fault.Fault);
    }

    [Fact]
    public void AnErrorBesideAnAnswerDoesNotHideTheAnswer()
    {
        // RFC 7296 §2.21.2: an IKE_AUTH answer without a child SA says why; one with a child SA and an error notify is still an answer.
        IkeMessage answer = MessageSamples.Of(MessageKind.IkeAuthResponse);
        IkeMessage both = answer with { Payloads = [.. answer.Payloads, new NotifyPayload(NotifyType.NoAdditionalSas)] };
        Assert.True(ExchangeTable.TryMatch(both, isProtected: true, out ExchangeRow? row, out _));
        Assert.Equal(MessageKind.IkeAuthResponse, row.Kind);
    }

    [Fact]
    public void ACompleteAnswerToIkeSaInitIsOneAlsoWithACookieInIt()
    {
        IkeMessage answer = MessageSamples.Of(MessageKind.IkeSaInitResponse);
        IkeMessage both = answer with { Payloads = [.. answer.Payloads, MessageSamples.Cookie] };
        Assert.True(ExchangeTable.TryMatch(both, isProtected: false, out ExchangeRow? row, out _));
        Assert.Equal(MessageKind.IkeSaInitResponse, row.Kind);
    }
}
