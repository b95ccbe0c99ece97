using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Crypto.Signatures;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.PeerAuthentication;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Fuzz;

/// <summary>One payload as its octets: what a mutation changes without asking what it means.</summary>
readonly record struct RawPayload(byte Type, bool IsCritical, byte[] Body)
{
    public static RawPayload Of(Payload payload)
    {
        var writer = new OctetWriter();
        payload.WriteBody(writer);
        return new RawPayload((byte)payload.Type, payload.IsCritical, writer.ToArray());
    }

    public Payload ToPayload() => new OpaquePayload((PayloadType)Type, Body) { IsCritical = IsCritical };
}

/// <summary>A message that a peer may send somewhere, whole and right.</summary>
/// <param name="Needs">Its credentials are right: what comes of it may be an IKE SA.</param>
sealed record Sample(string Name, ExchangeType Exchange, bool IsRequest, ImmutableArray<RawPayload> Payloads, bool Needs = false);

/// <summary>Every message of every exchange, for the configuration of <see cref="Policy"/>.</summary>
static class Samples
{
    public const uint ChildSpi = 0xC0FFEE01;

    static readonly byte[] NewEspSpi = [0xC0, 0xFF, 0xEE, 0x77];
    static readonly byte[] NewIkeSpi = [9, 8, 7, 6, 5, 4, 3, 2];
    static readonly NoncePayload Nonce = new(Policy.Octets(32, 77));
    static readonly KeyExchangePayload Curve25519 = ValueOf(KeyExchangeMethod.Curve25519);
    static readonly KeyExchangePayload Ecp256 = ValueOf(KeyExchangeMethod.Ecp256);
    static readonly Payload[] Net = Selectors("10.2.0.0/16", "10.1.0.0/16");
    static readonly Payload[] Group = Selectors("10.4.0.0/16", "10.3.0.0/16");
    static readonly Payload[] Hybrid = Selectors("10.6.0.0/16", "10.5.0.0/16");
    static readonly ConfigurationPayload Asking = new(ConfigurationType.Request,
        [new ConfigurationAttribute(ConfigurationAttributeType.InternalIp4Address), new ConfigurationAttribute(ConfigurationAttributeType.InternalIp4Dns)]);

    static readonly ConfigurationPayload Assigning = new(ConfigurationType.Reply,
        [ConfigurationAttribute.Of(ConfigurationAttributeType.InternalIp4Address, IpAddress.Parse("10.9.0.7")), ConfigurationAttribute.Netmask(24)]);

    static readonly NotifyPayload[] Addresses =
        [new NotifyPayload(NotifyType.AdditionalIp4Address, IpAddress.Parse("203.0.113.77").ToByteArray()), new NotifyPayload(NotifyType.Cookie2,
            Policy.Octets(16, 5))];

    static readonly Payload[] Announcements =
    [
        new NotifyPayload(NotifyType.NatDetectionSourceIp, Policy.Octets(20, 1)), new NotifyPayload(NotifyType.NatDetectionDestinationIp, Policy.Octets(20, 2)),
        new NotifyPayload(NotifyType.Ikev2FragmentationSupported), new NotifyPayload(NotifyType.SignatureHashAlgorithms, new byte[] { 0, 2, 0, 5 }),
        new NotifyPayload(NotifyType.IntermediateExchangeSupported), new NotifyPayload(NotifyType.RedirectSupported),
            new NotifyPayload(NotifyType.ChildlessIkev2Supported),
    ];

    public static readonly Sample GrantHybrid = Response("grants a hybrid child SA", ExchangeType.CreateChildSa,
        [Chosen(Policy.HybridEsp), Nonce, Curve25519, .. Reverse(Hybrid), new NotifyPayload(NotifyType.AdditionalKeyExchange, Policy.Octets(8, 9))]);

    public static readonly Sample AskHybrid = Request("asks for a hybrid child SA", ExchangeType.CreateChildSa, [Offer(Policy.HybridEsp), Nonce,
        Curve25519, .. Hybrid]);
    public static readonly Sample RekeyIke = Request("rekeys the IKE SA", ExchangeType.CreateChildSa, [IkeOffer(Policy.PlainIke, NewIkeSpi), Nonce,
        Curve25519]);
    public static readonly Sample DeleteIke = Request("deletes the IKE SA", ExchangeType.Informational, [new DeletePayload(ProtocolId.Ike, [])]);

