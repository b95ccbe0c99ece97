using System.Collections.Immutable;
using Ipsec.Azure.Resources;

namespace Ipsec.Azure.Rules;

/// <summary>What Azure's control plane checks before it accepts resources. Without an error an environment can be expanded.</summary>
public static class AzureRules
{
    /// <summary>Every violation, resource type by resource type, in the order of the environment.</summary>
    public static ImmutableArray<AzureError> Check(AzureEnvironment environment)
    {
        ImmutableArray<AzureError>.Builder errors = ImmutableArray.CreateBuilder<AzureError>();
        Check(errors, "virtualNetworks", environment.VirtualNetworks, network => network.Name, VirtualNetworkRules.Check);
        Check(errors, "virtualNetworks/virtualNetworkPeerings", environment.VirtualNetworkPeerings, peering => peering.FullName,
            (peering, collector) => PeeringRules.Check(peering, environment, collector));
        Check(errors, "publicIPAddresses", environment.PublicIpAddresses, address => address.Name, (_, _) => { });
        Check(errors, "virtualNetworkGateways", environment.VirtualNetworkGateways, gateway => gateway.Name,
            (gateway, collector) => GatewayRules.Check(gateway, environment, collector));
        Check(errors, "localNetworkGateways", environment.LocalNetworkGateways, gateway => gateway.Name,
            (gateway, collector) =>
            {
                collector.CheckPrefixes("properties.localNetworkAddressSpace.addressPrefixes", gateway.AddressPrefixes, MaximumLocalPrefixes);
                if (gateway.GatewayIpAddress is null == gateway.Fqdn is null)
                    collector.Add("properties.gatewayIpAddress", "or fqdn must be given, and not both");
            });
        Check(errors, "expressRouteCircuits", environment.ExpressRouteCircuits, circuit => circuit.Name, (_, _) => { });
        Check(errors, "connections", environment.Connections, connection => connection.Name,
            (connection, collector) => ConnectionRules.Check(connection, environment, collector));
        return errors.ToImmutable();
    }

    /// <summary>Prefixes in one local network gateway.</summary>
    const int MaximumLocalPrefixes = 1000;

    static void Check<T>(ImmutableArray<AzureError>.Builder errors, string type, ImmutableArray<T> resources, Func<T, string> name,
        Action<T, ErrorCollector> check)
    {
        HashSet<string> names = [];
        foreach (T resource in resources)
        {
            ErrorCollector collector = new(errors, type, name(resource));
            if (!names.Add(name(resource)))
                collector.Add("", "must have a name of its own: another resource of its type has the same");
            check(resource, collector);
        }
    }
}
