using Ipsec.Azure.Resources;

namespace Ipsec.Azure.Rules;

static class ConnectionRules
{
    const int MaximumKeyLength = 128;
    const int MaximumTrafficSelectorPolicies = 100;

    public static void Check(GatewayConnection connection, AzureEnvironment environment, ErrorCollector errors)
    {
        VirtualNetworkGateway? gateway = environment.FindGateway(connection.VirtualNetworkGateway1);
        if (gateway is null)
        {
            errors.AddUnknown("properties.virtualNetworkGateway1.id", "virtual network gateway", connection.VirtualNetworkGateway1,
                environment.VirtualNetworkGateways.Select(known => known.Name));
        }
        else
            CheckWithGateway(connection, gateway, environment, errors);
        LocalNetworkGateway? remote = environment.FindLocalNetworkGateway(connection.LocalNetworkGateway2);
        if (remote is null)
        {
            errors.AddUnknown("properties.localNetworkGateway2.id", "local network gateway", connection.LocalNetworkGateway2,
                environment.LocalNetworkGateways.Select(known => known.Name));
        }
        CheckKey(connection, errors);
        if (connection.DpdTimeoutSeconds is < 9 or > 3600)
            errors.Add("properties.dpdTimeoutSeconds", $"must be 9 to 3600 seconds, not {connection.DpdTimeoutSeconds}");
        if (connection.IpsecPolicies.Length > 1)
            errors.Add("properties.ipsecPolicies", $"must have one policy at most, not {connection.IpsecPolicies.Length}");
        for (int index = 0; index < connection.IpsecPolicies.Length; index++)
            IpsecPolicyRules.Check(connection.IpsecPolicies[index], $"properties.ipsecPolicies[{index}]", errors);
        CheckSelectors(connection, errors);
        if (gateway is { IpConfigurations.Length: > 0 } && remote is not null && environment.FindVirtualNetwork(gateway.VirtualNetwork) is VirtualNetwork network
            && connection.UsePolicyBasedTrafficSelectors && !ChildSelectors.Pairs(network, remote, connection).Any())
            errors.Add("properties.usePolicyBasedTrafficSelectors", "must be false where no local and remote prefix are of the same family");
    }

    static void CheckWithGateway(GatewayConnection connection, VirtualNetworkGateway gateway, AzureEnvironment environment, ErrorCollector errors)
    {
        int position = environment.Connections.TakeWhile(other => other != connection).Count(other => other.VirtualNetworkGateway1 == gateway.Name);
        int maximum = GatewaySkus.MaximumTunnels(gateway.Sku);
        if (position >= maximum)
            errors.Add("properties.virtualNetworkGateway1.id", $"must be a gateway with a free tunnel: {gateway.Name} has all {maximum} of the SKU {gateway.Sku}");
        if (!connection.IpsecPolicies.IsEmpty && !GatewaySkus.HasCustomPolicy(gateway.Sku))
            errors.Add("properties.ipsecPolicies", "must be empty with the SKU Basic of the gateway");
    }

    /// <summary>The key itself is never shown.</summary>
    static void CheckKey(GatewayConnection connection, ErrorCollector errors)
    {
        ReadOnlySpan<byte> key = connection.SharedKey.Span;
        if (key.Length is < 1 or > MaximumKeyLength)
        {
            // An empty key is one that could not be read, which has been said where it was tried.
            if (key.Length > 0)
                errors.Add("properties.sharedKey", $"must have 1 to {MaximumKeyLength} characters, not {key.Length}");
            return;
        }
        int position = key.IndexOfAnyExceptInRange((byte)'!', (byte)'}');
        int hyphen = key.IndexOf((byte)'-');
        if (position < 0 || (hyphen >= 0 && hyphen < position))
            position = hyphen;
        if (position >= 0)
            errors.Add("properties.sharedKey", $"must be printable ASCII without space, hyphen and tilde, which character {position + 1} is not");
    }

    static void CheckSelectors(GatewayConnection connection, ErrorCollector errors)
    {
        if (connection.TrafficSelectorPolicies.Length > MaximumTrafficSelectorPolicies)
            errors.Add("properties.trafficSelectorPolicies", $"must have {MaximumTrafficSelectorPolicies} policies at most, not {connection.TrafficSelectorPolicies.Length}");
        for (int index = 0; index < connection.TrafficSelectorPolicies.Length; index++)
        {
            TrafficSelectorPolicy policy = connection.TrafficSelectorPolicies[index];
            if (policy.LocalAddressRanges.IsEmpty || policy.RemoteAddressRanges.IsEmpty)
                errors.Add($"properties.trafficSelectorPolicies[{index}]", "must have at least one local and one remote range");
        }
    }
}
