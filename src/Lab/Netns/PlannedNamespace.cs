using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Lab.Netns;

/// <summary>What a namespace of a lab is for.</summary>
public enum NamespaceKind
{
    /// <summary>A device, or one of the machines of a gateway.</summary>
    Node,

    /// <summary>A host behind a node.</summary>
    Host,

    /// <summary>A virtual network, the LAN of a site, a circuit, or the internet between the outer wires.</summary>
    Router,

    /// <summary>A NAT before a device.</summary>
    Nat,
}

/// <summary>One network namespace.</summary>
/// <param name="Node">What <c>lab exec</c> calls it.</param>
/// <param name="Name">What <c>ip netns</c> calls it.</param>
public sealed record PlannedNamespace(string Node, string Name, NamespaceKind Kind)
{
    /// <summary>Policy routing rules in the order of their priority.</summary>
    public ImmutableArray<PlannedRule> Rules { get; init; } = [];
}

/// <summary>A veth pair.</summary>
/// <param name="Number">From 1; the addresses of both ends follow from it.</param>
/// <param name="Upper">The end of a router: nodes and hosts have their default route towards it.</param>
public sealed record PlannedLink(int Number, PlannedInterface Upper, PlannedInterface Lower, int Mtu)
{
    const int PairsPerOctet = 127;

    /// <summary>The address by which the other end reaches this one: of the link-local block (RFC 3927), each only once in a lab.</summary>
    public IpAddress AddressOf(PlannedInterface end, bool isV6) => isV6
        ? IpAddress.Parse(FormattableString.Invariant($"fe80::{Number:x}:{HostOf(end)}"))
        : IpAddress.Parse(FormattableString.Invariant($"169.254.{1 + (Number / PairsPerOctet)}.{(2 * (Number % PairsPerOctet)) + HostOf(end)}"));

    public PlannedInterface Other(PlannedInterface end) => end == Upper ? Lower : Upper;

    int HostOf(PlannedInterface end) => end == Upper ? 1 : 2;
}

/// <summary>One end of a link.</summary>
/// <param name="Namespace">The name for <c>ip netns</c>.</param>
public sealed record PlannedInterface(string Namespace, string Name);

/// <summary>A policy routing rule for packets that come in by an interface.</summary>
/// <param name="Table">The table to look into; null ends the packet there.</param>
public sealed record PlannedRule(int Priority, string Incoming, int? Table);

/// <summary>An address of a namespace, alone with its full length.</summary>
public sealed record PlannedAddress(PlannedInterface Interface, IpAddress Address);

/// <summary>A route of a namespace.</summary>
/// <param name="Table">254 is the main one.</param>
/// <param name="Hops">Several share the flows; none drops the packets.</param>
public sealed record PlannedRoute(string Namespace, int Table, IpPrefix Prefix, ImmutableArray<PlannedHop> Hops)
{
    public const int MainTable = 254;

    public bool Equals(PlannedRoute? other) =>
        other is not null && Namespace == other.Namespace && Table == other.Table && Prefix == other.Prefix && Hops.AsSpan().SequenceEqual(other.Hops.AsSpan());

    public override int GetHashCode() => Prefix.GetHashCode();
}

/// <param name="Via">Null where the address itself is on the link.</param>
public readonly record struct PlannedHop(string Interface, IpAddress? Via);
