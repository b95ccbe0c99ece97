using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using static Ipsec.Ike.Wire.PayloadType;

namespace Ipsec.Ike.Wire;

/// <summary>
/// Which payloads each message of RFC 7296 §1.2 to §1.5, RFC 9242 and RFC 9370 holds. Notify and Vendor ID may stand anywhere, in any number up to the
/// limits below; the order of payloads is not a rule (§2.5). On an established IKE SA other payloads are not used. Certificates, configuration and EAP are
/// tolerated where the RFC has them.
/// </summary>
static class ExchangeTable
{
    const int MaximumNotifies = 64;
    const int MaximumVendorIds = 64;
    const int MaximumDeletes = 32;
    const int MaximumCertificates = 32;

    // Some peers' IKE_AUTH repeats a nonce; it has no meaning there and is not used.
    static readonly PayloadRule StrayNonce = AtMost(Nonce);

    static readonly PayloadRule[] Anywhere = [new(Notify, 0, MaximumNotifies), new(VendorId, 0, MaximumVendorIds)];

    /// <summary>In the order of recognition: what a notify marks comes before what the plain payloads mark.</summary>
    public static readonly ImmutableArray<ExchangeRow> Rows =
    [
        //  HDR, [N(COOKIE)], SAi1, KEi, Ni  -->
        new(MessageKind.IkeSaInitRequest, ExchangeType.IkeSaInit, IsRequest: true, IsProtected: false, "start an IKE SA",
            Rules(Once(SecurityAssociation), Once(KeyExchange), Once(Nonce))) { SpiLength = 0 },

        //  <--  HDR, N(COOKIE)
        new(MessageKind.IkeSaInitCookie, ExchangeType.IkeSaInit, IsRequest: false, IsProtected: false, "want a cookie returned",
            Rules()) { Notify = NotifyType.Cookie, Absent = SecurityAssociation },

        //  <--  HDR, N(INVALID_KE_PAYLOAD)
        new(MessageKind.IkeSaInitInvalidKe, ExchangeType.IkeSaInit, IsRequest: false, IsProtected: false, "want another group",
            Rules()) { Notify = NotifyType.InvalidKePayload, Absent = SecurityAssociation },

        //  <--  HDR, N(REDIRECT)
        new(MessageKind.IkeSaInitRedirect, ExchangeType.IkeSaInit, IsRequest: false, IsProtected: false, "send the initiator to another gateway",
            Rules()) { Notify = NotifyType.Redirect, Absent = SecurityAssociation },

        //  <--  HDR, N(error)
        new(MessageKind.IkeSaInitError, ExchangeType.IkeSaInit, IsRequest: false, IsProtected: false, "refuse the IKE SA",
            Rules()) { HasErrorNotify = true, Absent = SecurityAssociation },

        //  <--  HDR, SAr1, KEr, Nr, [CERTREQ]
        new(MessageKind.IkeSaInitResponse, ExchangeType.IkeSaInit, IsRequest: false, IsProtected: false, "answer IKE_SA_INIT",
            Rules(Once(SecurityAssociation), Once(KeyExchange), Once(Nonce), AtMost(CertificateRequest, MaximumCertificates))) { SpiLength = 0 },

        //  HDR, SK {IDi, [CERT,] [CERTREQ,] [IDr,] AUTH, [CP(CFG_REQUEST)]}  -->                                        RFC 6023 §3
        new(MessageKind.IkeAuthChildlessRequest, ExchangeType.IkeAuth, IsRequest: true, IsProtected: true, "authenticate without a child SA",
            Rules(Once(IdentificationInitiator), AtMost(IdentificationResponder), Once(Authentication), AtMost(Certificate, MaximumCertificates),
                AtMost(CertificateRequest, MaximumCertificates), AtMost(PayloadType.Configuration), StrayNonce))
            { Present = Authentication, Absent = SecurityAssociation, HasSelectors = false },

        //  HDR, SK {IDi, [CERT,] [CERTREQ,] [IDr,] AUTH, SAi2, TSi, TSr}  -->
        new(MessageKind.IkeAuthRequest, ExchangeType.IkeAuth, IsRequest: true, IsProtected: true, "authenticate, and ask for the first child SA",
            Rules(Once(IdentificationInitiator), AtMost(IdentificationResponder), Once(Authentication), Once(SecurityAssociation),
                Once(TrafficSelectorInitiator), Once(TrafficSelectorResponder), AtMost(Certificate, MaximumCertificates),
                AtMost(CertificateRequest, MaximumCertificates), AtMost(PayloadType.Configuration), StrayNonce)) { Present = Authentication },

        //  HDR, SK {IDi, [CERTREQ,] [IDr,] SAi2, TSi, TSr}  -->
        new(MessageKind.IkeAuthEapRequest, ExchangeType.IkeAuth, IsRequest: true, IsProtected: true, "ask to be authenticated by EAP",
            Rules(Once(IdentificationInitiator), AtMost(IdentificationResponder), Once(SecurityAssociation),
                Once(TrafficSelectorInitiator), Once(TrafficSelectorResponder), AtMost(CertificateRequest, MaximumCertificates),
                AtMost(PayloadType.Configuration))) { Absent = Authentication },

        //  <--  HDR, SK {IDr, [CERT,] AUTH, N(error)}
        new(MessageKind.IkeAuthChildRefused, ExchangeType.IkeAuth, IsRequest: false, IsProtected: true, "authenticate, and refuse the child SA",
            Rules(Once(IdentificationResponder), Once(Authentication), AtMost(Certificate, MaximumCertificates), AtMost(PayloadType.Configuration),
                AtMost(TrafficSelectorInitiator), AtMost(TrafficSelectorResponder)))
            { HasErrorNotify = true, Present = Authentication, Absent = SecurityAssociation },

        //  <--  HDR, SK {N(error)}
        new(MessageKind.IkeAuthError, ExchangeType.IkeAuth, IsRequest: false, IsProtected: true, "refuse to authenticate",
            Rules(AtMost(IdentificationResponder))) { HasErrorNotify = true, Absent = Authentication },

        //  <--  HDR, SK {IDr, [CERT,] AUTH, [CP(CFG_REPLY),] [N(REDIRECT)]}                                   RFC 6023 §3, RFC 5685 §6
        new(MessageKind.IkeAuthChildlessResponse, ExchangeType.IkeAuth, IsRequest: false, IsProtected: true, "authenticate without a child SA",
            Rules(Once(IdentificationResponder), Once(Authentication), AtMost(Certificate, MaximumCertificates), AtMost(PayloadType.Configuration), StrayNonce))
            { Present = Authentication, Absent = SecurityAssociation, HasSelectors = false },

        //  <--  HDR, SK {IDr, [CERT,] AUTH, SAr2, TSi, TSr}
        new(MessageKind.IkeAuthResponse, ExchangeType.IkeAuth, IsRequest: false, IsProtected: true, "authenticate, with the first child SA",
            Rules(Once(IdentificationResponder), Once(Authentication), Once(SecurityAssociation), Once(TrafficSelectorInitiator),
                Once(TrafficSelectorResponder), AtMost(Certificate, MaximumCertificates), AtMost(PayloadType.Configuration), StrayNonce)),

        //  HDR, SK {SA, Ni, KEi}  -->
        new(MessageKind.RekeyIkeRequest, ExchangeType.CreateChildSa, IsRequest: true, IsProtected: true, "rekey the IKE SA",
            Rules(Once(SecurityAssociation), Once(Nonce), Once(KeyExchange))) { Protocol = ProtocolId.Ike, SpiLength = 8 },

        //  HDR, SK {N(REKEY_SA), SA, Ni, [KEi,] TSi, TSr}  -->
        new(MessageKind.RekeyChildRequest, ExchangeType.CreateChildSa, IsRequest: true, IsProtected: true, "rekey a child SA",
            ChildRules()) { Notify = NotifyType.RekeySa },

        //  HDR, SK {SA, Ni, [KEi,] TSi, TSr}  -->
        new(MessageKind.CreateChildRequest, ExchangeType.CreateChildSa, IsRequest: true, IsProtected: true, "ask for another child SA",
            ChildRules()),

        //  <--  HDR, SK {N(error)}
        new(MessageKind.CreateChildError, ExchangeType.CreateChildSa, IsRequest: false, IsProtected: true, "refuse the new SA",
            Rules()) { HasErrorNotify = true, Absent = SecurityAssociation },

        //  <--  HDR, SK {SA, Nr, KEr}
        new(MessageKind.RekeyIkeResponse, ExchangeType.CreateChildSa, IsRequest: false, IsProtected: true, "rekey the IKE SA",
            Rules(Once(SecurityAssociation), Once(Nonce), Once(KeyExchange))) { Protocol = ProtocolId.Ike, SpiLength = 8 },

        //  <--  HDR, SK {SA, Nr, [KEr,] TSi, TSr}
        new(MessageKind.CreateChildResponse, ExchangeType.CreateChildSa, IsRequest: false, IsProtected: true, "answer with a child SA",
            ChildRules()),

        //  HDR, SK {[N,] [D,] [CP,] ...}  -->
        new(MessageKind.InformationalRequest, ExchangeType.Informational, IsRequest: true, IsProtected: true, "inform, delete, or ask for a sign of life",
            Rules(AtMost(Delete, MaximumDeletes), AtMost(PayloadType.Configuration))),

        //  <--  HDR, SK {[N,] [D,] [CP,] ...}
        new(MessageKind.InformationalResponse, ExchangeType.Informational, IsRequest: false, IsProtected: true, "answer INFORMATIONAL",
            Rules(AtMost(Delete, MaximumDeletes), AtMost(PayloadType.Configuration))),

        //  HDR, SK {[KEi(n)]}  -->
        new(MessageKind.IntermediateRequest, ExchangeType.IkeIntermediate, IsRequest: true, IsProtected: true, "go on before authentication",
            Rules(AtMost(KeyExchange))),

        //  <--  HDR, SK {N(error)}
        new(MessageKind.IntermediateError, ExchangeType.IkeIntermediate, IsRequest: false, IsProtected: true, "refuse to go on",
            Rules()) { HasErrorNotify = true, Absent = KeyExchange },

        //  <--  HDR, SK {[KEr(n)]}
        new(MessageKind.IntermediateResponse, ExchangeType.IkeIntermediate, IsRequest: false, IsProtected: true, "answer IKE_INTERMEDIATE",
            Rules(AtMost(KeyExchange))),

        //  HDR, SK {KEi(n), N(ADDITIONAL_KEY_EXCHANGE)}  -->
        new(MessageKind.FollowupKeRequest, ExchangeType.IkeFollowupKe, IsRequest: true, IsProtected: true, "go on with another key exchange",
            Rules(Once(KeyExchange))),

        //  <--  HDR, SK {N(error)}
        new(MessageKind.FollowupKeError, ExchangeType.IkeFollowupKe, IsRequest: false, IsProtected: true, "refuse another key exchange",
            Rules()) { HasErrorNotify = true, Absent = KeyExchange },

        //  <--  HDR, SK {KEr(n), [N(ADDITIONAL_KEY_EXCHANGE)]}
        new(MessageKind.FollowupKeResponse, ExchangeType.IkeFollowupKe, IsRequest: false, IsProtected: true, "answer IKE_FOLLOWUP_KE",
            Rules(Once(KeyExchange))),
    ];

