using System.Collections.Immutable;
using System.Security.Cryptography;
using Ipsec.Azure.Resources;
using Ipsec.Crypto;
using Ipsec.Net;

namespace Ipsec.Azure.Rules;

/// <summary>What Azure accepts and what will not work as its author hopes: warnings, in the shape of errors.</summary>
public static class AzureAdvice
{
    /// <summary>In the order of the environment's peerings and connections.</summary>
    public static ImmutableArray<AzureError> Of(AzureEnvironment environment)
    {
        ImmutableArray<AzureError>.Builder advice = ImmutableArray.CreateBuilder<AzureError>();
        foreach (VirtualNetworkPeering peering in environment.VirtualNetworkPeerings)
        {
            if (environment.StateOf(peering) == VirtualNetworkPeeringState.Connected)
                continue;
            new ErrorCollector(advice, "virtualNetworks/virtualNetworkPeerings", peering.FullName)
                .Add("", $"is Initiated, and no traffic passes, until {peering.RemoteVirtualNetwork} has a peering to {peering.VirtualNetwork}");
        }
        foreach (GatewayConnection connection in environment.Connections)
        {
            ErrorCollector collector = new(advice, "connections", connection.Name);
            if (connection.ConnectionType == VirtualNetworkGatewayConnectionType.Vnet2Vnet)
                CompareDirections(connection, environment, collector);
            else if (connection.ConnectionType == VirtualNetworkGatewayConnectionType.IPsec)
                CheckSite(connection, environment, collector);
        }
        return advice.ToImmutable();
    }

    /// <summary>Each direction is a connection of its own with a key and a policy of its own, and the two must be the same.</summary>
    static void CompareDirections(GatewayConnection connection, AzureEnvironment environment, ErrorCollector advice)
    {
        if (connection.VirtualNetworkGateway2 is not string far)
            return;
        if (environment.FindOpposite(connection) is not GatewayConnection opposite)
        {
            advice.Add("", $"does not come up until {far} has a Vnet2Vnet connection to {connection.VirtualNetworkGateway1}: "
                + "each direction has a connection of its own");
            return;
        }
        // Said once, at the second of the two.
        if (environment.Connections.IndexOf(opposite) > environment.Connections.IndexOf(connection))
            return;
        if (connection.SharedKey is Secret key && opposite.SharedKey is Secret other && !CryptographicOperations.FixedTimeEquals(key.Span, other.Span))
            advice.Add("properties.sharedKey", $"differs from that of {opposite.Name}, the other direction: authentication fails");
        if (!connection.IpsecPolicies.SequenceEqual(opposite.IpsecPolicies))
            advice.Add("properties.ipsecPolicies", $"differ from those of {opposite.Name}, the other direction: nothing may be chosen");
    }

    static void CheckSite(GatewayConnection connection, AzureEnvironment environment, ErrorCollector advice)
    {
        if (connection.LocalNetworkGateway2 is not string name || environment.FindLocalNetworkGateway(name) is not LocalNetworkGateway site)
            return;
        if (site.GatewayIpAddress is IpAddress address && site.AddressPrefixes.Any(prefix => prefix.Contains(address)))
        {
            advice.Add(ConnectionRules.DevicePath,
                $"leads to {name}, whose address {address} is in its own address space: the tunnel would have to carry itself");
        }
        ImmutableArray<IpPrefix> prefixes = ConnectionPrefixes.Of(environment, connection);
        foreach (GatewayConnection other in environment.Connections.TakeWhile(other => other != connection))
        {
            string common = string.Join(", ", ConnectionPrefixes.Of(environment, other).Intersect(prefixes));
            if (other.VirtualNetworkGateway1 == connection.VirtualNetworkGateway1 && common.Length > 0)
            {
                advice.Add(ConnectionRules.DevicePath,
                    $"leads to {common}, as {other.Name} does; several connections to one network need BGP in Azure, and here they share its traffic");
                return;
            }
        }
    }
}
