using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Ike.Configuration;

/// <summary>Addresses that peers may be given in a Configuration payload, and what they are told with them (RFC 7296 §2.19, §3.15.1).</summary>
public sealed record AddressPool
{
    /// <summary>Connections name it so.</summary>
    public required string Name { get; init; }

    /// <summary>First to last address that is given, all of one family; null for a pool that only tells.</summary>
    public IpAddressRange? Addresses { get; init; }

    /// <summary>
    /// Of the network that the addresses are in: told as INTERNAL_IP4_NETMASK to a peer that asks for it, and as the prefix length of an
    /// INTERNAL_IP6_ADDRESS. Null: the address stands alone.
    /// </summary>
    public int? PrefixLength { get; init; }

    public ImmutableArray<IpAddress> Dns { get; init; } = [];

    /// <summary>NetBIOS name servers, IPv4 only.</summary>
    public ImmutableArray<IpAddress> Nbns { get; init; } = [];

    public ImmutableArray<IpAddress> Dhcp { get; init; } = [];

    /// <summary>Networks behind us (RFC 7296 §3.15.2).</summary>
    public ImmutableArray<IpPrefix> Subnets { get; init; } = [];

    /// <summary>Domains for which the DNS servers are to be asked (RFC 8598 §3).</summary>
    public ImmutableArray<string> DnsDomains { get; init; } = [];

    /// <summary>By value: the lists element by element.</summary>
    public bool Equals(AddressPool? other) =>
        other is not null && Name == other.Name && Addresses == other.Addresses && PrefixLength == other.PrefixLength && TellsSameAs(other);

    /// <summary>What goes with the addresses is the same.</summary>
    internal bool TellsSameAs(AddressPool other) =>
        ValueEquality.Same(Dns, other.Dns) && ValueEquality.Same(Nbns, other.Nbns) && ValueEquality.Same(Dhcp, other.Dhcp)
        && ValueEquality.Same(Subnets, other.Subnets) && ValueEquality.Same(DnsDomains, other.DnsDomains);

    public override int GetHashCode() => Name.Length << 8 ^ ValueEquality.Length(Dns);
}
