using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Azure.Resources;

/// <summary>Microsoft.Network/virtualNetworkGateways/natRules: one mapping of addresses, which connections of the gateway use by its name.</summary>
public sealed record NatRule
{
    public required string Name { get; init; }

    /// <summary><c>properties.type</c></summary>
    public VpnNatRuleType Type { get; init; }

    /// <summary><c>properties.mode</c></summary>
    public required VpnNatRuleMode Mode { get; init; }

    /// <summary><c>properties.internalMappings[].addressSpace</c>: the real addresses, of the virtual network or of the site.</summary>
    public required ImmutableArray<IpPrefix> InternalMappings { get; init; }

    /// <summary><c>properties.externalMappings[].addressSpace</c>: the addresses that the other side sees.</summary>
    public required ImmutableArray<IpPrefix> ExternalMappings { get; init; }

    /// <summary>
    /// <c>properties.internalMappings[].portRange</c>: the rule is for TCP and UDP of these ports alone; null is everything. ARM has the property and no
    /// document says what it does: here it does what its name says.
    /// </summary>
    public PortRange? InternalPortRange { get; init; }

    /// <summary>
    /// <c>properties.externalMappings[].portRange</c>: what the internal ports become, in order; with a dynamic rule where its ports come from.
    /// </summary>
    public PortRange? ExternalPortRange { get; init; }

    /// <summary>The name of <c>properties.ipConfigurationId</c>: the rule is for that instance alone; null for every instance.</summary>
    public string? IpConfigurationId { get; init; }
}

public enum VpnNatRuleType
{
    /// <summary>One to one, without state: prefixes of equal length, in order.</summary>
    Static,

    /// <summary>Many to few with ports and state: flows begin on the side of the internal mappings.</summary>
    Dynamic,
}

public enum VpnNatRuleMode
{
    /// <summary>Addresses of the virtual network on their way to the site, and back.</summary>
    EgressSnat,

    /// <summary>Addresses of the site on their way to the virtual network, and back.</summary>
    IngressSnat,
}
