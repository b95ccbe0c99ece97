using Ipsec.Azure.Resources;
using Ipsec.Crypto;

namespace Ipsec.Azure.Rules;

/// <summary>What a connection says beside its two ends: key, policy, selectors, timers.</summary>
static class ConnectionSettingRules
{
    const int MaximumKeyLength = 128;
    const int MaximumTrafficSelectorPolicies = 100;
    const int MaximumRoutingWeight = 32_000;

    public static void Check(GatewayConnection connection, VirtualNetworkGateway? gateway, AzureEnvironment environment, ErrorCollector errors)
    {
        if (connection.RoutingWeight is < 0 or > MaximumRoutingWeight)
            errors.Add("properties.routingWeight", $"must be 0 to {MaximumRoutingWeight}, not {connection.RoutingWeight}");
        if (!connection.IsIpsec)
        {
            CheckExpressRoute(connection, errors);
            return;
        }
        CheckKey(connection, errors);
        if (connection.DpdTimeoutSeconds is < 9 or > 3600)
            errors.Add("properties.dpdTimeoutSeconds", $"must be 9 to 3600 seconds, not {connection.DpdTimeoutSeconds}");
        CheckPolicies(connection, gateway, errors);
        CheckSelectors(connection, errors);
        if (connection.ConnectionType == VirtualNetworkGatewayConnectionType.Vnet2Vnet)
            CheckNoNat(connection, errors);
    }

    static void CheckExpressRoute(GatewayConnection connection, ErrorCollector errors)
    {
        const string message = "must be absent with the connectionType ExpressRoute, which has no IPsec";
        if (connection.SharedKey is not null)
            errors.Add("properties.sharedKey", message);
        if (!connection.IpsecPolicies.IsEmpty)
            errors.Add("properties.ipsecPolicies", message);
        if (connection.UsePolicyBasedTrafficSelectors)
            errors.Add("properties.usePolicyBasedTrafficSelectors", message);
        if (!connection.TrafficSelectorPolicies.IsEmpty)
            errors.Add("properties.trafficSelectorPolicies", message);
        CheckNoNat(connection, errors);
    }

    static void CheckNoNat(GatewayConnection connection, ErrorCollector errors)
    {
        string message = $"must be empty with the connectionType {connection.ConnectionType}: NAT rules are for IPsec connections only";
        if (!connection.IngressNatRules.IsEmpty)
            errors.Add("properties.ingressNatRules", message);
        if (!connection.EgressNatRules.IsEmpty)
            errors.Add("properties.egressNatRules", message);
    }

    static void CheckPolicies(GatewayConnection connection, VirtualNetworkGateway? gateway, ErrorCollector errors)
    {
        if (!connection.IpsecPolicies.IsEmpty && gateway is { IsVpn: true, Sku: VirtualNetworkGatewaySkuName.Basic })
            errors.Add("properties.ipsecPolicies", "must be empty with the SKU Basic of the gateway");
        if (connection.IpsecPolicies.Length > 1)
            errors.Add("properties.ipsecPolicies", $"must have one policy at most, not {connection.IpsecPolicies.Length}");
        for (int index = 0; index < connection.IpsecPolicies.Length; index++)
            IpsecPolicyRules.Check(connection.IpsecPolicies[index], $"properties.ipsecPolicies[{index}]", errors);
    }

    /// <summary>The key itself is never shown.</summary>
    static void CheckKey(GatewayConnection connection, ErrorCollector errors)
    {
        if (connection.SharedKey is not Secret secret)
        {
            errors.Add("properties.sharedKey", "must be given: Azure would make one up, and the other side of this emulator could not know it");
            return;
        }
        ReadOnlySpan<byte> key = secret.Span;
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
        {
            errors.Add("properties.trafficSelectorPolicies",
                $"must have {MaximumTrafficSelectorPolicies} policies at most, not {connection.TrafficSelectorPolicies.Length}");
        }
        for (int index = 0; index < connection.TrafficSelectorPolicies.Length; index++)
        {
            TrafficSelectorPolicy policy = connection.TrafficSelectorPolicies[index];
            if (policy.LocalAddressRanges.IsEmpty || policy.RemoteAddressRanges.IsEmpty)
                errors.Add($"properties.trafficSelectorPolicies[{index}]", "must have at least one local and one remote range");
        }
    }
}
