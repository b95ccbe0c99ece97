using Ipsec.Net;

namespace Ipsec.Esp;

public enum NatKind : byte
{
    /// <summary>One address for one address, in order, without state.</summary>
    Static,

    /// <summary>Addresses and ports, with state (NAPT, RFC 3022 §2.2); flows begin on the internal side only.</summary>
    Dynamic,
}

/// <summary>Whose sources a rule translates. The same rule translates the destinations of what comes back.</summary>
public enum NatMode : byte
{
    /// <summary>Sources on this side, as the peer sees them.</summary>
    EgressSnat,

    /// <summary>Sources on the peer's side, as this side sees them.</summary>
    IngressSnat,
}

/// <summary>
/// One rule of a tunnel. Selectors of the SA see the addresses of the wire: those that <see cref="NatMode.EgressSnat"/> has made, and those that
/// <see cref="NatMode.IngressSnat"/> has not yet changed. Routes see the addresses of this side.
/// </summary>
/// <param name="Internal">Before the translation of a source.</param>
/// <param name="External">After it: of the same family, with <see cref="NatKind.Static"/> of the same length.</param>
public readonly record struct NatRule(NatKind Kind, NatMode Mode, IpPrefix Internal, IpPrefix External)
{
    /// <summary>
    /// The rule is for TCP and UDP with such a port on the internal side, and for nothing else; null is everything. With <see cref="NatKind.Static"/> given
    /// together with <see cref="ExternalPorts"/>, and as many.
    /// </summary>
    public PortRange? InternalPorts { get; init; }

    /// <summary>
    /// What the internal ports become: in order with <see cref="NatKind.Static"/>; with <see cref="NatKind.Dynamic"/> where its ports come from, null is 1024
    /// and above.
    /// </summary>
    public PortRange? ExternalPorts { get; init; }

    internal bool HasPorts => InternalPorts is not null || ExternalPorts is not null;
}
