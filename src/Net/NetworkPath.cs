namespace Ipsec.Net;

/// <summary>What a datagram looks like on the outer wire, and so what it may contain.</summary>
public enum PathEncapsulation
{
    /// <summary>The IKE port (500): IKE messages only, without a marker (RFC 7296 §2).</summary>
    Ike,

    /// <summary>The NAT traversal port (4500): IKE behind four zero octets, ESP, keepalives (RFC 3948 §2).</summary>
    UdpEncapsulated,

    /// <summary>IP protocol 50: ESP directly in IP; ports are 0 (RFC 4303).</summary>
    RawEsp,
}

/// <summary>
/// Where a datagram came from or goes to, seen from this endpoint. The local side is part of it: NAT detection,
/// MOBIKE and active-active gateways all need to know which local address a peer talks to.
/// </summary>
public readonly record struct NetworkPath(TransportAddress Local, TransportAddress Remote, PathEncapsulation Encapsulation)
{
    public override string ToString() => $"{Local} <-> {Remote} ({Encapsulation})";
}
