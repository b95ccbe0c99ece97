using System.Collections.Frozen;
using System.Collections.Immutable;
using Ipsec.Azure;
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
    AzureEnvironment _azure;
    readonly FrozenDictionary<string, VirtualNetworkRouter> _networks;
    readonly Dictionary<string, ImmutableArray<LabNode>> _instances = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, (Circuit Circuit, NodeDefinition Site)> _circuits = new(StringComparer.Ordinal);
    readonly FlowSpread _spread;
    AzureRoutes _routes;

    public AzureFabric(AzureEnvironment azure, Scheduler scheduler, INetworkObserver observer, IRandomSource random)
    {
        _azure = azure;
        _spread = new FlowSpread(random);
        _networks = azure.VirtualNetworks.ToFrozenDictionary(network => network.Name, network =>
            new VirtualNetworkRouter(network.Name, scheduler, observer, this));
        _routes = new AzureRoutes(azure, GatewayRouteSources.None);
    }

    public IEnumerable<Circuit> Circuits => _circuits.Values.Select(one => one.Circuit);

    public VirtualNetworkRouter Network(string name) => _networks[name];

    /// <summary>The network that a gateway is in.</summary>
    public VirtualNetworkRouter NetworkOf(string gateway) => _networks[_routes.NetworkOf(gateway)];

    /// <summary>As they are now; a circuit that is cut changes them.</summary>
    public EffectiveRoutes RoutesOf(string virtualNetwork) => _routes.Of(virtualNetwork);

    /// <summary>One more instance of a VPN gateway.</summary>
    public void Attach(LabNode instance) =>
        _instances[instance.Definition.Name] = [.. _instances.GetValueOrDefault(instance.Definition.Name, []), instance];

    /// <summary>A circuit with the site at its near end.</summary>
    public void Attach(Circuit circuit, NodeDefinition site)
    {
        _circuits.Add(circuit.Name, (circuit, site));
        Announce();
    }

    /// <summary>Other resources in the same networks.</summary>
    public void Reload(AzureEnvironment azure)
    {
        _azure = azure;
        Announce();
    }

    /// <summary>Routes follow the circuits: called when one of them is cut or mended, after its convergence.</summary>
    public void Announce()
    {
        _routes = new AzureRoutes(_azure, new GatewayRouteSources
        {
            Circuits = [.. _circuits.Values.Select(one => new CircuitAnnouncement(one.Circuit.Name, one.Site.Name, one.Site.InnerNetworks))],
            CutCircuits = [.. Circuits.Where(circuit => !circuit.IsAnnounced).Select(circuit => circuit.Name)],
        });
        foreach ((Circuit circuit, _) in _circuits.Values)
            circuit.AnnounceToSite(_routes.AnnouncedOver(circuit.Name));
    }

    /// <inheritdoc cref="AzureRoutes.NetworkBehind"/>
    public VirtualNetworkRouter? NetworkBehind(string gateway, IpAddress destination) =>
        _routes.NetworkBehind(gateway, destination) is string network ? _networks[network] : null;

    /// <summary>
    /// A packet that a route gives to a gateway: into a circuit, or to one of the VPN gateway's instances (the reference, §5). False where it has nothing for
    /// it.
    /// </summary>
    public bool TrySendToGateway(string gateway, byte[] packet, IpAddress destination)
    {
        if (_routes.CircuitTo(gateway, destination) is string circuit)
        {
            _circuits[circuit].Circuit.SendFromAzure(packet);
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
        IpAddress destination = IpPacket.TryParse(packet, out IpPacket view) ? view.Destination : IpAddress.AnyV4;
        if (_routes.ReceiverOf(circuit, destination) is string receiver)
            NetworkOf(receiver).ReceiveFromGateway(packet, receiver);
    }
}
