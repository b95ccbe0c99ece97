using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Azure.Rules;

/// <summary>Collects what the rules of one resource find.</summary>
sealed class ErrorCollector(ImmutableArray<AzureError>.Builder errors, string resourceType, string resourceName)
{
    public void Add(string propertyPath, string message, string? code = null) =>
        errors.Add(new AzureError(resourceType, resourceName, propertyPath, message, code));

    /// <summary>At least one prefix, and none inside another.</summary>
    public void CheckPrefixes(string propertyPath, ImmutableArray<IpPrefix> prefixes, int maximum)
    {
        if (prefixes.IsEmpty || prefixes.Length > maximum)
            Add(propertyPath, $"must have 1 to {maximum} prefixes, not {prefixes.Length}");
        for (int index = 1; index < prefixes.Length; index++)
        {
            IpPrefix prefix = prefixes[index];
            if (FirstOverlap(prefixes.Take(index), prefix) is IpPrefix other)
                Add($"{propertyPath}[{index}]", $"must not overlap {other}, as {prefix} does");
        }
    }

    /// <summary>"must name a thing (A, B), not X".</summary>
    public void AddUnknown(string propertyPath, string what, string? name, IEnumerable<string> known)
    {
        string[] names = [.. known];
        string article = what[0] is 'a' or 'e' or 'i' or 'o' or 'u' or 'E' or 'I' ? "an" : "a";
        Add(propertyPath, names.Length == 0
            ? $"must name {article} {what}, of which there is none"
            : $"must name {article} {what} ({string.Join(", ", names)}), not {(string.IsNullOrEmpty(name) ? "nothing" : name)}",
            ArmErrorCodes.InvalidResourceReference);
    }

    public static IpPrefix? FirstOverlap(IEnumerable<IpPrefix> prefixes, IpPrefix prefix)
    {
        foreach (IpPrefix other in prefixes)
        {
            if (other.Overlaps(prefix))
                return other;
        }
        return null;
    }
}
