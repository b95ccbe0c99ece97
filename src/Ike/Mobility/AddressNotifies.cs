using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Ipsec.Ike.Admission;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Mobility;

/// <summary>The notifies of MOBIKE (RFC 4555 §4.2), built and read.</summary>
static class AddressNotifies
{
    /// <summary>Additional addresses of one peer. The RFC has no limit; this is ours, more than a host has outer addresses.</summary>
    public const int MaximumAddresses = 16;

    // RFC 4555 §4.2.5: 8 to 64 octets, unpredictable.
    const int CookieLength = 16;

    public static NotifyPayload NewCookie(IkeSa sa)
    {
        byte[] cookie = new byte[CookieLength];
        sa.Context.Random.Fill(cookie);
        return new NotifyPayload(NotifyType.Cookie2, cookie);
    }

    /// <summary>The response carries our cookie as it was sent (RFC 4555 §3.7).</summary>
    public static bool ReturnsCookie(IkeMessage response, NotifyPayload cookie) =>
        response.FindNotify(NotifyType.Cookie2) is NotifyPayload returned && CryptographicOperations.FixedTimeEquals(returned.Data.Span, cookie.Data.Span);

    /// <summary>The complete list: NO_ADDITIONAL_ADDRESSES where it is empty (RFC 4555 §3.6).</summary>
    public static IEnumerable<Payload> List(ImmutableArray<IpAddress> addresses)
    {
        if (addresses.IsEmpty)
            return [new NotifyPayload(NotifyType.NoAdditionalAddresses)];
        return addresses.Take(MaximumAddresses)
            .Select(address => new NotifyPayload(address.IsV6 ? NotifyType.AdditionalIp6Address : NotifyType.AdditionalIp4Address, address.ToByteArray()));
    }

    /// <summary>Null: the message says nothing about additional addresses. What is over the limit is left out.</summary>
    public static ImmutableArray<IpAddress>? ReadList(IkeMessage message)
    {
        if (message.FindNotify(NotifyType.NoAdditionalAddresses) is not null)
            return [];
        ImmutableArray<IpAddress> addresses =
        [
            .. message.Payloads.OfType<NotifyPayload>()
                .Where(notify => notify.NotifyType is NotifyType.AdditionalIp4Address or NotifyType.AdditionalIp6Address)
                .Select(notify => IpAddress.FromBytes(notify.Data.Span)).Distinct().Take(MaximumAddresses),
        ];
        return addresses.IsEmpty ? null : addresses;
    }

    /// <summary>NAT_DETECTION for an INFORMATIONAL message on a path (RFC 4555 §3.8).</summary>
    public static IEnumerable<Payload> NatDetectionFor(IkeSa sa, NetworkPath path)
    {
        TransportAddress source = sa.Nat.Forced ? path.Local with { Port = 0 } : path.Local;
        yield return new NotifyPayload(NotifyType.NatDetectionSourceIp, NatDetection.Hash(sa.InitiatorSpi, sa.ResponderSpi, source));
        yield return new NotifyPayload(NotifyType.NatDetectionDestinationIp, NatDetection.Hash(sa.InitiatorSpi, sa.ResponderSpi, path.Remote));
    }

    /// <summary>What the hashes say about the path that the message took. An encapsulation that was forced stays so.</summary>
    public static NatSituation ReadNat(IkeMessage message, NetworkPath path, NatSituation current) =>
        current with
        {
            LocalBehindNat = NatDetection.IsLocalBehindNat(message, path.Local),
            RemoteBehindNat = NatDetection.IsPeerBehindNat(message, path.Remote),
        };

    /// <summary>Source address, destination address, source port, destination port (RFC 4555 §4.2.6).</summary>
    public static NotifyPayload NoNatsAllowed(NetworkPath path) => new(NotifyType.NoNatsAllowed, Translated(path.Local, path.Remote));

    /// <summary>The message was sent from and to other addresses than it came from and to (RFC 4555 §3.9).</summary>
    public static bool IsUnexpectedlyTranslated(IkeMessage message, NetworkPath path) =>
        message.FindNotify(NotifyType.NoNatsAllowed) is NotifyPayload notify && !notify.Data.Span.SequenceEqual(Translated(path.Remote, path.Local));

    static byte[] Translated(TransportAddress source, TransportAddress destination)
    {
        byte[] octets = new byte[source.Address.ByteLength + destination.Address.ByteLength + 4];
        int offset = source.Address.WriteTo(octets);
        offset += destination.Address.WriteTo(octets.AsSpan(offset));
        BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(offset), source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(offset + 2), destination.Port);
        return octets;
    }
}
