namespace Ipsec.Esp;

/// <summary>What a data path counts: what passed, and each reason for which a packet did not.</summary>
public enum DataPathCounter
{
    /// <summary>ESP packets that were sealed.</summary>
    Sealed,

    /// <summary>ESP packets that were authenticated and held a packet inside their SA's selectors.</summary>
    Opened,

    /// <summary>Inner packets given to the local side.</summary>
    Delivered,

    /// <summary>Inner packets that went from one tunnel into another.</summary>
    Forwarded,

    /// <summary>IKE messages behind a non-ESP marker (RFC 3948 §2.2).</summary>
    IkeMessages,

    /// <summary>NAT keepalives (RFC 3948 §2.3).</summary>
    Keepalives,

    /// <summary>Dummy packets, next header 59 (RFC 4303 §2.6).</summary>
    DummyPackets,

    /// <summary>Packets that carried traffic flow confidentiality padding behind the inner packet (RFC 4303 §2.7).</summary>
    TfcPadded,

    /// <summary>Inner packets whose SYN got a smaller maximum segment size.</summary>
    MssClamped,

    /// <summary>Inner packets that were cut into fragments before sealing.</summary>
    Fragmented,

    /// <summary>ICMP errors that the data path made itself.</summary>
    IcmpErrors,

    /// <summary>Times that an outer path turned out to carry less than expected (RFC 4301 §8.2).</summary>
    PathMtusLearned,

    /// <summary>Dropped: outer datagram too short or no ESP at all.</summary>
    MalformedEsp,

    /// <summary>Dropped: ESP with an SPI that nobody owns.</summary>
    UnknownSpi,

    /// <summary>Dropped: sequence number seen before, left of the window, or zero (RFC 4303 §3.4.3).</summary>
    Replay,

    /// <summary>Dropped: the ICV is wrong (RFC 4303 §3.4.4).</summary>
    Integrity,

    /// <summary>Dropped after authentication: padding that is not 1, 2, 3, … (RFC 4303 §2.4).</summary>
    Padding,

    /// <summary>Dropped after authentication: a next header that tunnel mode does not know.</summary>
    NextHeader,

    /// <summary>Dropped: the inner packet is no IP packet, or not of the version that the next header names.</summary>
    MalformedInner,

    /// <summary>Dropped after authentication: outside the SA's selectors (RFC 4301 §5.2 step 4).</summary>
    SelectorMismatch,

    /// <summary>Dropped: congestion experienced on an outer packet around one that is not ECN-capable (RFC 6040 §4.2).</summary>
    EcnDropped,

    /// <summary>Outer and inner ECN fields in a combination that should not occur; the packet passed (RFC 6040 §4.2).</summary>
    EcnUnexpected,

    /// <summary>Dropped: no route to the destination, or one that discards.</summary>
    NoRoute,

    /// <summary>Dropped: would go from one tunnel into another at an endpoint without transit.</summary>
    TransitDenied,

    /// <summary>
    /// Dropped by address translation: begun on the wrong side, without ports, or without room (<see cref="NatCounters.DroppedPackets"/> of all rules).
    /// </summary>
    NatDropped,

    /// <summary>Dropped: beyond what the endpoint's tunnels may carry together.</summary>
    Shaped,

    /// <summary>Dropped: the tunnel has no SA for this packet.</summary>
    NoSa,

    /// <summary>Dropped: longer than the MTU.</summary>
    TooBig,

    /// <summary>Dropped: TTL or hop limit used up between two tunnels.</summary>
    HopLimitExceeded,

    /// <summary>Dropped: would go back to the peer that it came from.</summary>
    Hairpin,

    /// <summary>Dropped: our own ESP or IKE was about to enter its own tunnel.</summary>
    OwnOuterPacket,

    /// <summary>Dropped: a fragment, a packet with IP options or extension headers, or one between other addresses, on a transport mode SA.</summary>
    NotForTransport,

    /// <summary>Dropped: the SA has reached its hard limit or the end of its sequence numbers.</summary>
    HardLimit,
}
