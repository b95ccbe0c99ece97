using Ipsec.Azure.Resources;

namespace Ipsec.Azure.Rules;

static class ConnectionRules
{
    const string GatewayPath = "properties.virtualNetworkGateway1.id";
    public const string OtherGatewayPath = "properties.virtualNetworkGateway2.id";
    public const string DevicePath = "properties.localNetworkGateway2.id";
    const string PeerPath = "properties.peer.id";

    public static void Check(GatewayConnection connection, AzureEnvironment environment, ErrorCollector errors)
    {
        VirtualNetworkGateway? gateway = environment.FindGateway(connection.VirtualNetworkGateway1);
        if (gateway is null)
        {
            errors.AddUnknown(GatewayPath, "virtual network gateway", connection.VirtualNetworkGateway1,
                environment.VirtualNetworkGateways.Select(known => known.Name));
        }
        else
            CheckGateway(connection, gateway, environment, errors);
        CheckFarEnd(connection, environment, errors);
        ConnectionSettingRules.Check(connection, gateway, environment, errors);
        if (gateway is { IsVpn: true } && connection.ConnectionType == VirtualNetworkGatewayConnectionType.IPsec)
            ConnectionNatRules.Check(connection, gateway, environment, errors);
        if (gateway is { IsVpn: true, IpConfigurations.Length: > 0 } && environment.FindVirtualNetwork(gateway.VirtualNetwork) is VirtualNetwork network)
            new ConnectionAddressRules(connection, network, environment, errors).Check();
    }

    static void CheckGateway(GatewayConnection connection, VirtualNetworkGateway gateway, AzureEnvironment environment, ErrorCollector errors)
    {
        if (connection.IsIpsec != gateway.IsVpn)
        {
            VirtualNetworkGatewayType wanted = connection.IsIpsec ? VirtualNetworkGatewayType.Vpn : VirtualNetworkGatewayType.ExpressRoute;
            errors.Add(GatewayPath, $"must be a gateway of the gatewayType {wanted} with the connectionType {connection.ConnectionType}, "
                + $"not {gateway.Name}, which is of the type {gateway.GatewayType}");
            return;
        }
        if (!connection.IsIpsec)
            return;
        int earlier = environment.ConnectionsOf(gateway).TakeWhile(other => other != connection).Count();
        int maximum = gateway.VpnType == VpnType.PolicyBased ? 1 : GatewaySku.Of(gateway)?.MaximumTunnels ?? int.MaxValue;
        string kind = gateway.VpnType == VpnType.PolicyBased ? "vpnType PolicyBased" : $"SKU {gateway.Sku}";
        if (earlier >= maximum)
            errors.Add(GatewayPath, $"must be a gateway with a free tunnel: {gateway.Name} has all {maximum} of the {kind}");
        else if (gateway.VpnType == VpnType.PolicyBased && connection.ConnectionType == VirtualNetworkGatewayConnectionType.Vnet2Vnet)
            errors.Add(GatewayPath, $"must be a RouteBased gateway with the connectionType Vnet2Vnet, not {gateway.Name}, which is PolicyBased");
        else if (gateway.VpnType == VpnType.PolicyBased)
        {
            errors.Add(GatewayPath, $"must be a RouteBased gateway, not {gateway.Name}: "
                + "a PolicyBased one speaks IKEv1 only, which this emulator does not speak yet");
        }
        else if (connection.ConnectionProtocol == VirtualNetworkGatewayConnectionProtocol.IKEv1)
        {
            errors.Add("properties.connectionProtocol", gateway.Sku == VirtualNetworkGatewaySkuName.Basic
                ? "must be IKEv2 with a RouteBased gateway of the SKU Basic, not IKEv1"
                : "must be IKEv2, not IKEv1, which this emulator does not speak yet");
        }
    }

    /// <summary>Each type of connection has one kind of far end, and none of the others.</summary>
    static void CheckFarEnd(GatewayConnection connection, AzureEnvironment environment, ErrorCollector errors)
    {
        VirtualNetworkGatewayConnectionType type = connection.ConnectionType;
        CheckReference(connection.LocalNetworkGateway2, type == VirtualNetworkGatewayConnectionType.IPsec, DevicePath, "local network gateway",
            environment.LocalNetworkGateways.Select(known => known.Name), connection, errors);
        CheckReference(connection.VirtualNetworkGateway2, type == VirtualNetworkGatewayConnectionType.Vnet2Vnet, OtherGatewayPath, "virtual network gateway",
            environment.VirtualNetworkGateways.Select(known => known.Name), connection, errors);
        CheckReference(connection.Peer, type == VirtualNetworkGatewayConnectionType.ExpressRoute, PeerPath, "ExpressRoute circuit",
            environment.ExpressRouteCircuits.Select(known => known.Name), connection, errors);
        if (type == VirtualNetworkGatewayConnectionType.Vnet2Vnet && connection.VirtualNetworkGateway2 is string name
            && environment.FindGateway(name) is VirtualNetworkGateway other)
        {
            if (name == connection.VirtualNetworkGateway1)
                errors.Add(OtherGatewayPath, $"must be another gateway than {name}, at which the connection begins");
            else if (!other.IsVpn || other.VpnType == VpnType.PolicyBased)
            {
                errors.Add(OtherGatewayPath, $"must be a RouteBased gateway of the gatewayType Vpn, not {name}, "
                    + $"which is {(other.IsVpn ? "PolicyBased" : "of the type ExpressRoute")}");
            }
        }
    }

    static void CheckReference(string? name, bool isWanted, string path, string what, IEnumerable<string> known,
        GatewayConnection connection, ErrorCollector errors)
    {
        if (!isWanted && name is not null)
            errors.Add(path, $"must be absent with the connectionType {connection.ConnectionType}");
        else if (isWanted && (name is null || !known.Contains(name)))
            errors.AddUnknown(path, what, name, known);
    }
}