    public static readonly ImmutableArray<Sample> Init =
    [
        Request("begins", ExchangeType.IkeSaInit, [IkeOffer(Policy.PlainIke), Curve25519, Nonce, .. Announcements]),
        Request("begins with an additional key exchange", ExchangeType.IkeSaInit, [IkeOffer(Policy.HybridIke), Curve25519, Nonce, .. Announcements]),
        Request("begins with a cookie", ExchangeType.IkeSaInit, [new NotifyPayload(NotifyType.Cookie, Policy.Octets(36, 5)), IkeOffer(Policy.PlainIke),
            Curve25519, Nonce]),
        Request("begins with the wrong group", ExchangeType.IkeSaInit, [IkeOffer(Policy.PlainIke), Ecp256, Nonce]),
    ];

    public static readonly ImmutableArray<Sample> InitAnswers =
    [
        Response("answers", ExchangeType.IkeSaInit, [IkeOffer(Policy.PlainIke), Curve25519, Nonce, .. Announcements]),
        Response("wants a cookie", ExchangeType.IkeSaInit, [new NotifyPayload(NotifyType.Cookie, Policy.Octets(36, 5))]),
        Response("wants another group", ExchangeType.IkeSaInit, [new NotifyPayload(NotifyType.InvalidKePayload, new byte[] { 0, 19 })]),
        Response("redirects", ExchangeType.IkeSaInit, [new NotifyPayload(NotifyType.Redirect, (byte[])[1, 4, 192, 0, 2, 7, .. Policy.Octets(32, 9)])]),
        Response("refuses", ExchangeType.IkeSaInit, [new NotifyPayload(NotifyType.NoProposalChosen)]),
    ];

    public static readonly ImmutableArray<Sample> Intermediate =
    [
        Request("goes on", ExchangeType.IkeIntermediate, [Ecp256]),
        Request("goes on with nothing", ExchangeType.IkeIntermediate, []),
        Request("goes on with the wrong group", ExchangeType.IkeIntermediate, [Curve25519]),
        Request("goes on twice in one", ExchangeType.IkeIntermediate, [Ecp256, Ecp256]),
    ];

    public static readonly ImmutableArray<Sample> IntermediateAnswers =
    [
        Response("goes on", ExchangeType.IkeIntermediate, [Ecp256]),
        Response("goes on with the wrong group", ExchangeType.IkeIntermediate, [Curve25519]),
        Response("refuses to go on", ExchangeType.IkeIntermediate, [new NotifyPayload(NotifyType.InvalidSyntax)]),
    ];

    public static readonly ImmutableArray<Sample> Auth =
    [
        .. Authenticates(isRequest: true, isRight: true), .. Authenticates(isRequest: true, isRight: false),
        Request("asks for EAP", ExchangeType.IkeAuth, [Idi(Policy.SiteIdentity), Offer(Policy.PlainEsp, withGroup: false), .. Net]),
    ];

    public static readonly ImmutableArray<Sample> AuthAnswers =
    [
        .. Authenticates(isRequest: false, isRight: true), .. Authenticates(isRequest: false, isRight: false),
        Response("authenticates and redirects", ExchangeType.IkeAuth,
            [.. Proof(Policy.SiteIdentity, isRequest: false, isRight: true), new NotifyPayload(NotifyType.Redirect, new byte[] { 1, 4, 192, 0, 2, 7 })])
            with { Needs = true },
        Response("refuses to authenticate", ExchangeType.IkeAuth, [new NotifyPayload(NotifyType.AuthenticationFailed)]),
    ];

    public static readonly ImmutableArray<Sample> CreateChild =
    [
        Request("asks for a child SA", ExchangeType.CreateChildSa, [Offer(Policy.PlainEsp), Nonce, .. Net]),
        Request("asks for a child SA with a group", ExchangeType.CreateChildSa, [Offer(Policy.GroupEsp), Nonce, Curve25519, .. Group]),
        AskHybrid,
        Request("asks for a child SA in transport mode", ExchangeType.CreateChildSa, [new NotifyPayload(NotifyType.UseTransportMode),
            Offer(Policy.PlainEsp), Nonce, .. Net]),
        Request("asks for a child SA and an address", ExchangeType.CreateChildSa, [Asking, Offer(Policy.PlainEsp), Nonce, .. Net]),
        Request("rekeys the child SA", ExchangeType.CreateChildSa, [RekeyNotify, Offer(Policy.PlainEsp), Nonce, .. Net]),
        RekeyIke,
        Request("rekeys the IKE SA with an additional key exchange", ExchangeType.CreateChildSa, [IkeOffer(Policy.HybridIke, NewIkeSpi), Nonce, Curve25519]),
    ];

