using System.Collections.Immutable;
using Ipsec.Azure;
using Ipsec.Azure.Policies;
using Ipsec.Azure.Resources;
using Ipsec.Azure.Rules;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Sites;
using Ipsec.Lab.Topology.Yaml;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Reading;

/// <summary>Builds the model of a file that has passed the schema.</summary>
sealed class TopologyReader(ErrorList errors, SecretReader secrets, CredentialReader credentials)
{
    /// <returns>Null after an error.</returns>
    public TopologyModel? Read(MappingNode root)
    {
        NodeReader file = new(new SourcedNode(root, ""));
        NameRules.Check(file, errors);
        AzureEnvironment azure = ReadAzure(file);
        SiteReader siteReader = new(secrets, credentials, errors);
        ImmutableArray<SiteDefinition> sites = [.. file.Named("sites").Select(site => siteReader.Read(site.Name, site.Value))];
        sites = [.. sites.Select(site => siteReader.ResolveLan(site, sites))];
        foreach (SiteDefinition site in sites)
            SiteRules.Check(site, errors);
        CheckNodes(azure, sites);
        if (!errors.IsEmpty)
            return null;
        ImmutableArray<NodeDefinition> nodes = [.. GatewayNodes(azure), .. DeviceNodes(azure, sites)];
        PartsReader parts = new(errors, azure, sites, nodes);
        FaultReader faults = new(errors, nodes, azure);
        TopologyModel model = new()
        {
            Name = file.Text("name")!,
            Azure = azure.WithoutKeys(),
            Nodes = nodes,
            Hosts = parts.ReadHosts(file),
            Wires = parts.ReadWires(file),
            Expectations = parts.ReadExpectations(file),
            Faults = faults.ReadFaults(file),
            Names = faults.ReadNames(file),
        };
        if (errors.IsEmpty)
            return model with { Warnings = errors.Warnings };
        foreach (PresharedKey key in nodes.SelectMany(node => node.Endpoint.PresharedKeys))
            key.Key.Dispose();
        foreach (NodeDefinition node in nodes)
            node.Endpoint.QuickCrashDetectionSecret?.Dispose();
        foreach (PostquantumKey key in nodes.SelectMany(node => node.Endpoint.Tunnels).SelectMany(tunnel => tunnel.Connection.PostquantumKeys))
            key.Key.Dispose();
        return null;
    }

    AzureEnvironment ReadAzure(NodeReader file)
    {
        if (file.Child("azure") is not NodeReader part)
            return AzureEnvironment.Empty;
        List<ArmResource> resources = ArmExpander.Expand((MappingNode)part.Source.Node);
        AzureEnvironment environment = new ArmReader(resources, secrets).Read(EmulationReader.Read(part.Child("emulation")));
        if (environment.Emulation.IkePort == environment.Emulation.NatTraversalPort)
            errors.Add(part.Find("emulation")!.Value, $"must have an ikePort and a natTraversalPort that differ, not {environment.Emulation.IkePort} twice");
        foreach (AzureError error in AzureRules.Check(environment))
        {
            ArmResource? resource = resources.Find(candidate => candidate.Type == error.ResourceType && candidate.Name == error.ResourceName);
            errors.Add(resource?.SourceOf(error.PropertyPath) ?? part.Source, error.Sentence, error.ArmPath);
        }
        foreach (ArmResource orphan in resources.Where(resource => ArmChildren.ParentTypeOf(resource) is not null))
        {
            string parent = ArmChildren.ParentTypeOf(orphan)!;
            string known = string.Join(", ", resources.Where(resource => resource.Type == parent).Select(resource => resource.Name));
            errors.Add(orphan.Source, $"must be of a resource of the type {parent} in the file ({(known.Length == 0 ? "there is none" : known)}), which " +
                $"{orphan.Name} is not", orphan.ArmPath);
        }
        foreach (AzureError advice in AzureAdvice.Of(environment))
        {
            ArmResource? resource = resources.Find(candidate => candidate.Type == advice.ResourceType && candidate.Name == advice.ResourceName);
            errors.Warn(resource?.SourceOf(advice.PropertyPath) ?? part.Source, advice.Sentence, advice.ArmPath);
        }
        foreach (GatewayConnection connection in environment.Connections)
        {
            ArmResource? resource = resources.Find(candidate => candidate.Type == "connections" && candidate.Name == connection.Name);
            foreach (WeakPolicyValue weak in connection.IpsecPolicies.SelectMany(PolicyWeakness.Of))
            {
                errors.Warn(resource?.SourceOf($"properties.ipsecPolicies[0].{weak.Property}") ?? part.Source,
                    $"is {weak.Value}, which is weak ({weak.Reason})",
                        $"Microsoft.Network/connections/{connection.Name} properties.ipsecPolicies[0].{weak.Property}");
            }
        }
        return environment;
    }

    /// <summary>A node is found by its name, and the fabric finds it by its outer address.</summary>
    void CheckNodes(AzureEnvironment azure, ImmutableArray<SiteDefinition> sites)
    {
        HashSet<string> names = [.. azure.VirtualNetworkGateways.Select(gateway => gateway.Name)];
        string circuits = string.Join(", ", azure.ExpressRouteCircuits.Select(circuit => circuit.Name));
        HashSet<IpAddress> addresses = [.. azure.PublicIpAddresses.Select(address => address.IpAddress)];
        foreach (SiteDefinition site in sites)
        {
            if (!names.Add(site.Name))
                errors.Add(site.Source, "must have another name than the virtual network gateway that is called the same");
            if (site.ExpressRouteCircuit is string circuit && azure.FindExpressRouteCircuit(circuit) is null)
            {
                errors.Add(new NodeReader(site.Source).Find("expressRoute")!.Value,
                    $"must name an ExpressRoute circuit{(circuits.Length == 0 ? ", of which there is none" : $" ({circuits}), not {circuit}")}");
            }
            if (!addresses.Add(site.Device.Address) && site.Device.NatPublicAddress is null)
                errors.Add(site.Source, $"must have a device address of its own, not {site.Device.Address}, which is in use");
        }
    }

    static IEnumerable<NodeDefinition> GatewayNodes(AzureEnvironment azure) =>
        from gateway in azure.VpnGateways
        from instance in Enumerable.Range(0, gateway.IpConfigurations.Length)
        select new NodeDefinition
        {
            Name = gateway.Name,
            Kind = NodeKind.AzureGateway,
            Instance = instance,
            OuterAddress = azure.PublicAddressOf(gateway, instance),
            InnerNetworks = azure.FindVirtualNetwork(gateway.VirtualNetwork)!.AddressPrefixes,
            Endpoint = AzureExpansion.Expand(azure, gateway, instance),
        };

    IEnumerable<NodeDefinition> DeviceNodes(AzureEnvironment azure, ImmutableArray<SiteDefinition> sites)
    {
        ConnectionResolver resolver = new(azure, sites, errors);
        return sites.Select(site => new NodeDefinition
        {
            Name = site.Name,
            Kind = NodeKind.Device,
            Program = site.Device.Program,
            Profile = site.Device.Profile.Name,
            OuterAddress = site.Device.Address,
            AdditionalAddresses = site.Device.AdditionalAddresses,
            NatAddress = site.Device.NatPublicAddress,
            InnerNetworks = site.Networks,
            ExpressRouteCircuit = site.ExpressRouteCircuit,
            Lan = site.Lan ?? site.Name,
            Endpoint = DeviceExpansion.Expand(site, [.. site.Device.Connections.SelectMany(connection => resolver.Resolve(site, connection))]),
        });
    }
}
