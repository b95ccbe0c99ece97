using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Topology.Arm;

/// <summary>Turns the <c>azure</c> part of a file, in either spelling, into ARM resources. The file has passed the schema.</summary>
static class ArmExpander
{
    /// <summary>The resource types that have a shorthand.</summary>
    public static ImmutableArray<string> Types { get; } =
    [
        ArmShorthand.VirtualNetworks, ArmShorthand.VirtualNetworkPeerings, ArmShorthand.VirtualNetworkGateways, ArmShorthand.LocalNetworkGateways,
        ArmShorthand.ExpressRouteCircuits, ArmShorthand.Connections,
    ];

    /// <summary>What Azure calls the IP configurations of a gateway's two instances where nobody names them.</summary>
    static readonly string[] ConfigurationNames = ["default", "activeActive"];

    /// <summary>
    /// Resources in file order within each type, those in full spelling after those in shorthand. Subnets and NAT rules that are resources of their own
    /// stand in their parents; one without a parent stays in the list.
    /// </summary>
    public static List<ArmResource> Expand(MappingNode azure)
    {
        List<ArmResource> resources = [];
        foreach (string type in Types)
        {
            if (azure[type] is not MappingNode named)
                continue;
            foreach ((ScalarNode name, Node body) in named.Entries)
                ExpandShorthand(type, name.Text, new SourcedNode(body, $"azure.{type}.{name.Text}"), resources);
        }
        if (azure["resources"] is SequenceNode list)
        {
            foreach ((string step, SourcedNode item) in new SourcedNode(list, "azure.resources").Children())
                resources.Add(ReadFull(item));
        }
        ArmChildren.Arrange(resources);
        return resources;
    }

    static ArmResource ReadFull(SourcedNode item)
    {
        MappingNode body = (MappingNode)item.Node;
        string type = ((ScalarNode)body["type"]!).Text[ArmShorthand.Provider.Length..];
        ArmResource resource = new(type, ((ScalarNode)body["name"]!).Text, item);
        foreach ((string step, SourcedNode child) in item.Children())
            resource.Add(step[1..], child);
        return resource;
    }

    static void ExpandShorthand(string type, string name, SourcedNode body, List<ArmResource> resources)
    {
        ArmResource resource = type == ArmShorthand.VirtualNetworkPeerings
            ? new ArmResource(ArmShorthand.ChildPeerings, $"{ArmReference.Name(TextOf(body, "virtualNetwork"), ArmShorthand.VirtualNetworks)}/{name}", body)
            : new ArmResource(type, name, body);
        resources.Add(resource);
        foreach ((string step, SourcedNode value) in body.Children())
        {
            ArmShorthandRow row = ArmShorthand.Find(type, step[1..])!;
            switch (row.Expansion)
            {
                case ArmExpansion.Copy or ArmExpansion.Parent:
                    resource.Add(row.ArmPath, value);
                    break;
                case ArmExpansion.NamedSubnets:
                    AddSubnets(resource, row.ArmPath, value);
                    break;
                case ArmExpansion.NamedNatRules:
                    AddNatRules(resource, row.ArmPath, value);
                    break;
                case ArmExpansion.References:
                    AddReferences(resource, row.ArmPath, value);
                    break;
                case ArmExpansion.PublicAddresses:
                    AddPublicAddresses(resource, row.ArmPath, value, resources);
                    break;
                case ArmExpansion.GatewaySubnet:
                    AddGatewaySubnet(resource, row.ArmPath, value, AddressCount(body));
                    break;
            }
        }
    }

    static void AddSubnets(ArmResource network, string armPath, SourcedNode subnets)
    {
        int index = 0;
        foreach ((string step, SourcedNode value) in subnets.Children())
        {
            string subnet = $"{armPath}[{index++}]";
            network.Add(subnet, Nothing(value));
            network.Add($"{subnet}.name", Text(value, step[1..]));
            network.Add($"{subnet}.properties.{(value.Node is SequenceNode ? "addressPrefixes" : "addressPrefix")}", value);
        }
    }

    static void AddNatRules(ArmResource gateway, string armPath, SourcedNode rules)
    {
        int index = 0;
        foreach ((string step, SourcedNode value) in rules.Children())
        {
            string rule = $"{armPath}[{index++}]";
            gateway.Add(rule, Nothing(value));
            gateway.Add($"{rule}.name", Text(value, step[1..]));
            foreach ((string key, SourcedNode property) in value.Children())
            {
                if (key is not (".internalMappings" or ".externalMappings"))
                {
                    gateway.Add($"{rule}.properties{key}", property);
                    continue;
                }
                gateway.Add($"{rule}.properties{key}", Nothing(property));
                foreach ((string position, SourcedNode prefix) in property.Children())
                {
                    gateway.Add($"{rule}.properties{key}{position}", Nothing(prefix));
                    if (prefix.Node is not MappingNode)
                        gateway.Add($"{rule}.properties{key}{position}.addressSpace", prefix);
                    foreach ((string part, SourcedNode detail) in prefix.Children())
                        gateway.Add($"{rule}.properties{key}{position}{part}", detail);
                }
            }
        }
    }

    static void AddReferences(ArmResource resource, string armPath, SourcedNode names)
    {
        int index = 0;
        foreach ((string step, SourcedNode value) in names.Children())
        {
            resource.Add(armPath[..armPath.IndexOf('[')] + step, Nothing(value));
            resource.Add(armPath.Replace("[]", $"[{index++}]"), value);
        }
    }

    static void AddPublicAddresses(ArmResource gateway, string armPath, SourcedNode addresses, List<ArmResource> resources)
    {
        int index = 0;
        foreach ((string step, SourcedNode value) in addresses.Children())
        {
            string name = $"{gateway.Name}-ip{index + 1}";
            ArmResource address = new(ArmShorthand.PublicIpAddresses, name, value);
            address.Add("properties.ipAddress", value);
            resources.Add(address);
            AddConfiguration(gateway, index, value);
            gateway.Add(armPath.Replace("[]", $"[{index++}]"), Text(value, name));
        }
    }

    static void AddGatewaySubnet(ArmResource gateway, string armPath, SourcedNode network, int count)
    {
        string id = $"{ArmReference.Name(((ScalarNode)network.Node).Text, ArmShorthand.VirtualNetworks)}/{Subnet.GatewaySubnetName}";
        // An ExpressRoute gateway has a configuration without an address.
        for (int index = 0; index < Math.Max(1, count); index++)
        {
            AddConfiguration(gateway, index, network);
            gateway.Add(armPath.Replace("[]", $"[{index}]"), Text(network, id));
        }
    }

    static void AddConfiguration(ArmResource gateway, int index, SourcedNode source)
    {
        gateway.Add($"properties.ipConfigurations[{index}]", Nothing(source));
        if (index < ConfigurationNames.Length)
            gateway.Add($"properties.ipConfigurations[{index}].name", Text(source, ConfigurationNames[index]));
    }

    static int AddressCount(SourcedNode gateway) => ((gateway.Node as MappingNode)?["publicIPAddresses"] as SequenceNode)?.Items.Length ?? 0;

    static string TextOf(SourcedNode body, string key) => ((body.Node as MappingNode)?[key] as ScalarNode)?.Text ?? "";

    /// <summary>A place in the file without a value of its own.</summary>
    static SourcedNode Nothing(SourcedNode place) => place with { Node = new ScalarNode(place.Node.Mark, "", ScalarType.Null) };

    static SourcedNode Text(SourcedNode place, string text) => place with { Node = new ScalarNode(place.Node.Mark, text, ScalarType.Text) };
}
