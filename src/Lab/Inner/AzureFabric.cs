using System.Collections.Frozen;
using System.Collections.Immutable;
using Ipsec.Azure;
using Ipsec.Azure.Resources;
using Ipsec.Azure.Routing;
using Ipsec.Crypto;
using Ipsec.Lab.Network;
using Ipsec.Lab.Run;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Inner;

/// <summary>The inner side of the emulated cloud: virtual networks with their routes, the instances of their gateways, and circuits.</summary>
sealed class AzureFabric
{
    readonly AzureEnvironment _azure;
    readonly FrozenDictionary<string, VirtualNetworkRouter> _networks;
    readonly Dictionary<string, ImmutableArray<LabNode>> _instances = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, (Circuit Circuit, NodeDefinition Site)> _circuits = new(StringComparer.Ordinal);
    readonly FlowSpread _spread;
    FrozenDictionary<string, GatewayRoutingTable> _tables = FrozenDictionary<string, GatewayRoutingTable>.Empty;

    public AzureFabric(AzureEnvironment azure, Scheduler scheduler, INetworkObserver observer, IRandomSource random)
    {
        _azure = azure;
        _spread = new FlowSpread(random);
        _networks = azure.VirtualNetworks.ToFrozenDictionary(network => network.Name, network => new VirtualNetworkRouter(network.Name, scheduler, observer, this));
        Announce();
    }

    public IEnumerable<Circuit> Circuits => _circuits.Values.Select(one => one.Circuit);

    public VirtualNetworkRouter Network(string name) => _networks[name];

    /// <summary>The network that a gateway is in.</summary>
    public VirtualNetworkRouter NetworkOf(string gateway) => _networks[_azure.FindGateway(gateway)!.VirtualNetwork];

    /// <summary>One more instance of a VPN gateway.</summary>
    public void Attach(LabNode instance) =>
        _instances[instance.Definition.Name] = [.. _instances.GetValueOrDefault(instance.Definition.Name, []), instance];

    /// <summary>A circuit with the site at its near end.</summary>
    public void Attach(Circuit circuit, NodeDefinition site)
    {
        _circuits.Add(circuit.Name, (circuit, site));
        Announce();
    }

    /// <summary>Routes follow the circuits: called when one of them is cut or mended, after its convergence.</summary>
    public void Announce()
    {
        var sources = new GatewayRouteSources
        {
            Circuits = [.. _circuits.Values.Select(one => new CircuitAnnouncement(one.Circuit.Name, one.Site.Name, one.Site.InnerNetworks))],
            CutCircuits = [.. Circuits.Where(circuit => !circuit.IsAnnounced).Select(circuit => circuit.Name)],
        };
        _tables = _azure.VirtualNetworkGateways.ToFrozenDictionary(gateway => gateway.Name, gateway => GatewayRoutingTable.Build(_azure, gateway, sources));
        foreach (VirtualNetworkRouter network in _networks.Values)
            network.Routes = EffectiveRoutes.Of(_azure, network.VirtualNetwork, sources);
        foreach ((Circuit circuit, _) in _circuits.Values)
            circuit.AnnounceToSite([.. ConnectedTo(circuit.Name).SelectMany(gateway => _tables[gateway].Routes).Where(route => route.IsOfAzure).Select(route => route.Prefix).Distinct()]);
    }

    /// <summary>The virtual network that an address belongs to, of those behind a gateway: its own, and peered ones that use it. Null for any other address: there is no transit.</summary>
    public VirtualNetworkRouter? NetworkBehind(string gateway, IpAddress destination) => _tables[gateway].Lookup(destination).FirstOrDefault()?.NextHop switch
    {
        GatewayNextHop.ThisNetwork own => _networks[own.VirtualNetwork],
        GatewayNextHop.PeeredNetwork peered => _networks[peered.VirtualNetwork],
        _ => null,
    };

    /// <summary>A packet that a route gives to a gateway: into a circuit, or to one of the VPN gateway's instances (the reference, §5). False where it has nothing for it.</summary>
    public bool TrySendToGateway(string gateway, byte[] packet, IpAddress destination)
    {
        ImmutableArray<GatewayRoute> routes = _tables[gateway].Lookup(destination);
        if (routes.FirstOrDefault()?.NextHop is GatewayNextHop.Circuit circuit)
        {
            _circuits[circuit.Name].Circuit.SendFromAzure(packet);
            return true;
        }
        if (!_instances.TryGetValue(gateway, out ImmutableArray<LabNode> instances) || _spread.Choose(instances, packet, destination) is not LabNode chosen)
            return false;
        chosen.SendInner(packet);
        return true;
    }

    /// <summary>A packet from a circuit: to the gateway whose network has its destination.</summary>
    public void ReceiveFromCircuit(string circuit, byte[] packet)
    {
        string[] gateways = [.. ConnectedTo(circuit)];
        string? gateway = IpPacket.TryParse(packet, out IpPacket view) ? FindGateway(gateways, view.Destination) : null;
        if ((gateway ?? gateways.FirstOrDefault()) is string receiver)
            NetworkOf(receiver).ReceiveFromGateway(packet, receiver);
    }

    string? FindGateway(string[] gateways, IpAddress destination) => gateways.FirstOrDefault(gateway => NetworkBehind(gateway, destination) is not null);

    IEnumerable<string> ConnectedTo(string circuit) => _azure.Connections
        .Where(connection => connection.ConnectionType == VirtualNetworkGatewayConnectionType.ExpressRoute && connection.Peer == circuit)
        .Select(connection => connection.VirtualNetworkGateway1);
}
