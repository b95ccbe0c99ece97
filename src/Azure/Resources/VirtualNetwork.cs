using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Azure.Resources;

/// <summary>Microsoft.Network/virtualNetworks.</summary>
public sealed record VirtualNetwork
{
    public required string Name { get; init; }

    /// <summary><c>properties.addressSpace.addressPrefixes</c></summary>
    public required ImmutableArray<IpPrefix> AddressPrefixes { get; init; }

    /// <summary><c>properties.subnets</c></summary>
    public required ImmutableArray<Subnet> Subnets { get; init; }

    public Subnet? FindSubnet(string name) => Subnets.FirstOrDefault(subnet => subnet.Name == name);
}

/// <summary>A subnet of a virtual network.</summary>
/// <param name="AddressPrefixes"><c>properties.addressPrefix</c>, or <c>properties.addressPrefixes</c> where it has two families.</param>
public sealed record Subnet(string Name, ImmutableArray<IpPrefix> AddressPrefixes)
{
    /// <summary>The only subnet that a gateway can live in.</summary>
    public const string GatewaySubnetName = "GatewaySubnet";
}
