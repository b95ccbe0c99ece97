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
        ArmShorthand.VirtualNetworks, ArmShorthand.VirtualNetworkGateways, ArmShorthand.LocalNetworkGateways, ArmShorthand.Connections,
    ];

    /// <summary>Resources in file order within each type, those in full spelling after those in shorthand.</summary>
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
        ArmResource resource = new(type, name, body);
        resources.Add(resource);
        foreach ((string step, SourcedNode value) in body.Children())
        {
            ArmShorthandRow row = ArmShorthand.Find(type, step[1..])!;
            switch (row.Expansion)
            {
                case ArmExpansion.Copy:
                    resource.Add(row.ArmPath, value);
                    break;
                case ArmExpansion.NamedSubnets:
                    AddSubnets(resource, row.ArmPath, value);
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
            network.Add(subnet, value with { Node = new ScalarNode(value.Node.Mark, "", ScalarType.Null) });
            network.Add($"{subnet}.name", value with { Node = new ScalarNode(value.Node.Mark, step[1..], ScalarType.Text) });
            network.Add($"{subnet}.properties.{(value.Node is SequenceNode ? "addressPrefixes" : "addressPrefix")}", value);
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
            gateway.Add(armPath.Replace("[]", $"[{index++}]"), value with { Node = new ScalarNode(value.Node.Mark, name, ScalarType.Text) });
        }
    }

    static void AddGatewaySubnet(ArmResource gateway, string armPath, SourcedNode network, int count)
    {
        string id = $"{((ScalarNode)network.Node).Text}/{Subnet.GatewaySubnetName}";
        for (int index = 0; index < count; index++)
        {
            AddConfiguration(gateway, index, network);
            gateway.Add(armPath.Replace("[]", $"[{index}]"), network with { Node = new ScalarNode(network.Node.Mark, id, ScalarType.Text) });
        }
    }

    static void AddConfiguration(ArmResource gateway, int index, SourcedNode source) =>
        gateway.Add($"properties.ipConfigurations[{index}]", source with { Node = new ScalarNode(source.Node.Mark, "", ScalarType.Null) });

    static int AddressCount(SourcedNode gateway) => ((gateway.Node as MappingNode)?["publicIPAddresses"] as SequenceNode)?.Items.Length ?? 0;
}
