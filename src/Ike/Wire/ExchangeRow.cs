using System.Collections.Immutable;

namespace Ipsec.Ike.Wire;

/// <summary>How often a payload type may stand in a message.</summary>
readonly record struct PayloadRule(PayloadType Type, int Minimum, int Maximum);

/// <summary>What a message is, once it matched a row of <see cref="ExchangeTable"/>.</summary>
enum MessageKind
{
    IkeSaInitRequest,
    IkeSaInitResponse,

    /// <summary>The responder wants its cookie returned (RFC 7296 §2.6).</summary>
    IkeSaInitCookie,

    /// <summary>The responder wants another group (RFC 7296 §1.2).</summary>
    IkeSaInitInvalidKe,

    /// <summary>The responder sends the initiator to another gateway (RFC 5685 §3).</summary>
    IkeSaInitRedirect,
    IkeSaInitError,

    IkeAuthRequest,

    /// <summary>Without a child SA (RFC 6023 §3).</summary>
    IkeAuthChildlessRequest,

    /// <summary>No AUTH: the initiator asks for EAP (RFC 7296 §2.16).</summary>
    IkeAuthEapRequest,
    IkeAuthResponse,

    /// <summary>Without a child SA: none was asked for, or the initiator is redirected (RFC 6023 §3, RFC 5685 §6).</summary>
    IkeAuthChildlessResponse,

    /// <summary>The IKE SA is up and the child SA was refused (RFC 7296 §1.2, §2.21.2).</summary>
    IkeAuthChildRefused,
    IkeAuthError,

    CreateChildRequest,
    RekeyChildRequest,
    RekeyIkeRequest,
    CreateChildResponse,
    RekeyIkeResponse,
    CreateChildError,

    InformationalRequest,
    InformationalResponse,

    /// <summary>RFC 9242 §3.2; with a KE payload an additional key exchange (RFC 9370 §2.2.2).</summary>
    IntermediateRequest,
    IntermediateResponse,
    IntermediateError,

    /// <summary>An additional key exchange for what CREATE_CHILD_SA began (RFC 9370 §2.2.4).</summary>
    FollowupKeRequest,
    FollowupKeResponse,
    FollowupKeError,
}

/// <summary>
/// One kind of message: which it is told by, and what may stand in it. The first row that recognizes a message judges it.
/// </summary>
sealed record ExchangeRow(MessageKind Kind, ExchangeType Exchange, bool IsRequest, bool IsProtected, string Story, ImmutableArray<PayloadRule> Rules)
{
    /// <summary>Recognized by this notify.</summary>
    public NotifyType? Notify { get; init; }

    /// <summary>Recognized by any error notify.</summary>
    public bool HasErrorNotify { get; init; }

    /// <summary>Recognized by this payload being there.</summary>
    public PayloadType? Present { get; init; }

    /// <summary>Recognized by this payload being absent.</summary>
    public PayloadType? Absent { get; init; }

    /// <summary>Recognized by traffic selectors being there, or not; null does not care.</summary>
    public bool? HasSelectors { get; init; }

    /// <summary>Recognized by the protocol that the Security Association payload negotiates.</summary>
    public ProtocolId? Protocol { get; init; }

    /// <summary>Octets that the SPI of every proposal for that protocol must have (RFC 7296 §3.3.1).</summary>
    public int? SpiLength { get; init; }

    /// <summary>
    /// On an established IKE SA a payload that is well formed and has no meaning in this message is not used, as one that is unknown (RFC 7296 §2.5): a
    /// message is malformed (§2.21.3) if something is missing, twice or wrong, and ending a working tunnel for more would help nobody.
    /// </summary>
    bool IgnoresForeignPayloads => IsProtected && Exchange is ExchangeType.CreateChildSa or ExchangeType.Informational or ExchangeType.IkeFollowupKe;

    public bool Recognizes(IkeMessage message)
    {
        if (message.Header.Exchange != Exchange || message.Header.IsRequest != IsRequest)
            return false;
        if (Notify is NotifyType notify && message.FindNotify(notify) is null)
            return false;
        if (HasErrorNotify && message.FindErrorNotify() is null)
            return false;
        if (Present is PayloadType present && !Has(message, present))
            return false;
        if (Absent is PayloadType absent && Has(message, absent))
            return false;
        if (HasSelectors is bool selectors && selectors != (Has(message, PayloadType.TrafficSelectorInitiator)
            || Has(message, PayloadType.TrafficSelectorResponder)))
            return false;
        return Protocol is not ProtocolId protocol || message.Find<SecurityAssociationPayload>()?.Proposals[0].Protocol == protocol;
    }

    /// <summary>The first rule that the message breaks.</summary>
    public MessageFault Judge(IkeMessage message, bool isProtected)
    {
        if (isProtected != IsProtected)
            return new MessageFault(isProtected ? PeerFault.UnexpectedlyProtected : PeerFault.NotProtected);
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (Payload payload in message.Payloads)
            counts[(byte)payload.Type]++;
        foreach (PayloadRule rule in Rules)
        {
            int count = counts[(byte)rule.Type];
            counts[(byte)rule.Type] = 0;
            if (count < rule.Minimum)
                return new MessageFault(PeerFault.MissingPayload, rule.Type);
            if (count > rule.Maximum)
                return new MessageFault(PeerFault.RepeatedPayload, rule.Type);
        }
        foreach (Payload payload in message.Payloads)
        {
            if (counts[(byte)payload.Type] != 0 && !IgnoresForeignPayloads)
                return new MessageFault(PeerFault.UnexpectedPayload, payload.Type);
        }
        return SpiLength is int length && !HasSpiLength(message, length)
            ? new MessageFault(PeerFault.WrongSpiLength, PayloadType.SecurityAssociation)
            : default;
    }

    static bool Has(IkeMessage message, PayloadType type)
    {
        foreach (Payload payload in message.Payloads)
        {
            if (payload.Type == type)
                return true;
        }
        return false;
    }

    static bool HasSpiLength(IkeMessage message, int length)
    {
        foreach (Proposal proposal in message.Find<SecurityAssociationPayload>()?.Proposals ?? [])
        {
            if (proposal.Protocol == ProtocolId.Ike && proposal.Spi.Length != length)
                return false;
        }
        return true;
    }
}
