using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Topology.Arm;

/// <summary>Says a place of the file in ARM's terms.</summary>
static class ArmPaths
{
    /// <param name="path">Steps from the root of the file.</param>
    /// <returns>Null outside the resources.</returns>
    public static string? Of(IReadOnlyList<string> path, MappingNode root)
    {
        if (path.Count < 3 || path[0] != "azure" || path[1] == "emulation")
            return null;
        return path[1] == "resources" ? OfFullSpelling(path, root) : OfShorthand(path, root);
    }

    static string OfShorthand(IReadOnlyList<string> path, MappingNode root)
    {
        string resource = path[1] == ArmShorthand.VirtualNetworkPeerings
            ? $"{ArmShorthand.Provider}{ArmShorthand.ChildPeerings}/{ParentOf(path, root)}{path[2]}"
            : $"{ArmShorthand.Provider}{path[1]}/{path[2]}";
        if (path.Count == 3 || ArmShorthand.Find(path[1], path[3]) is not ArmShorthandRow row)
            return resource;
        return row.Expansion switch
        {
            ArmExpansion.Copy or ArmExpansion.References => $"{resource} {row.ArmPath}{Joined(path.Skip(4))}",
            _ => $"{resource} {row.ArmPath}",
        };
    }

    /// <summary>The parent's name and a slash; nothing where the file does not say it.</summary>
    static string ParentOf(IReadOnlyList<string> path, MappingNode root) =>
        ((root["azure"] as MappingNode)?[path[1]] as MappingNode)?[path[2]] is MappingNode body && body["virtualNetwork"] is ScalarNode parent
            ? $"{parent.Text}/"
            : "";

    static string? OfFullSpelling(IReadOnlyList<string> path, MappingNode root)
    {
        SequenceNode resources = (SequenceNode)((MappingNode)root["azure"]!)["resources"]!;
        int index = int.Parse(path[2].AsSpan(1, path[2].Length - 2));
        if (resources.Items[index] is not MappingNode resource || resource["type"] is not ScalarNode type || resource["name"] is not ScalarNode name)
            return null;
        return $"{type.Text}/{name.Text} {Joined(path.Skip(3)).TrimStart('.')}".TrimEnd();
    }

    static string Joined(IEnumerable<string> steps) => string.Concat(steps.Select(step => step.StartsWith('[') ? step : $".{step}"));
}
