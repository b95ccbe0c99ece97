namespace Ipsec.Ike.Wire;

/// <summary>What a peer did wrong, by name. <see cref="PeerFaults"/> says for each what is answered and under which tag it is counted.</summary>
enum PeerFault
{
    None = 0,

    // The datagram is no IKEv2 message (RFC 7296 §3.1, §2.5).
    TooShort,
    TooLong,
    LengthMismatch,
    InvalidMajorVersion,
    OlderMajorVersion,
    ZeroInitiatorSpi,
    UnknownExchange,

    // The payload chain does not hold together (RFC 7296 §3.2, §3.14).
    PayloadTooShort,
    PayloadOverrun,
    LeftOver,
    TooManyPayloads,
    EncryptedPayloadNotLast,
    UnknownCriticalPayload,

    // The fragment does not hold together, or does not fit the others (RFC 7383 §2.6).
    InvalidFragment,
    FragmentNotNegotiated,
    TooManyFragments,

    // One payload's body is malformed (RFC 7296 §3.3 to §3.16).
    InvalidSyntax,

    // The message does not fit its exchange (RFC 7296 §1.2 to §1.5).
    NotProtected,
    UnexpectedlyProtected,
    UnprotectedPayload,
    MissingPayload,
    UnexpectedPayload,
    RepeatedPayload,
    WrongSpiLength,

    // Bad ICV, bad padding, too short to be opened: deliberately one name (RFC 7296 §3.14).
    ProtectionFailed,
}

/// <summary>A fault and the payload type in which it lay, if it lay in one.</summary>
readonly record struct MessageFault(PeerFault Fault, PayloadType Payload = PayloadType.None)
{
    public override string ToString() => Payload == PayloadType.None ? PeerFaults.Tag(Fault) : $"{PeerFaults.Tag(Fault)} ({Payload})";
}
