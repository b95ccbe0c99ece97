using System.Buffers.Binary;

namespace Ipsec.Ike.Wire;

/// <summary>
/// Walks a chain of payloads by their generic headers, RFC 7296 §3.2, and looks at no body. The walk ends at the end of the chain
/// or at the first <see cref="Fault"/>; octets behind the last payload are one.
/// </summary>
ref struct PayloadChain(PayloadType first, ReadOnlySpan<byte> octets)
{
    readonly ReadOnlySpan<byte> _octets = octets;
    PayloadType _next = first;
    int _offset;
    int _count;

    /// <summary>The payload that <see cref="MoveNext"/> reached.</summary>
    public PayloadView Current { get; private set; }

    /// <summary>Why the walk ended early, and at which payload.</summary>
    public MessageFault Fault { get; private set; }

    public bool MoveNext()
    {
        if (_next == PayloadType.None)
        {
            if (_offset != _octets.Length)
                Fault = new MessageFault(PeerFault.LeftOver);
            return false;
        }
        PeerFault fault = Step();
        Fault = new MessageFault(fault, fault == PeerFault.None ? PayloadType.None : _next);
        return fault == PeerFault.None;
    }

    PeerFault Step()
    {
        ReadOnlySpan<byte> rest = _octets[_offset..];
        if (_count++ == WireLimits.Payloads)
            return PeerFault.TooManyPayloads;
        if (rest.Length < PayloadHeader.EncodedLength)
            return PeerFault.PayloadOverrun;
        int length = BinaryPrimitives.ReadUInt16BigEndian(rest[PayloadHeader.LengthOffset..]);
        if (length < PayloadHeader.EncodedLength)
            return PeerFault.PayloadTooShort;
        if (length > rest.Length)
            return PeerFault.PayloadOverrun;
        bool isProtection = _next is PayloadType.Encrypted or PayloadType.EncryptedFragment;
        // RFC 7296 §3.14, RFC 7383 §2.5: it is the last payload.
        if (isProtection && length != rest.Length)
            return PeerFault.EncryptedPayloadNotLast;
        bool isCritical = (rest[PayloadHeader.CriticalOffset] & PayloadHeader.CriticalBit) != 0;
        var following = (PayloadType)rest[PayloadHeader.NextPayloadOffset];
        Current = new PayloadView(_next, isCritical, _offset, following, rest[PayloadHeader.EncodedLength..length]);
        // Its Next Payload field speaks of the inside, so that the outer chain ends here.
        _next = isProtection ? PayloadType.None : following;
        _offset += length;
        return PeerFault.None;
    }
}

/// <summary>One payload of a chain, its body unread.</summary>
/// <param name="offset">Where its generic header starts, from the start of the chain.</param>
/// <param name="next">Its Next Payload field.</param>
readonly ref struct PayloadView(PayloadType type, bool isCritical, int offset, PayloadType next, ReadOnlySpan<byte> body)
{
    public PayloadType Type { get; } = type;
    public bool IsCritical { get; } = isCritical;
    public int Offset { get; } = offset;
    public PayloadType Next { get; } = next;
    public ReadOnlySpan<byte> Body { get; } = body;
}
