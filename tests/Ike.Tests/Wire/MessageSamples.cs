using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Wire;

/// <summary>One valid message of each kind that <see cref="ExchangeTable"/> knows.</summary>
static class MessageSamples
{
    public const ulong InitiatorSpi = 0x0102030405060708;
    public const ulong ResponderSpi = 0xA1A2A3A4A5A6A7A8;

    static readonly byte[] EspSpi = [0xC0, 0xFF, 0xEE, 0x01];
    static readonly byte[] IkeSpi = [9, 8, 7, 6, 5, 4, 3, 2];

    public static ImmutableArray<AlgorithmProposal> IkePolicy { get; } =
        [ProposalText.Parse("aes256-sha256-modp2048-ecp256", ProtocolId.Ike), ProposalText.Parse("aes256gcm16-prfsha384-ecp384", ProtocolId.Ike)];

    public static ImmutableArray<AlgorithmProposal> EspPolicy { get; } =
        [ProposalText.Parse("aes128-sha1-modp1024", ProtocolId.Esp), ProposalText.Parse("aes256gcm16-esn-noesn", ProtocolId.Esp)];

    public static SecurityAssociationPayload IkeOffer { get; } = WireProposal.Offer(IkePolicy, default, withKeyExchange: true);
    public static SecurityAssociationPayload IkeRekeyOffer { get; } = WireProposal.Offer(IkePolicy, IkeSpi, withKeyExchange: true);
    public static SecurityAssociationPayload EspOffer { get; } = WireProposal.Offer(EspPolicy, EspSpi, withKeyExchange: false);
    public static SecurityAssociationPayload EspOfferWithGroup { get; } = WireProposal.Offer(EspPolicy, EspSpi, withKeyExchange: true);
    public static KeyExchangePayload KeyExchange { get; } = new((ushort)KeyExchangeMethod.Ecp256, Octets(64, 3));
    public static NoncePayload Nonce { get; } = new(Octets(32, 7));
    public static IdentificationPayload Idi { get; } = new(PayloadType.IdentificationInitiator, Identity.Fqdn("branch.example"));
    public static IdentificationPayload Idr { get; } = new(PayloadType.IdentificationResponder, Identity.Parse("198.51.100.10"));
    public static AuthenticationPayload Auth { get; } = new(AuthenticationMethod.SharedKeyMessageIntegrityCode, Octets(32, 9));

    public static TrafficSelectorPayload Tsi { get; } = new(PayloadType.TrafficSelectorInitiator,
        [TrafficSelector.From(IpPrefix.Parse("10.2.0.0/24")), new TrafficSelector(IpPrefix.Parse("2001:db8::/64").Range, 6, 80, 443)]);

    public static TrafficSelectorPayload Tsr { get; } = new(PayloadType.TrafficSelectorResponder, [TrafficSelector.AnyV4, TrafficSelector.AnyV6]);

    public static NotifyPayload Cookie { get; } = new(NotifyType.Cookie, Octets(36, 5));
    public static NotifyPayload NatSource { get; } = new(NotifyType.NatDetectionSourceIp, Octets(20, 1));
    public static NotifyPayload NatDestination { get; } = new(NotifyType.NatDetectionDestinationIp, Octets(20, 2));
    public static NotifyPayload RekeySa { get; } = new(ProtocolId.Esp, EspSpi, NotifyType.RekeySa, default);
    public static VendorIdPayload VendorId { get; } = new("a vendor"u8.ToArray());