    public static readonly ImmutableArray<Sample> CreateChildAnswers =
    [
        Response("grants a child SA", ExchangeType.CreateChildSa, [Chosen(Policy.PlainEsp), Nonce, .. Reverse(Net)]),
        Response("grants a child SA with a group", ExchangeType.CreateChildSa, [Chosen(Policy.GroupEsp), Nonce, Curve25519, .. Reverse(Group)]),
        GrantHybrid,
        Response("grants the rekey", ExchangeType.CreateChildSa, [IkeOffer(Policy.PlainIke, NewIkeSpi), Nonce, Curve25519]),
        Response("refuses for now", ExchangeType.CreateChildSa, [new NotifyPayload(NotifyType.TemporaryFailure)]),
        Response("does not know it", ExchangeType.CreateChildSa, [new NotifyPayload(ProtocolId.Esp, NewEspSpi, NotifyType.ChildSaNotFound, default)]),
        Response("wants another group", ExchangeType.CreateChildSa, [new NotifyPayload(NotifyType.InvalidKePayload, new byte[] { 0, 31 })]),
    ];

    public static readonly ImmutableArray<Sample> Followup =
    [
        Request("follows up", ExchangeType.IkeFollowupKe, [Ecp256, new NotifyPayload(NotifyType.AdditionalKeyExchange, Policy.Octets(8, 9))]),
        Request("follows up with the wrong group", ExchangeType.IkeFollowupKe,
            [Curve25519, new NotifyPayload(NotifyType.AdditionalKeyExchange, Policy.Octets(8, 9))]),
        Request("follows up without a link", ExchangeType.IkeFollowupKe, [Ecp256]),
    ];

    public static readonly ImmutableArray<Sample> FollowupAnswers =
    [
        Response("follows up", ExchangeType.IkeFollowupKe, [Ecp256]),
        Response("follows up and wants more", ExchangeType.IkeFollowupKe,
            [Ecp256, new NotifyPayload(NotifyType.AdditionalKeyExchange, Policy.Octets(8, 10))]),
        Response("has forgotten", ExchangeType.IkeFollowupKe, [new NotifyPayload(NotifyType.StateNotFound)]),
    ];

    public static readonly ImmutableArray<Sample> Informational =
    [
        Request("asks for a sign of life", ExchangeType.Informational, []),
        DeleteIke,
        Request("deletes the child SA", ExchangeType.Informational, [new DeletePayload(ProtocolId.Esp, [ChildSpi])]),
        Request("deletes many", ExchangeType.Informational, [new DeletePayload(ProtocolId.Esp, [1, 2, ChildSpi, ChildSpi]),
            new DeletePayload(ProtocolId.Ah, [3])]),
        Request("moves", ExchangeType.Informational, [new NotifyPayload(NotifyType.UpdateSaAddresses), .. Announcements[..2], .. Addresses]),
        Request("has other addresses", ExchangeType.Informational, [.. Addresses]),
        Request("asks for configuration", ExchangeType.Informational, [Asking]),
        Request("sets configuration", ExchangeType.Informational, [Assigning with { ConfigurationType = ConfigurationType.Set }]),
        Request("takes the address away", ExchangeType.Informational, [new ConfigurationPayload(ConfigurationType.Set,
            [new ConfigurationAttribute(ConfigurationAttributeType.InternalIp4Address)])]),
        Request("redirects", ExchangeType.Informational, [new NotifyPayload(NotifyType.Redirect, new byte[] { 1, 4, 203, 0, 113, 5 })]),
        Request("redirects to a name", ExchangeType.Informational, [new NotifyPayload(NotifyType.Redirect, (byte[])[3, 10, .. "gw.example"u8])]),
        Request("tells its token", ExchangeType.Informational, [new NotifyPayload(NotifyType.QuickCrashDetection, Policy.Octets(32, 3))]),
        Request("limits the authentication", ExchangeType.Informational, [new NotifyPayload(NotifyType.AuthLifetime, new byte[] { 0, 0, 1, 0 })]),
        Request("does not accept us", ExchangeType.Informational, [new NotifyPayload(NotifyType.AuthenticationFailed)]),
    ];

    public static readonly ImmutableArray<Sample> InformationalAnswers =
    [
        Response("lives", ExchangeType.Informational, []),
        Response("deletes too", ExchangeType.Informational, [new DeletePayload(ProtocolId.Esp, [ChildSpi])]),
        Response("takes the configuration", ExchangeType.Informational, [Assigning with { ConfigurationType = ConfigurationType.Acknowledge }]),
        Response("returns the cookie", ExchangeType.Informational, [.. Announcements[..2], .. Addresses]),
        Response("cannot take these addresses", ExchangeType.Informational, [new NotifyPayload(NotifyType.UnacceptableAddresses), Addresses[1]]),
    ];

