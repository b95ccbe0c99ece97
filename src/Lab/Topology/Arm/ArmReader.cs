using System.Collections.Immutable;
using System.Globalization;
using Ipsec.Azure;
using Ipsec.Azure.Resources;
using Ipsec.Lab.Topology.Reading;
using Ipsec.Lab.Topology.Yaml;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Arm;

/// <summary>Reads ARM resources into the records of the Azure layer. What the schema promises is not asked again.</summary>
sealed class ArmReader(List<ArmResource> resources, SecretReader secrets)
{
    public AzureEnvironment Read(EmulationOptions emulation) => new()
    {
        VirtualNetworks = All(ArmShorthand.VirtualNetworks, ReadVirtualNetwork),
        VirtualNetworkPeerings = All(ArmShorthand.ChildPeerings, ReadPeering),
        PublicIpAddresses = All(ArmShorthand.PublicIpAddresses, ReadPublicIpAddress),
        VirtualNetworkGateways = All(ArmShorthand.VirtualNetworkGateways, ReadGateway),
        LocalNetworkGateways = All(ArmShorthand.LocalNetworkGateways, ReadLocalNetworkGateway),
        ExpressRouteCircuits = All(ArmShorthand.ExpressRouteCircuits, ReadCircuit),
        Connections = All(ArmShorthand.Connections, ReadConnection),
        Emulation = emulation,
    };

    ImmutableArray<T> All<T>(string type, Func<ArmResource, T> read) => [.. resources.Where(resource => resource.Type == type).Select(read)];

    static VirtualNetwork ReadVirtualNetwork(ArmResource resource) => new()
    {
        Name = resource.Name,
        AddressPrefixes = Prefixes(resource, "properties.addressSpace.addressPrefixes"),
        Subnets = Items(resource, "properties.subnets", path => new Subnet(resource.Text($"{path}.name")!,
            resource.Text($"{path}.properties.addressPrefix") is string single
                ? [IpPrefix.Parse(single)]
                : Prefixes(resource, $"{path}.properties.addressPrefixes"))),
    };

    static VirtualNetworkPeering ReadPeering(ArmResource resource)
    {
        int slash = resource.Name.IndexOf('/');
        return new VirtualNetworkPeering
        {
            Name = resource.Name[(slash + 1)..],
            VirtualNetwork = resource.Name[..slash],
            RemoteVirtualNetwork = Reference(resource, "properties.remoteVirtualNetwork.id", ArmShorthand.VirtualNetworks)!,
            AllowVirtualNetworkAccess = resource.Find("properties.allowVirtualNetworkAccess") is not ScalarNode { IsTrue: false },
            AllowForwardedTraffic = Flag(resource, "properties.allowForwardedTraffic"),
            AllowGatewayTransit = Flag(resource, "properties.allowGatewayTransit"),
            UseRemoteGateways = Flag(resource, "properties.useRemoteGateways"),
        };
    }

    static ExpressRouteCircuit ReadCircuit(ArmResource resource) =>
        new(resource.Name, Integer(resource, "properties.serviceProviderProperties.bandwidthInMbps"));

    static PublicIpAddress ReadPublicIpAddress(ArmResource resource) =>
        new(resource.Name, IpAddress.Parse(resource.Text("properties.ipAddress")!));

    static VirtualNetworkGateway ReadGateway(ArmResource resource) => new()
    {
        Name = resource.Name,
        GatewayType = Enum(resource, "properties.gatewayType", VirtualNetworkGatewayType.Vpn),
        VpnType = Enum(resource, "properties.vpnType", VpnType.RouteBased),
        VpnGatewayGeneration = resource.Text("properties.vpnGatewayGeneration") is string generation
            ? System.Enum.Parse<VpnGatewayGeneration>(generation)
            : null,
        Sku = Enum(resource, "properties.sku.name", resource.Text("properties.gatewayType") == nameof(VirtualNetworkGatewayType.ExpressRoute)
            ? VirtualNetworkGatewaySkuName.ErGw1AZ
            : VirtualNetworkGatewaySkuName.VpnGw1AZ),
        GatewayDefaultSite = Reference(resource, "properties.gatewayDefaultSite.id", ArmShorthand.LocalNetworkGateways),
        NatRules = Items(resource, "properties.natRules", path => ReadNatRule(resource, path)),
        ActiveActive = Flag(resource, "properties.activeActive"),
        DisableIPSecReplayProtection = Flag(resource, "properties.disableIPSecReplayProtection"),
        IpConfigurations = Items(resource, "properties.ipConfigurations", path =>
        {
            (string network, string subnet) = ArmReference.Subnet(resource.Text($"{path}.properties.subnet.id") ?? "");
            return new GatewayIpConfiguration(resource.Text($"{path}.name") ?? path, network, subnet,
                Reference(resource, $"{path}.properties.publicIPAddress.id", ArmShorthand.PublicIpAddresses));
        }),
    };