    /// <summary>The kind, the message, and whether it travels in an Encrypted payload.</summary>
    internal static ImmutableArray<(MessageKind Kind, IkeMessage Message, bool IsProtected)> All { get; } =
    [
        (MessageKind.IkeSaInitRequest, Request(ExchangeType.IkeSaInit, Cookie, IkeOffer, KeyExchange, Nonce, NatSource, NatDestination, VendorId), false),
        (MessageKind.IkeSaInitCookie, Response(ExchangeType.IkeSaInit, Cookie), false),
        (MessageKind.IkeSaInitInvalidKe, Response(ExchangeType.IkeSaInit, new NotifyPayload(NotifyType.InvalidKePayload, new byte[] { 0, 14 })), false),
        (MessageKind.IkeSaInitRedirect, Response(ExchangeType.IkeSaInit, RedirectTarget.Parse("192.0.2.7")!.ToNotify(NotifyType.Redirect, Nonce.Data.Span)),
            false),
        (MessageKind.IkeSaInitError, Response(ExchangeType.IkeSaInit, new NotifyPayload(NotifyType.NoProposalChosen)), false),
        (MessageKind.IkeSaInitResponse, Response(ExchangeType.IkeSaInit, IkeOffer, KeyExchange, Nonce, NatSource, NatDestination), false),
        (MessageKind.IkeAuthRequest, Request(ExchangeType.IkeAuth, Idi, new NotifyPayload(NotifyType.InitialContact), Idr, Auth, EspOffer, Tsi, Tsr), true),
        (MessageKind.IkeAuthChildlessRequest, Request(ExchangeType.IkeAuth, Idi, Idr, Auth), true),
        (MessageKind.IkeAuthEapRequest, Request(ExchangeType.IkeAuth, Idi, EspOffer, Tsi, Tsr), true),
        (MessageKind.IkeAuthResponse, Response(ExchangeType.IkeAuth, Idr, Auth, EspOffer, Tsi, Tsr), true),
        (MessageKind.IkeAuthChildlessResponse, Response(ExchangeType.IkeAuth, Idr, Auth), true),
        (MessageKind.IkeAuthChildRefused, Response(ExchangeType.IkeAuth, Idr, Auth, new NotifyPayload(NotifyType.TsUnacceptable)), true),
        (MessageKind.IkeAuthError, Response(ExchangeType.IkeAuth, new NotifyPayload(NotifyType.AuthenticationFailed)), true),
        (MessageKind.CreateChildRequest, Request(ExchangeType.CreateChildSa, EspOfferWithGroup, Nonce, KeyExchange, Tsi, Tsr), true),
        (MessageKind.RekeyChildRequest, Request(ExchangeType.CreateChildSa, RekeySa, EspOffer, Nonce, Tsi, Tsr), true),
        (MessageKind.RekeyIkeRequest, Request(ExchangeType.CreateChildSa, IkeRekeyOffer, Nonce, KeyExchange), true),
        (MessageKind.CreateChildResponse, Response(ExchangeType.CreateChildSa, EspOfferWithGroup, Nonce, KeyExchange, Tsi, Tsr), true),
        (MessageKind.RekeyIkeResponse, Response(ExchangeType.CreateChildSa, IkeRekeyOffer, Nonce, KeyExchange), true),
        (MessageKind.CreateChildError, Response(ExchangeType.CreateChildSa, new NotifyPayload(NotifyType.TemporaryFailure)), true),
        (MessageKind.InformationalRequest, Request(ExchangeType.Informational, new DeletePayload(ProtocolId.Esp, [0x10203040, 0x50607080]),
            new DeletePayload(ProtocolId.Ike, [])), true),
        (MessageKind.InformationalResponse, Response(ExchangeType.Informational), true),
        (MessageKind.IntermediateRequest, Request(ExchangeType.IkeIntermediate, KeyExchange), true),
        (MessageKind.IntermediateResponse, Response(ExchangeType.IkeIntermediate, KeyExchange), true),
        (MessageKind.IntermediateError, Response(ExchangeType.IkeIntermediate, new NotifyPayload(NotifyType.InvalidSyntax)), true),
        (MessageKind.FollowupKeRequest, Request(ExchangeType.IkeFollowupKe, KeyExchange, new NotifyPayload(NotifyType.AdditionalKeyExchange, Octets(8, 5))),
            true),
        (MessageKind.FollowupKeResponse, Response(ExchangeType.IkeFollowupKe, KeyExchange), true),
        (MessageKind.FollowupKeError, Response(ExchangeType.IkeFollowupKe, new NotifyPayload(NotifyType.StateNotFound)), true),
    ];

    public static IkeMessage Request(ExchangeType exchange, params ImmutableArray<Payload> payloads) =>
        new(new IkeHeader(InitiatorSpi, exchange == ExchangeType.IkeSaInit ? 0 : ResponderSpi, exchange, IkeHeaderFlags.Initiator, 0), payloads);

    public static IkeMessage Response(ExchangeType exchange, params ImmutableArray<Payload> payloads) =>
        new(new IkeHeader(InitiatorSpi, ResponderSpi, exchange, IkeHeaderFlags.Response, 1), payloads);

    public static byte[] Octets(int count, byte first) => [.. Enumerable.Range(0, count).Select(i => (byte)(first + i))];

    internal static IkeMessage Of(MessageKind kind) => All.Single(sample => sample.Kind == kind).Message;
}
