namespace Ipsec.Ike.Wire;

/// <summary>
/// A view over a datagram that is an IKEv2 message from the outside: header, lengths and the chain of payloads up to an Encrypted
/// payload hold together. After <see cref="TryParse"/> no accessor can fail. Bodies are not looked at.
/// </summary>
readonly ref struct MessageEnvelope
{
    readonly int _encryptedOffset;

    MessageEnvelope(ReadOnlySpan<byte> datagram, IkeHeader header, PayloadType firstPayload, int encryptedOffset, MessageFault clearFault)
    {
        Datagram = datagram;
        Header = header;
        FirstPayload = firstPayload;
        _encryptedOffset = encryptedOffset;
        ClearFault = clearFault;
    }

    public ReadOnlySpan<byte> Datagram { get; }

    public IkeHeader Header { get; }

    /// <summary>Type of the first payload behind the header.</summary>
    public PayloadType FirstPayload { get; }

    public bool IsProtected => _encryptedOffset != 0;

    /// <summary>The payloads of a message without an Encrypted payload.</summary>
    public ReadOnlySpan<byte> ClearPayloads => IsProtected ? default : Datagram[IkeHeader.EncodedLength..];

    /// <summary>
    /// In a protected message: what is wrong with the payloads in front of the Encrypted one. RFC 7296 defines none that may stand there;
    /// those of an unknown type are skipped if they are not critical. To be looked at once the message is authenticated.
    /// </summary>
    public MessageFault ClearFault { get; }

    /// <summary>What the ICV covers in front of the IV: header, clear payloads and the generic header of the Encrypted payload (RFC 5282 §5.1).</summary>
    public ReadOnlySpan<byte> AssociatedData => IsProtected ? Datagram[..(_encryptedOffset + PayloadHeader.EncodedLength)] : default;

    /// <summary>IV, ciphertext and ICV.</summary>
    public ReadOnlySpan<byte> EncryptedBody => IsProtected ? Datagram[(_encryptedOffset + PayloadHeader.EncodedLength)..] : default;

    /// <summary>The Next Payload field of the Encrypted payload: the type of the first payload inside (RFC 7296 §3.14).</summary>
    public PayloadType FirstProtectedPayload => IsProtected ? (PayloadType)Datagram[_encryptedOffset] : PayloadType.None;

    /// <param name="header">Filled in as soon as there are 28 octets, also on a fault, because some faults are answered.</param>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out IkeHeader header, out MessageEnvelope envelope, out MessageFault fault)
    {
        envelope = default;
        PeerFault headerFault = CheckHeader(datagram, out header, out PayloadType first);
        fault = new MessageFault(headerFault);
        if (headerFault != PeerFault.None)
            return false;

        var chain = new PayloadChain(first, datagram[IkeHeader.EncodedLength..]);
        int encryptedOffset = 0;
        MessageFault clearFault = default;
        while (chain.MoveNext())
        {
            PayloadView payload = chain.Current;
            if (payload.Type == PayloadType.Encrypted)
                encryptedOffset = IkeHeader.EncodedLength + payload.Offset;
            else if (clearFault.Fault == PeerFault.None && PayloadReader.IsKnown(payload.Type))
                clearFault = new MessageFault(PeerFault.UnprotectedPayload, payload.Type);
            else if (clearFault.Fault == PeerFault.None && payload.IsCritical)
                clearFault = new MessageFault(PeerFault.UnknownCriticalPayload, payload.Type);
        }
        fault = chain.Fault;
        if (fault.Fault != PeerFault.None)
            return false;
        envelope = new MessageEnvelope(datagram, header, first, encryptedOffset, clearFault);
        return true;
    }

    static PeerFault CheckHeader(ReadOnlySpan<byte> datagram, out IkeHeader header, out PayloadType nextPayload)
    {
        if (!IkeHeader.TryParse(datagram, out header, out nextPayload, out uint length))
            return PeerFault.TooShort;
        if (datagram.Length > WireLimits.MessageLength)
            return PeerFault.TooLong;
        // The version stands first: nothing else in the header is known to mean the same in another version (RFC 7296 §2.5).
        if (header.MajorVersion != 2)
            return header.MajorVersion > 2 ? PeerFault.InvalidMajorVersion : PeerFault.OlderMajorVersion;
        if (length != datagram.Length)
            return PeerFault.LengthMismatch;
        // RFC 7296 §3.1: the initiator's SPI MUST NOT be zero.
        if (header.InitiatorSpi == 0)
            return PeerFault.ZeroInitiatorSpi;
        return header.Exchange is >= ExchangeType.IkeSaInit and <= ExchangeType.Informational or ExchangeType.IkeIntermediate or ExchangeType.IkeFollowupKe
            ? PeerFault.None : PeerFault.UnknownExchange;
    }
}
