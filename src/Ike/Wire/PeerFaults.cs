namespace Ipsec.Ike.Wire;

/// <summary>The one place that says what each fault of a peer is answered with and how it is counted.</summary>
static class PeerFaults
{
    /// <summary>
    /// The notify that a request at this fault is answered with, or null for silence; a response is never answered.
    /// </summary>
    /// <param name="isAuthenticated">The request was opened with the keys of its IKE SA, so that a forger cannot ask for answers.</param>
    public static NotifyType? Answer(PeerFault fault, bool isAuthenticated)
    {
        Row row = RowOf(fault);
        return isAuthenticated ? row.Protected : row.InClear;
    }

    /// <summary>The name under which the fault is counted and logged: kebab-case and stable.</summary>
    public static string Tag(PeerFault fault) => RowOf(fault).Tag;

    static Row RowOf(PeerFault fault) => fault switch
    {
        PeerFault.None => new("none", null, null),
        PeerFault.TooShort => new("too-short", null, null),
        PeerFault.TooLong => new("too-long", null, null),
        PeerFault.LengthMismatch => new("length-mismatch", null, null),
        // RFC 7296 §2.5: a higher major version is dropped, and an unauthenticated INVALID_MAJOR_VERSION should be sent.
        PeerFault.InvalidMajorVersion => new("invalid-major-version", NotifyType.InvalidMajorVersion, NotifyType.InvalidMajorVersion),
        // IKEv1: a message of another protocol, which a notify of this one could not answer.
        PeerFault.OlderMajorVersion => new("older-major-version", null, null),
        PeerFault.ZeroInitiatorSpi => new("zero-initiator-spi", null, null),
        PeerFault.UnknownExchange => new("unknown-exchange", null, null),

        // RFC 7296 §3.10.1, INVALID_SYNTAX: only for and in an encrypted packet whose checksum was valid.
        PeerFault.PayloadTooShort => new("payload-too-short", null, NotifyType.InvalidSyntax),
        PeerFault.PayloadOverrun => new("payload-overrun", null, NotifyType.InvalidSyntax),
        PeerFault.LeftOver => new("left-over", null, NotifyType.InvalidSyntax),
        PeerFault.TooManyPayloads => new("too-many-payloads", null, NotifyType.InvalidSyntax),
        PeerFault.EncryptedPayloadNotLast => new("encrypted-payload-not-last", null, NotifyType.InvalidSyntax),
        // RFC 7296 §2.5: the response MUST carry UNSUPPORTED_CRITICAL_PAYLOAD, also to an IKE_SA_INIT request.
        PeerFault.UnknownCriticalPayload =>
            new("unknown-critical-payload", NotifyType.UnsupportedCriticalPayload, NotifyType.UnsupportedCriticalPayload),
        // RFC 7383 §2.6: silently discarded.
        PeerFault.InvalidFragment => new("invalid-fragment", null, null),
        PeerFault.FragmentNotNegotiated => new("fragment-not-negotiated", null, null),
        PeerFault.TooManyFragments => new("too-many-fragments", null, null),
        PeerFault.InvalidSyntax => new("invalid-syntax", null, NotifyType.InvalidSyntax),

        PeerFault.NotProtected => new("not-protected", null, null),
        PeerFault.UnexpectedlyProtected => new("unexpectedly-protected", null, null),
        PeerFault.UnprotectedPayload => new("unprotected-payload", null, NotifyType.InvalidSyntax),
        PeerFault.MissingPayload => new("missing-payload", null, NotifyType.InvalidSyntax),
        PeerFault.UnexpectedPayload => new("unexpected-payload", null, NotifyType.InvalidSyntax),
        PeerFault.RepeatedPayload => new("repeated-payload", null, NotifyType.InvalidSyntax),
        PeerFault.WrongSpiLength => new("wrong-spi-length", null, NotifyType.InvalidSyntax),

        // RFC 7296 §2.21.4 and §3.14: a message that cannot be authenticated is discarded.
        PeerFault.ProtectionFailed => new("protection-failed", null, null),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "A fault without a row."),
    };

    readonly record struct Row(string Tag, NotifyType? InClear, NotifyType? Protected);
}