    public static readonly ImmutableArray<Sample> All =
    [
        .. Init, .. InitAnswers, .. Intermediate, .. IntermediateAnswers, .. Auth, .. AuthAnswers, .. CreateChild, .. CreateChildAnswers, .. Followup,
            .. FollowupAnswers,
        .. Informational, .. InformationalAnswers,
    ];

    /// <summary>The ones that make sense at that stage; everything else comes too, but less often.</summary>
    public static ImmutableArray<Sample> For(Stage stage) => stage switch
    {
        Stage.Nothing => Init,
        Stage.InitSent => InitAnswers,
        Stage.HalfOpen => Auth,
        Stage.HalfOpenIntermediate => [.. Intermediate, .. Intermediate, .. Auth],
        Stage.IntermediateSent => IntermediateAnswers,
        Stage.AuthSent or Stage.AuthSentWithCertificate or Stage.AuthSentByClient or Stage.AuthSentWithPostquantumKey
            or Stage.AuthSentWithRawKey => AuthAnswers,
        Stage.FollowupAwaited => [.. Followup, .. Followup, .. Followup, .. CreateChild, .. Informational],
        Stage.CreatingChild or Stage.RekeyingIke => [.. CreateChildAnswers, .. CreateChildAnswers, .. CreateChild, .. Informational],
        Stage.FollowupSent => [.. FollowupAnswers, .. FollowupAnswers, .. CreateChild],
        Stage.Informing or Stage.Closing => [.. InformationalAnswers, .. InformationalAnswers, .. Informational, .. CreateChild],
        Stage.EstablishedByClient => [.. Informational, .. Informational, .. CreateChild],
        _ => [.. CreateChild, .. Informational],
    };

    static NotifyPayload RekeyNotify => new(ProtocolId.Esp, new byte[] { 0xC0, 0xFF, 0xEE, 0x01 }, NotifyType.RekeySa, default);

    static Sample Request(string name, ExchangeType exchange, Payload[] payloads) => new(name, exchange, true, [.. payloads.Select(RawPayload.Of)]);

    static Sample Response(string name, ExchangeType exchange, Payload[] payloads) => new(name, exchange, false, [.. payloads.Select(RawPayload.Of)]);

    static IEnumerable<Sample> Authenticates(bool isRequest, bool isRight)
    {
        Identity us = Policy.SiteIdentity;
        IEnumerable<(string Name, Payload[] Payloads)> kinds =
        [
            ("with a key", [.. Proof(us, isRequest, isRight), .. Child(isRequest, Net)]),
            ("without a child SA", [.. Proof(us, isRequest, isRight)]),
            ("as a client", [.. Proof(isRequest ? Policy.ClientIdentity : us, isRequest, isRight), isRequest ? Asking : Assigning, .. Child(isRequest,
                Selectors("0.0.0.0/0", "0.0.0.0/0"))]),
            ("with a post-quantum key", [.. PostquantumProof(isRequest, isRight), .. Child(isRequest, Net)]),
            ("with a raw public key", [.. SignedProof(isRequest, isRight, isRaw: true), .. Child(isRequest, Net)]),
            ("where it is sent away", [.. Proof(Policy.AwayIdentity, isRequest, isRight), .. Child(isRequest, Net)]),
            ("with a certificate", [.. SignedProof(isRequest, isRight), .. Child(isRequest, Net)]),
        ];
        foreach ((string name, Payload[] payloads) in kinds)
            yield return new Sample($"authenticates {name}{(isRight ? "" : ", wrongly")}", ExchangeType.IkeAuth, isRequest,
                [.. payloads.Select(RawPayload.Of)], Needs: isRight);
    }

    static IEnumerable<Payload> Child(bool isRequest, Payload[] selectors) =>
        [isRequest ? Offer(Policy.PlainEsp, withGroup: false) : Chosen(Policy.PlainEsp, withGroup: false), .. isRequest ? selectors : Reverse(selectors)];

    static IdentificationPayload Idi(Identity identity) => new(PayloadType.IdentificationInitiator, identity);

    static IdentificationPayload Id(Identity identity, bool isRequest) =>
        isRequest ? Idi(identity) : new IdentificationPayload(PayloadType.IdentificationResponder, identity);