    /// <summary>Which row the message belongs to, or what about it is not legal.</summary>
    /// <param name="isProtected">It came in an Encrypted payload that was opened.</param>
    public static bool TryMatch(IkeMessage message, bool isProtected, [NotNullWhen(true)] out ExchangeRow? row, out MessageFault fault)
    {
        row = null;
        foreach (ExchangeRow candidate in Rows)
        {
            if (!candidate.Recognizes(message))
                continue;
            fault = candidate.Judge(message, isProtected);
            if (fault.Fault != PeerFault.None)
                return false;
            row = candidate;
            return true;
        }
        fault = new MessageFault(PeerFault.UnknownExchange);
        return false;
    }

    static ImmutableArray<PayloadRule> ChildRules() => Rules(Once(SecurityAssociation), Once(Nonce), AtMost(KeyExchange),
        Once(TrafficSelectorInitiator), Once(TrafficSelectorResponder), AtMost(PayloadType.Configuration));

    static ImmutableArray<PayloadRule> Rules(params ReadOnlySpan<PayloadRule> rules) => [.. rules, .. Anywhere];

    static PayloadRule Once(PayloadType type) => new(type, 1, 1);

    static PayloadRule AtMost(PayloadType type, int maximum = 1) => new(type, 0, maximum);
}
