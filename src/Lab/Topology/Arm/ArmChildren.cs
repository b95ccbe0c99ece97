using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Topology.Arm;

/// <summary>
/// ARM lets a child stand inside its parent or be a resource of its own, "PARENT/NAME". Here subnets and NAT rules end up inside, peerings outside.
/// </summary>
static class ArmChildren
{
    static readonly (string Type, string Parent, string Path)[] Inner =
    [
        (ArmShorthand.ChildSubnets, ArmShorthand.VirtualNetworks, "properties.subnets"),
        (ArmShorthand.ChildNatRules, ArmShorthand.VirtualNetworkGateways, "properties.natRules"),
    ];

    /// <summary>"a virtual network" and so on, for a child whose parent is not in the file; null for any other resource.</summary>
    public static string? ParentTypeOf(ArmResource resource) =>
        Inner.FirstOrDefault(child => child.Type == resource.Type).Parent;

    public static void Arrange(List<ArmResource> resources)
    {
        foreach (ArmResource resource in resources.ToArray())
        {
            (string Type, string Parent, string Path) child = Inner.FirstOrDefault(candidate => candidate.Type == resource.Type);
            if (child.Type is not null
                && resources.Find(candidate => candidate.Type == child.Parent && candidate.Name == ParentName(resource)) is ArmResource parent)
            {
                resources.Remove(resource);
                parent.AddResource($"{child.Path}[{parent.Count(child.Path)}]", resource, OwnName(resource));
            }
            if (resource.Type == ArmShorthand.VirtualNetworks)
                LiftPeerings(resource, resources);
        }
    }

    static string ParentName(ArmResource child) => child.Name[..Math.Max(0, child.Name.IndexOf('/'))];

    static string OwnName(ArmResource child) => child.Name[(child.Name.IndexOf('/') + 1)..];

    static void LiftPeerings(ArmResource network, List<ArmResource> resources)
    {
        const string path = "properties.virtualNetworkPeerings";
        for (int index = 0; index < network.Count(path); index++)
        {
            SourcedNode source = network.SourceOf($"{path}[{index}]");
            ArmResource peering = new(ArmShorthand.ChildPeerings, $"{network.Name}/{network.Text($"{path}[{index}].name")}", source);
            foreach ((string step, SourcedNode value) in source.Children())
                peering.Add(step[1..], value);
            resources.Add(peering);
        }
    }
}
