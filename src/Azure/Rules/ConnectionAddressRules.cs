using System.Security.Cryptography;
using Ipsec.Azure.Resources;
using Ipsec.Crypto;
using Ipsec.Net;

namespace Ipsec.Azure.Rules;

/// <summary>Whom a connection leads to, beside the other connections of its gateway, and which addresses stand on either side.</summary>
sealed class ConnectionAddressRules(GatewayConnection connection, VirtualNetwork network, AzureEnvironment environment, ErrorCollector errors)
{
    public void Check()
    {
        if (connection.ConnectionType == VirtualNetworkGatewayConnectionType.Vnet2Vnet && connection.VirtualNetworkGateway2 is string gateway)
            CheckGateway(gateway);
        else if (connection.LocalNetworkGateway2 is string device && environment.FindLocalNetworkGateway(device) is LocalNetworkGateway site)
        {
            CheckDevice(site);
            CheckPrefixes();
            if (connection.UsePolicyBasedTrafficSelectors && !ChildSelectors.Pairs(network, site, connection).Any())
                errors.Add("properties.usePolicyBasedTrafficSelectors", "must be false where no local and remote prefix are of the same family");
        }
    }

    void CheckGateway(string gateway)
    {
        if (gateway != connection.VirtualNetworkGateway1 && ConnectionPrefixes.FarNetwork(environment, connection) is VirtualNetwork remote
            && PeeringRules.FindOverlap(network, remote) is (IpPrefix first, IpPrefix second))
        {
            errors.Add(ConnectionRules.OtherGatewayPath,
                $"must be in a virtual network that does not overlap {network.Name}, as {second} of {remote.Name} does with {first}");
        }
        if (Earlier().FirstOrDefault(other => other.VirtualNetworkGateway2 == gateway) is GatewayConnection same)
        {
            errors.Add(ConnectionRules.OtherGatewayPath,
                $"must be a gateway that no other connection of {connection.VirtualNetworkGateway1} leads to, as {same.Name} does to {gateway}");
        }
    }

    void CheckDevice(LocalNetworkGateway site)
    {
        foreach (GatewayConnection other in Earlier())
        {
            if (other.LocalNetworkGateway2 is not string used || environment.FindLocalNetworkGateway(used) is not LocalNetworkGateway taken)
                continue;
            if (used == site.Name || (taken.GatewayIpAddress is IpAddress address && address == site.GatewayIpAddress))
            {
                string where = site.GatewayIpAddress?.ToString() ?? site.Fqdn ?? site.Name;
                errors.Add(ConnectionRules.DevicePath,
                    $"must be a device of its own: the connection {other.Name} of {connection.VirtualNetworkGateway1} leads to {where} too");
                return;
            }
            // A key is found by the peer's address, and whoever dials from an address that nobody knew is anybody.
            if (site.Fqdn is not null && taken.Fqdn is not null && connection.SharedKey is Secret key && other.SharedKey is Secret known
                && !CryptographicOperations.FixedTimeEquals(key.Span, known.Span))
            {
                errors.Add("properties.sharedKey",
                    $"must be that of {other.Name}: both devices have an fqdn and no address, and this emulator finds a key by the address");
                return;
            }
        }
    }

    void CheckPrefixes()
    {
        foreach (IpPrefix prefix in ConnectionPrefixes.Of(environment, connection))
        {
            // A default route or a supernet is less specific than the network's own routes and takes nothing from them.
            if (ErrorCollector.FirstOverlap(network.AddressPrefixes, prefix) is IpPrefix space && prefix.Length >= space.Length)
            {
                errors.Add(ConnectionRules.DevicePath, $"must have address prefixes outside {space} of {network.Name}, which {prefix} is not; "
                    + "where both sides have the same addresses, NAT rules translate them");
            }
        }
    }

    IEnumerable<GatewayConnection> Earlier() => environment.Connections
        .TakeWhile(other => other != connection)
        .Where(other => other.VirtualNetworkGateway1 == connection.VirtualNetworkGateway1 && other.ConnectionType == connection.ConnectionType);
}
