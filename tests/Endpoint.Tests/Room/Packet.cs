using Ipsec.Net;

namespace Ipsec.Endpoint.Tests.Room;

/// <summary>One datagram on the room's wire; raw ESP has ports 0.</summary>
sealed record Packet(TransportAddress Source, TransportAddress Target, byte[] Payload, byte TrafficClass = 0)
{
    public bool IsRawEsp => Source.Port == 0;

    /// <summary>ESP, raw or behind a UDP header: neither IKE nor a keepalive (RFC 3948 §2).</summary>
    public bool IsEsp => IsRawEsp || (!IsIke && !IsKeepalive);

    public bool IsKeepalive => Payload is [0xFF];

    public bool IsIke => !IsRawEsp && (Source.Port == 500 || Target.Port == 500 || Payload is [0, 0, 0, 0, ..]);
}