    static NatRule ReadNatRule(ArmResource resource, string path) => new()
    {
        Name = resource.Text($"{path}.name")!,
        Type = Enum(resource, $"{path}.properties.type", VpnNatRuleType.Static),
        Mode = Enum(resource, $"{path}.properties.mode", VpnNatRuleMode.EgressSnat),
        InternalMappings = Items(resource, $"{path}.properties.internalMappings", mapping => IpPrefix.Parse(resource.Text($"{mapping}.addressSpace")!)),
        ExternalMappings = Items(resource, $"{path}.properties.externalMappings", mapping => IpPrefix.Parse(resource.Text($"{mapping}.addressSpace")!)),
        InternalPortRange = Ports(resource, $"{path}.properties.internalMappings[0].portRange"),
        ExternalPortRange = Ports(resource, $"{path}.properties.externalMappings[0].portRange"),
        IpConfigurationId = Reference(resource, $"{path}.properties.ipConfigurationId", "ipConfigurations"),
    };

    static PortRange? Ports(ArmResource resource, string path) => resource.Text(path) is string text ? PortRange.Parse(text) : null;

    static LocalNetworkGateway ReadLocalNetworkGateway(ArmResource resource) => new()
    {
        Name = resource.Name,
        GatewayIpAddress = resource.Text("properties.gatewayIpAddress") is string address ? IpAddress.Parse(address) : null,
        Fqdn = resource.Text("properties.fqdn"),
        AddressPrefixes = Prefixes(resource, "properties.localNetworkAddressSpace.addressPrefixes"),
    };

    GatewayConnection ReadConnection(ArmResource resource) => new()
    {
        Name = resource.Name,
        VirtualNetworkGateway1 = ArmReference.Name(resource.Text("properties.virtualNetworkGateway1.id")!, ArmShorthand.VirtualNetworkGateways),
        LocalNetworkGateway2 = Reference(resource, "properties.localNetworkGateway2.id", ArmShorthand.LocalNetworkGateways),
        VirtualNetworkGateway2 = Reference(resource, "properties.virtualNetworkGateway2.id", ArmShorthand.VirtualNetworkGateways),
        Peer = Reference(resource, "properties.peer.id", ArmShorthand.ExpressRouteCircuits),
        ConnectionType = Enum(resource, "properties.connectionType", VirtualNetworkGatewayConnectionType.IPsec),
        ConnectionProtocol = Enum(resource, "properties.connectionProtocol", VirtualNetworkGatewayConnectionProtocol.IKEv2),
        SharedKey = resource.Find("properties.sharedKey") is null
            ? null
            : secrets.ReadSharedKey(resource.SourceOf("properties.sharedKey"), $"{resource.ArmPath} properties.sharedKey"),
        ConnectionMode = Enum(resource, "properties.connectionMode", VirtualNetworkGatewayConnectionMode.Default),
        DpdTimeoutSeconds = Integer(resource, "properties.dpdTimeoutSeconds") ?? 45,
        UsePolicyBasedTrafficSelectors = Flag(resource, "properties.usePolicyBasedTrafficSelectors"),
        IpsecPolicies = Items(resource, "properties.ipsecPolicies", path => ReadPolicy(resource, path)),
        TrafficSelectorPolicies = Items(resource, "properties.trafficSelectorPolicies", path => new TrafficSelectorPolicy(
            Prefixes(resource, $"{path}.localAddressRanges"), Prefixes(resource, $"{path}.remoteAddressRanges"))),
        IngressNatRules = Items(resource, "properties.ingressNatRules", path => Reference(resource, $"{path}.id", "natRules")!),
        EgressNatRules = Items(resource, "properties.egressNatRules", path => Reference(resource, $"{path}.id", "natRules")!),
        RoutingWeight = Integer(resource, "properties.routingWeight") ?? 0,
    };

    static IpsecPolicy ReadPolicy(ArmResource resource, string path) => new()
    {
        IkeEncryption = Enum(resource, $"{path}.ikeEncryption", default(IkeEncryption)),
        IkeIntegrity = Enum(resource, $"{path}.ikeIntegrity", default(IkeIntegrity)),
        DhGroup = Enum(resource, $"{path}.dhGroup", default(DhGroup)),
        IpsecEncryption = Enum(resource, $"{path}.ipsecEncryption", default(IpsecEncryption)),
        IpsecIntegrity = Enum(resource, $"{path}.ipsecIntegrity", default(IpsecIntegrity)),
        PfsGroup = Enum(resource, $"{path}.pfsGroup", default(PfsGroup)),
        SaLifeTimeSeconds = Integer(resource, $"{path}.saLifeTimeSeconds")!.Value,
        SaDataSizeKilobytes = Integer(resource, $"{path}.saDataSizeKilobytes")!.Value,
    };

    static ImmutableArray<T> Items<T>(ArmResource resource, string armPath, Func<string, T> read) =>
        [.. Enumerable.Range(0, resource.Count(armPath)).Select(index => read($"{armPath}[{index}]"))];

    static ImmutableArray<IpPrefix> Prefixes(ArmResource resource, string armPath) =>
        Items(resource, armPath, path => IpPrefix.Parse(resource.Text(path)!));

    static string? Reference(ArmResource resource, string armPath, string type) =>
        resource.Text(armPath) is string text ? ArmReference.Name(text, type) : null;

    static T Enum<T>(ArmResource resource, string armPath, T fallback) where T : struct, Enum =>
        resource.Text(armPath) is string text ? System.Enum.Parse<T>(text) : fallback;

    static bool Flag(ArmResource resource, string armPath) => resource.Find(armPath) is ScalarNode { IsTrue: true };

    static int? Integer(ArmResource resource, string armPath) =>
        resource.Text(armPath) is string text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
