using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure;

/// <summary>One far end of a connection: the device of an IPsec connection, or one instance of the other gateway of a Vnet2Vnet connection.</summary>
/// <param name="TunnelName">The connection's name; "NAME/1" for the second instance of the other gateway.</param>
/// <param name="Site">
/// What stands behind it. Vnet2Vnet has a local network gateway that nobody created and nobody sees: the address of the other gateway's instance and
/// the address space of its network.
/// </param>
/// <param name="IkePort">The UDP ports of the far end: a gateway of the same file has those of the emulation.</param>
sealed record RemoteEnd(string TunnelName, LocalNetworkGateway Site, ushort IkePort, ushort NatTraversalPort)
{
    const ushort DefaultIkePort = 500;
    const ushort DefaultNatTraversalPort = 4500;

    /// <summary>Every instance has a tunnel to each: two where the other gateway is active-active.</summary>
    public static IEnumerable<RemoteEnd> Of(AzureEnvironment environment, GatewayConnection connection)
    {
        if (connection.ConnectionType == VirtualNetworkGatewayConnectionType.Vnet2Vnet)
            return OfGateway(environment, connection, environment.FindGateway(connection.VirtualNetworkGateway2!)!);
        LocalNetworkGateway site = environment.FindLocalNetworkGateway(connection.LocalNetworkGateway2!)!;
        bool isGateway = environment.VpnGateways.Any(gateway => Enumerable.Range(0, gateway.IpConfigurations.Length)
            .Any(instance => environment.PublicAddressOf(gateway, instance) == site.GatewayIpAddress));
        return isGateway
            ? [new RemoteEnd(connection.Name, site, environment.Emulation.IkePort, environment.Emulation.NatTraversalPort)]
            : [new RemoteEnd(connection.Name, site, DefaultIkePort, DefaultNatTraversalPort)];
    }

    static IEnumerable<RemoteEnd> OfGateway(AzureEnvironment environment, GatewayConnection connection, VirtualNetworkGateway gateway)
    {
        VirtualNetwork network = environment.FindVirtualNetwork(gateway.VirtualNetwork)!;
        for (int instance = 0; instance < gateway.IpConfigurations.Length; instance++)
        {
            LocalNetworkGateway hidden = new()
            {
                Name = gateway.Name,
                GatewayIpAddress = environment.PublicAddressOf(gateway, instance),
                AddressPrefixes = network.AddressPrefixes,
            };
            yield return new RemoteEnd(instance == 0 ? connection.Name : $"{connection.Name}/{instance}", hidden,
                environment.Emulation.IkePort, environment.Emulation.NatTraversalPort);
        }
    }

    /// <summary>
    /// Two gateways that would both dial at the same moment make two tunnels, one of which goes again: the one whose connection comes second
    /// in the file gives the other one time.
    /// </summary>
    public static bool DialsSecond(AzureEnvironment environment, GatewayConnection connection, LocalNetworkGateway site) => environment.Connections
        .TakeWhile(other => other != connection)
        .Any(other => other.IsIpsec && environment.FindGateway(other.VirtualNetworkGateway1) is VirtualNetworkGateway gateway
            && Enumerable.Range(0, gateway.IpConfigurations.Length).Any(instance => environment.PublicAddressOf(gateway, instance) == site.GatewayIpAddress)
            && LeadsTo(environment, other, connection.VirtualNetworkGateway1));

    static bool LeadsTo(AzureEnvironment environment, GatewayConnection connection, string gatewayName)
    {
        if (connection.ConnectionType == VirtualNetworkGatewayConnectionType.Vnet2Vnet)
            return connection.VirtualNetworkGateway2 == gatewayName;
        VirtualNetworkGateway gateway = environment.FindGateway(gatewayName)!;
        LocalNetworkGateway site = environment.FindLocalNetworkGateway(connection.LocalNetworkGateway2!)!;
        return Enumerable.Range(0, gateway.IpConfigurations.Length).Any(instance => environment.PublicAddressOf(gateway, instance) == site.GatewayIpAddress);
    }
}
