using System.Buffers.Binary;

namespace Ipsec.Ike.Wire;

/// <summary>
/// A view over a datagram that is an IKEv2 message from the outside: header, lengths and the chain of payloads up to an Encrypted
/// or Encrypted Fragment payload hold together. After <see cref="TryParse"/> no accessor can fail. Bodies are not looked at.
/// </summary>
readonly ref struct MessageEnvelope
{
    // Fragment Number and Total Fragments stand in front of the IV, RFC 7383 §2.5:
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |        Fragment Number        |        Total Fragments        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    internal const int FragmentFieldsLength = 4;

    readonly int _encryptedOffset;
    readonly int _typeOffset;

    MessageEnvelope(ReadOnlySpan<byte> datagram, IkeHeader header, PayloadType firstPayload, int encryptedOffset, int typeOffset, MessageFault clearFault)
    {
        Datagram = datagram;
        Header = header;
        FirstPayload = firstPayload;
        _encryptedOffset = encryptedOffset;
        _typeOffset = typeOffset;
        ClearFault = clearFault;
    }

    public ReadOnlySpan<byte> Datagram { get; }

    public IkeHeader Header { get; }

    /// <summary>Type of the first payload behind the header.</summary>
    public PayloadType FirstPayload { get; }

    /// <summary>The message, or this fragment of one, is encrypted.</summary>
    public bool IsProtected => _encryptedOffset != 0;

    /// <summary>The datagram holds a fragment of a message (RFC 7383 §2.5).</summary>
    public bool IsFragment => IsProtected && Datagram[_typeOffset] == (byte)PayloadType.EncryptedFragment;

    /// <summary>From 1; 0 where this is no fragment.</summary>
    public ushort FragmentNumber => IsFragment ? BinaryPrimitives.ReadUInt16BigEndian(Datagram[(_encryptedOffset + PayloadHeader.EncodedLength)..]) : (ushort)0;

    public ushort TotalFragments => IsFragment ? BinaryPrimitives.ReadUInt16BigEndian(Datagram[(_encryptedOffset + PayloadHeader.EncodedLength + 2)..])
        : (ushort)0;

    /// <summary>The payloads of a message without an Encrypted payload.</summary>
    public ReadOnlySpan<byte> ClearPayloads => IsProtected ? default : Datagram[IkeHeader.EncodedLength..];

    /// <summary>
    /// In a protected message: what is wrong with the payloads in front of the Encrypted one. RFC 7296 defines none that may stand there;
    /// those of an unknown type are skipped if they are not critical. To be looked at once the message is authenticated.
    /// </summary>
    public MessageFault ClearFault { get; }

    /// <summary>
    /// What the ICV covers in front of the IV: header, clear payloads, the generic header of the Encrypted payload (RFC 5282 §5.1) and fragment fields.
    /// </summary>
    public ReadOnlySpan<byte> AssociatedData => IsProtected ? Datagram[..BodyOffset] : default;

    /// <summary>IV, ciphertext and ICV.</summary>
    public ReadOnlySpan<byte> EncryptedBody => IsProtected ? Datagram[BodyOffset..] : default;

    /// <summary>The Next Payload field of the Encrypted payload: the type of the first payload inside (RFC 7296 §3.14).</summary>
    public PayloadType FirstProtectedPayload => IsProtected ? (PayloadType)Datagram[_encryptedOffset] : PayloadType.None;

    /// <summary>
    /// IntAuth_*A of RFC 9242 §3.3.2: the octets up to the last one of the Encrypted payload's generic header, as those of the whole message before
    /// fragmentation. The two length fields are still to be adjusted, see <see cref="SetAdjustedLengths"/>.
    /// </summary>
    public byte[] ToAuthenticatedHeader()
    {
        byte[] header = Datagram[..(_encryptedOffset + PayloadHeader.EncodedLength)].ToArray();
        header[_typeOffset] = (byte)PayloadType.Encrypted;
        return header;
    }

    /// <summary>Writes the lengths that count neither IV nor padding nor ICV (RFC 9242 §3.3.2).</summary>
    public static void SetAdjustedLengths(Span<byte> authenticatedHeader, int innerLength)
    {
        BinaryPrimitives.WriteUInt32BigEndian(authenticatedHeader[IkeHeader.LengthOffset..], (uint)(authenticatedHeader.Length + innerLength));
        BinaryPrimitives.WriteUInt16BigEndian(authenticatedHeader[^2..], (ushort)(PayloadHeader.EncodedLength + innerLength));
    }

    int BodyOffset => _encryptedOffset + PayloadHeader.EncodedLength + (IsFragment ? FragmentFieldsLength : 0);

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
        int typeOffset = IkeHeader.NextPayloadOffset;
        MessageFault clearFault = default;
        while (chain.MoveNext())
        {
            PayloadView payload = chain.Current;
            int offset = IkeHeader.EncodedLength + payload.Offset;
            if (payload.Type is PayloadType.Encrypted or PayloadType.EncryptedFragment)
            {
                encryptedOffset = offset;
                if (payload.Type == PayloadType.EncryptedFragment && !IsFragmentOf(payload.Body))
                {
                    fault = new MessageFault(PeerFault.InvalidFragment, payload.Type);
                    return false;
                }
                break;
            }
            if (clearFault.Fault == PeerFault.None && PayloadReader.IsKnown(payload.Type))
                clearFault = new MessageFault(PeerFault.UnprotectedPayload, payload.Type);
            else if (clearFault.Fault == PeerFault.None && payload.IsCritical)
                clearFault = new MessageFault(PeerFault.UnknownCriticalPayload, payload.Type);
            typeOffset = offset;
        }
        fault = chain.Fault;
        if (fault.Fault != PeerFault.None)
            return false;
        envelope = new MessageEnvelope(datagram, header, first, encryptedOffset, typeOffset, clearFault);
        return true;
    }

    // RFC 7383 §2.5: neither number is zero, and the total is not exceeded.
    static bool IsFragmentOf(ReadOnlySpan<byte> body)
    {
        if (body.Length < FragmentFieldsLength)
            return false;
        int number = BinaryPrimitives.ReadUInt16BigEndian(body);
        return number > 0 && number <= BinaryPrimitives.ReadUInt16BigEndian(body[2..]);
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
