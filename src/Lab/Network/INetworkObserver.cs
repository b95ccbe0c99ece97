namespace Ipsec.Lab.Network;

/// <summary>Why a packet went no further.</summary>
public enum DropReason
{
    /// <summary>The wire's loss.</summary>
    Lost,

    /// <summary>The wire is down.</summary>
    LinkDown,

    /// <summary>Larger than the wire's MTU, and it must not be fragmented.</summary>
    TooBig,

    /// <summary>No wire leads to the destination.</summary>
    NoRoute,

    /// <summary>The TTL or hop limit ran out.</summary>
    Expired,

    /// <summary>A NAT has no mapping for it, or it comes from an address that the mapping never sent to (RFC 4787 REQ-8).</summary>
    NatFiltered,

    /// <summary>A NAT translates UDP only; ESP must travel inside UDP (RFC 3948).</summary>
    NatProtocol,

    /// <summary>No host has the inner destination address.</summary>
    NoHost,

    /// <summary>No IP packet, or one that fits into no rule of this network.</summary>
    Malformed,
}

/// <summary>Sees everything that happens on the simulated network, in the order in which it happens.</summary>
interface INetworkObserver
{
    /// <summary>An IP packet as it stands on a wire, seen at the wire's near end (see <see cref="Wire"/>).</summary>
    void PacketOnWire(string wire, ReadOnlySpan<byte> packet);

    void PacketDropped(string place, DropReason reason, ReadOnlySpan<byte> packet);
}
