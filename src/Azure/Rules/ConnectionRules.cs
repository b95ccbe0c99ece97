using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Rules;

static class ConnectionRules
{
    const string GatewayPath = "properties.virtualNetworkGateway1.id";
    const string OtherGatewayPath = "properties.virtualNetworkGateway2.id";
    const string DevicePath = "properties.localNetworkGateway2.id";
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
            CheckAddresses(connection, gateway, network, environment, errors);
    }

    static void CheckGateway(GatewayConnection connection, VirtualNetworkGateway gateway, AzureEnvironment environment, ErrorCollector errors)
    {
        if (connection.IsIpsec != gateway.IsVpn)
        {
            errors.Add(GatewayPath, $"must be a gateway of the gatewayType {(connection.IsIpsec ? "Vpn" : "ExpressRoute")} with the connectionType {connection.ConnectionType}, not {gateway.Name}, which is of the type {gateway.GatewayType}");
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
            errors.Add(GatewayPath, $"must be a RouteBased gateway, not {gateway.Name}: a PolicyBased one speaks IKEv1 only, which this emulator does not speak yet");
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
        if (type == VirtualNetworkGatewayConnectionType.Vnet2Vnet && connection.VirtualNetworkGateway2 is string name && environment.FindGateway(name) is VirtualNetworkGateway other)
        {
            if (name == connection.VirtualNetworkGateway1)
                errors.Add(OtherGatewayPath, $"must be another gateway than {name}, at which the connection begins");
            else if (!other.IsVpn || other.VpnType == VpnType.PolicyBased)
                errors.Add(OtherGatewayPath, $"must be a RouteBased gateway of the gatewayType Vpn, not {name}, which is {(other.IsVpn ? "PolicyBased" : "of the type ExpressRoute")}");
        }
    }

    static void CheckReference(string? name, bool isWanted, string path, string what, IEnumerable<string> known, GatewayConnection connection, ErrorCollector errors)
    {
        if (!isWanted && name is not null)
            errors.Add(path, $"must be absent with the connectionType {connection.ConnectionType}");
        else if (isWanted && (name is null || !known.Contains(name)))
            errors.AddUnknown(path, what, name, known);
    }

    static void CheckAddresses(GatewayConnection connection, VirtualNetworkGateway gateway, VirtualNetwork network, AzureEnvironment environment, ErrorCollector errors)
    {
        if (connection.ConnectionType == VirtualNetworkGatewayConnectionType.Vnet2Vnet)
        {
            if (connection.VirtualNetworkGateway2 is string name && name != gateway.Name && environment.FindGateway(name) is { IpConfigurations.Length: > 0 } other
                && environment.FindVirtualNetwork(other.VirtualNetwork) is VirtualNetwork remote && PeeringRules.FindOverlap(network, remote) is (IpPrefix first, IpPrefix second))
                errors.Add(OtherGatewayPath, $"must be in a virtual network that does not overlap {network.Name}, as {second} of {remote.Name} does with {first}");
            if (Earlier(connection, environment).FirstOrDefault(twin => twin.VirtualNetworkGateway2 is not null && twin.VirtualNetworkGateway2 == connection.VirtualNetworkGateway2) is GatewayConnection same)
                errors.Add(OtherGatewayPath, $"must be a gateway that no other connection of {gateway.Name} leads to, as {same.Name} does to {same.VirtualNetworkGateway2}");
            return;
        }
        if (connection.LocalNetworkGateway2 is not string device || environment.FindLocalNetworkGateway(device) is not LocalNetworkGateway site)
            return;
        foreach (GatewayConnection other in Earlier(connection, environment))
        {
            if (other.LocalNetworkGateway2 is string used && environment.FindLocalNetworkGateway(used) is LocalNetworkGateway taken
                && (used == device || (taken.GatewayIpAddress is IpAddress address && address == site.GatewayIpAddress)))
            {
                errors.Add(DevicePath, $"must be a device of its own: the connection {other.Name} of {gateway.Name} leads to {site.GatewayIpAddress?.ToString() ?? site.Fqdn} too");
                break;
            }
        }
        foreach (IpPrefix prefix in ConnectionPrefixes.Of(environment, connection))
        {
            if (ErrorCollector.FirstOverlap(network.AddressPrefixes, prefix) is IpPrefix space)
            {
                // A default route or a supernet is less specific than the network's own routes and takes nothing from them.
                if (prefix.Length < space.Length)
                    continue;
                errors.Add(DevicePath, $"must have address prefixes outside {space} of {network.Name}, which {prefix} is not; where both sides have the same addresses, NAT rules translate them");
            }
        }
        if (connection.UsePolicyBasedTrafficSelectors && !ChildSelectors.Pairs(network, site, connection).Any())
            errors.Add("properties.usePolicyBasedTrafficSelectors", "must be false where no local and remote prefix are of the same family");
    }

    static IEnumerable<GatewayConnection> Earlier(GatewayConnection connection, AzureEnvironment environment) => environment.Connections
        .TakeWhile(other => other != connection)
        .Where(other => other.VirtualNetworkGateway1 == connection.VirtualNetworkGateway1 && other.ConnectionType == connection.ConnectionType);
}
