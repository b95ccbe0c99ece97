using System.Collections.Frozen;
using System.Collections.Immutable;
using Ipsec.Azure;
using Ipsec.Azure.Resources;
using Ipsec.Azure.Routing;
using Ipsec.Net;

namespace Ipsec.Lab.Inner;

/// <summary>Every routing table of the emulated cloud at one moment: what its networks, gateways and circuits do with an address. Immutable.</summary>
sealed class AzureRoutes
{
    readonly AzureEnvironment _azure;
    readonly FrozenDictionary<string, GatewayRoutingTable> _tables;
    readonly FrozenDictionary<string, EffectiveRoutes> _effective;

    public AzureRoutes(AzureEnvironment azure, GatewayRouteSources sources)
    {
        _azure = azure;
        _tables = azure.VirtualNetworkGateways.ToFrozenDictionary(gateway => gateway.Name, gateway => GatewayRoutingTable.Build(azure, gateway, sources));
        _effective = azure.VirtualNetworks.ToFrozenDictionary(network => network.Name, network => EffectiveRoutes.Of(azure, network.Name, sources));
    }

    public EffectiveRoutes Of(string virtualNetwork) => _effective[virtualNetwork];

    public GatewayRoutingTable TableOf(string gateway) => _tables[gateway];

    /// <summary>The network that a gateway is in.</summary>
    public string NetworkOf(string gateway) => _azure.FindGateway(gateway)!.VirtualNetwork;

    /// <summary>
    /// The virtual network that an address belongs to, of those behind a gateway: its own, and peered ones that use it. Null for any other address:
    /// there is no transit.
    /// </summary>
    public string? NetworkBehind(string gateway, IpAddress destination) => _tables[gateway].Lookup(destination).FirstOrDefault()?.NextHop switch
    {
        GatewayNextHop.ThisNetwork own => own.VirtualNetwork,
        GatewayNextHop.PeeredNetwork peered => peered.VirtualNetwork,
        _ => null,
    };

    /// <summary>The circuit into which a gateway sends what a route gives to it; null where that goes into a tunnel, or nowhere.</summary>
    public string? CircuitTo(string gateway, IpAddress destination) =>
        _tables[gateway].Lookup(destination).FirstOrDefault()?.NextHop is GatewayNextHop.Circuit circuit ? circuit.Name : null;

    /// <summary>The prefixes that a site hears over its circuit.</summary>
    public ImmutableArray<IpPrefix> AnnouncedOver(string circuit) =>
        [.. ConnectedTo(circuit).SelectMany(gateway => _tables[gateway].Routes).Where(route => route.IsOfAzure).Select(route => route.Prefix).Distinct()];

    /// <summary>
    /// The gateway that takes a packet out of a circuit: the one whose network has its destination, otherwise the first. Null where none is connected.
    /// </summary>
    public string? ReceiverOf(string circuit, IpAddress destination)
    {
        string[] gateways = [.. ConnectedTo(circuit)];
        return gateways.FirstOrDefault(gateway => NetworkBehind(gateway, destination) is not null) ?? gateways.FirstOrDefault();
    }

    IEnumerable<string> ConnectedTo(string circuit) => _azure.Connections
        .Where(connection => connection.ConnectionType == VirtualNetworkGatewayConnectionType.ExpressRoute && connection.Peer == circuit)
        .Select(connection => connection.VirtualNetworkGateway1);
}
