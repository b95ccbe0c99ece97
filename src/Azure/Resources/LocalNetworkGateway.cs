using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Azure.Resources;

/// <summary>Microsoft.Network/localNetworkGateways: what Azure knows about an on-premises device.</summary>
public sealed record LocalNetworkGateway
{
    public required string Name { get; init; }

    /// <summary><c>properties.gatewayIpAddress</c>: the device's public address, that of its NAT where it is behind one. Null where <see cref="Fqdn"/> stands.</summary>
    public IpAddress? GatewayIpAddress { get; init; }

    /// <summary><c>properties.fqdn</c>: the device's DNS name, for one whose address changes.</summary>
    public string? Fqdn { get; init; }

    /// <summary><c>properties.localNetworkAddressSpace.addressPrefixes</c>: the networks behind the device, which become routes.</summary>
    public required ImmutableArray<IpPrefix> AddressPrefixes { get; init; }
}
