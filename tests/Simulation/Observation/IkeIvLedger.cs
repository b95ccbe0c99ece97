using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Simulation.Observation;

/// <summary>
/// Every encrypted IKE message that a node sends: with a combined-mode cipher the explicit IV must not come again under its key
/// (RFC 5282 §3.1), unless it is the same message again.
/// </summary>
/// <param name="isCounted">Every IKE proposal of the node has a combined-mode cipher, whose IVs count up here; others draw theirs.</param>
sealed class IkeIvLedger(bool isCounted)
{
    const int NonEspMarker = 4;
    const int NextPayloadOffset = 16;
    const int FlagsOffset = 19;
    const int IkeHeader = 28;
    const byte Encrypted = 46;
    const byte EncryptedFragment = 53;
    const int ExchangeOffset = 18;
    const int MessageIdOffset = 20;
    const byte IkeIntermediate = 43;
    const byte InitiatorFlag = 0x08;
    const int KeptSas = 256;
    const int KeptMessages = 256;

    readonly RecentMap<(ulong, ulong, bool, uint), Sent> _sent = new(KeptSas);

    /// <summary>What is wrong with a datagram; null if nothing is, or if it is no encrypted message.</summary>
    public string? Check(NetworkPath path, ReadOnlySpan<byte> datagram)
    {
        ReadOnlySpan<byte> message = path.Encapsulation == PathEncapsulation.Ike ? datagram : datagram[Math.Min(NonEspMarker, datagram.Length)..];
        if (!isCounted || message.Length < IkeHeader + 16)
            return null;
        // RFC 7296 §3.14: a payload header of 4 octets, then the IV; RFC 7383 §2.5: 4 more for the fragment's number.
        int offset = IkeHeader + (message[NextPayloadOffset] == Encrypted ? 4 : message[NextPayloadOffset] == EncryptedFragment ? 8 : message.Length);
        if (offset + sizeof(ulong) > message.Length)
            return null;
        // RFC 9370 §2.2.2: each IKE_INTERMEDIATE with a key exchange changes the keys of what follows.
        uint epoch = message[ExchangeOffset] == IkeIntermediate ? BinaryPrimitives.ReadUInt32BigEndian(message[MessageIdOffset..]) : 0;
        (ulong, ulong, bool, uint) key = (BinaryPrimitives.ReadUInt64BigEndian(message), BinaryPrimitives.ReadUInt64BigEndian(message[8..]),
            (message[FlagsOffset] & InitiatorFlag) != 0, epoch);
        if (!_sent.TryGet(key, out Sent? sent))
            _sent.Set(key, sent = new Sent());
        ulong iv = BinaryPrimitives.ReadUInt64BigEndian(message[offset..]);
        ulong digest = Digest.Of(message);
        if (sent.Next <= iv)
        {
            sent.Next = iv + 1;
            sent.Messages.Set(iv, digest);
            return null;
        }
        return sent.Messages.TryGet(iv, out ulong before) && before == digest ? null
            : $"IV {iv} used twice for different IKE messages of {key.Item1:x16} {key.Item2:x16}";
    }

    sealed class Sent
    {
        public ulong Next { get; set; }
        public RecentMap<ulong, ulong> Messages { get; } = new(KeptMessages);
    }
}
