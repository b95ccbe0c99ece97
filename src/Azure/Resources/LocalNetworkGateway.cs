using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Azure.Resources;

/// <summary>Microsoft.Network/localNetworkGateways: what Azure knows about an on-premises device.</summary>
public sealed record LocalNetworkGateway
{
    public required string Name { get; init; }

    /// <summary><c>properties.gatewayIpAddress</c>: the device's public address, that of its NAT where it is behind one.</summary>
    public required IpAddress GatewayIpAddress { get; init; }

    /// <summary><c>properties.localNetworkAddressSpace.addressPrefixes</c>: the networks behind the device, which become routes.</summary>
    public required ImmutableArray<IpPrefix> AddressPrefixes { get; init; }
}
