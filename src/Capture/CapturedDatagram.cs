using Ipsec.Net;

namespace Ipsec.Capture;

/// <summary>What an outer IP packet holds.</summary>
public enum DatagramContent
{
    /// <summary>An IKE message, the non-ESP marker already taken off.</summary>
    Ike,

    /// <summary>An ESP packet, raw or out of UDP.</summary>
    Esp,

    /// <summary>A NAT keepalive: the one octet 0xFF (RFC 3948 §2.3).</summary>
    NatKeepalive,

    /// <summary>A fragment, first or later, whose content is not looked at.</summary>
    Fragment,

    /// <summary>Neither IKE nor ESP: what a wire with a tunnel on it should not carry.</summary>
    Other,
}

/// <summary>One IP packet of a capture, taken apart.</summary>
/// <param name="Source">Port 0 where the protocol has none.</param>
/// <param name="Encapsulation">How IKE and ESP travelled; of no meaning for other content.</param>
/// <param name="IpProtocol">The transport protocol's number.</param>
/// <param name="Payload">The IKE message or ESP packet; for other content what follows the IP (or UDP) header.</param>
/// <param name="Packet">The whole IP packet.</param>
public sealed record CapturedDatagram(TransportAddress Source, TransportAddress Destination, DatagramContent Content, PathEncapsulation Encapsulation,
    byte IpProtocol, ReadOnlyMemory<byte> Payload, ReadOnlyMemory<byte> Packet);
