using System.Buffers.Binary;
using System.Security.Cryptography;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Admission;

/// <summary>NAT detection, RFC 7296 §2.23.</summary>
static class NatDetection
{
    /// <summary>SHA-1 of SPIi | SPIr | address | port, which the RFC fixes whatever else is negotiated.</summary>
    public static byte[] Hash(ulong initiatorSpi, ulong responderSpi, TransportAddress address)
    {
        Span<byte> input = stackalloc byte[8 + 8 + 16 + 2];
        BinaryPrimitives.WriteUInt64BigEndian(input, initiatorSpi);
        BinaryPrimitives.WriteUInt64BigEndian(input[8..], responderSpi);
        int offset = 16 + address.Address.WriteTo(input[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(input[offset..], address.Port);
        return SHA1.HashData(input[..(offset + 2)]);
    }

    /// <summary>
    /// True if a NAT stands in front of the peer: it sent source hashes, and none is that of the address its message came from.
    /// It may send several, one for each of its addresses.
    /// </summary>
    public static bool IsPeerBehindNat(IkeMessage message, TransportAddress remote) => IsTranslated(message, NotifyType.NatDetectionSourceIp, remote);

    /// <summary>True if a NAT stands in front of us: the peer's destination hash is not that of the address its message arrived at.</summary>
    public static bool IsLocalBehindNat(IkeMessage message, TransportAddress local) => IsTranslated(message, NotifyType.NatDetectionDestinationIp, local);

    /// <summary>The peer sent both kinds of hash, and so can do NAT traversal.</summary>
    public static bool IsSupportedByPeer(IkeMessage message) =>
        message.FindNotify(NotifyType.NatDetectionSourceIp) is not null && message.FindNotify(NotifyType.NatDetectionDestinationIp) is not null;

    static bool IsTranslated(IkeMessage message, NotifyType type, TransportAddress address)
    {
        byte[]? expected = null;
        foreach (Payload payload in message.Payloads)
        {
            if (payload is not NotifyPayload notify || notify.NotifyType != type)
                continue;
            expected ??= Hash(message.Header.InitiatorSpi, message.Header.ResponderSpi, address);
            if (notify.Data.Span.SequenceEqual(expected))
                return false;
        }
        return expected is not null;
    }
}