    static byte[] Signed(IdentificationPayload identity, bool isRequest, bool withPostquantumKey = false)
    {
        using IkeKeys keys = Policy.NewKeys();
        using PostquantumKeys mixed = PostquantumKeys.Derive(Policy.PlainSuite.Prf, Policy.PostquantumKey.Key, keys);
        return isRequest ? SignedOctets.OfInitiator(Policy.PlainSuite.Prf, Policy.Messages, withPostquantumKey ? mixed.SkPi : keys.SkPi, identity)
            : SignedOctets.OfResponder(Policy.PlainSuite.Prf, Policy.Messages, withPostquantumKey ? mixed.SkPr : keys.SkPr, identity);
    }

    /// <summary>RFC 8784 §3: AUTH with the post-quantum key, and as initiator NO_PPK_AUTH without it.</summary>
    static IEnumerable<Payload> PostquantumProof(bool isRequest, bool isRight)
    {
        IdentificationPayload identity = Id(Policy.QuantumIdentity, isRequest);
        using var wrong = new Secret("another key"u8);
        Secret key = isRight ? Policy.Key : wrong;
        byte[] auth = PresharedKeyAuthentication.Compute(Policy.PlainSuite.Prf, key, Signed(identity, isRequest, withPostquantumKey: true));
        AuthenticationPayload proof = new(AuthenticationMethod.SharedKeyMessageIntegrityCode, auth);
        if (!isRequest)
            return [identity, proof, PostquantumKeyIdentity.Confirmation];
        byte[] plain = PresharedKeyAuthentication.Compute(Policy.PlainSuite.Prf, key, Signed(identity, isRequest));
        return [identity, proof, PostquantumKeyIdentity.ToNotify(Policy.PostquantumKey.IdentityOctets), new NotifyPayload(NotifyType.NoPpkAuth, plain)];
    }

    static IEnumerable<Payload> Proof(Identity who, bool isRequest, bool isRight)
    {
        IdentificationPayload identity = Id(who, isRequest);
        using var wrong = new Secret("another key"u8);
        byte[] auth = PresharedKeyAuthentication.Compute(Policy.PlainSuite.Prf, isRight ? Policy.Key : wrong, Signed(identity, isRequest));
        return [identity, new AuthenticationPayload(AuthenticationMethod.SharedKeyMessageIntegrityCode, auth)];
    }

    static IEnumerable<Payload> SignedProof(bool isRequest, bool isRight, bool isRaw = false)
    {
        IdentificationPayload identity = Id(isRaw ? Policy.RawIdentity : Policy.CertifiedIdentity, isRequest);
        byte[] signature = Policy.PeerCertificate.Key.Sign(SignatureMethod.Ed25519, Signed(identity, isRequest));
        if (!isRight)
            signature[0] ^= 1;
        return
        [
            identity,
            isRaw ? new CertificatePayload(CertificateEncoding.RawPublicKey, Policy.PeerCertificate.Key.PublicKey.Encoding.ToArray())
                : new CertificatePayload(CertificateEncoding.X509Signature, Policy.PeerCertificate.Der),
            SignaturePayload.Write(SignatureMethod.Ed25519, isDigitalSignature: true, signature),
        ];
    }

    static SecurityAssociationPayload IkeOffer(string text, byte[]? spi = null) => WireProposal.Offer(Policy.Ike(text), spi, withKeyExchange: true);

    static SecurityAssociationPayload Offer(string text, bool withGroup = true) => WireProposal.Offer(Policy.Esp(text), NewEspSpi, withGroup);

    static SecurityAssociationPayload Chosen(string text, bool withGroup = true) => WireProposal.Offer(Policy.Esp(text), NewEspSpi, withGroup);

    static Payload[] Selectors(string initiator, string responder) =>
    [
        new TrafficSelectorPayload(PayloadType.TrafficSelectorInitiator, Policy.Selectors(initiator)),
        new TrafficSelectorPayload(PayloadType.TrafficSelectorResponder, Policy.Selectors(responder)),
    ];

    // The answer names what the engine asked for: from its side, the same networks the other way round.
    static Payload[] Reverse(Payload[] selectors) =>
    [
        new TrafficSelectorPayload(PayloadType.TrafficSelectorInitiator, ((TrafficSelectorPayload)selectors[1]).Selectors),
        new TrafficSelectorPayload(PayloadType.TrafficSelectorResponder, ((TrafficSelectorPayload)selectors[0]).Selectors),
    ];

    static KeyExchangePayload ValueOf(KeyExchangeMethod method)
    {
        using IKeyExchange exchange = KeyExchanges.Create(method, new Dice(4711));
        return new KeyExchangePayload((ushort)method, exchange.PublicValue.ToArray());
    }
}
