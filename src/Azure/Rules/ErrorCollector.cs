using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Azure.Rules;

/// <summary>Collects what the rules of one resource find.</summary>
sealed class ErrorCollector(ImmutableArray<AzureError>.Builder errors, string resourceType, string resourceName)
{
    public void Add(string propertyPath, string message) => errors.Add(new AzureError(resourceType, resourceName, propertyPath, message));

    /// <summary>At least one prefix, and none inside another.</summary>
    public void CheckPrefixes(string propertyPath, ImmutableArray<IpPrefix> prefixes, int maximum)
    {
        if (prefixes.IsEmpty || prefixes.Length > maximum)
            Add(propertyPath, $"must have 1 to {maximum} prefixes, not {prefixes.Length}");
        for (int index = 1; index < prefixes.Length; index++)
        {
            IpPrefix prefix = prefixes[index];
            if (prefixes.Take(index).Where(prefix.Overlaps).Cast<IpPrefix?>().FirstOrDefault() is IpPrefix other)
                Add($"{propertyPath}[{index}]", $"must not overlap {other}, as {prefix} does");
        }
    }

    /// <summary>"must be A, B or C, not X".</summary>
    public void AddUnknown(string propertyPath, string what, string name, IEnumerable<string> known)
    {
        string[] names = [.. known];
        Add(propertyPath, names.Length == 0
            ? $"must name a {what}, of which there is none"
            : $"must name a {what} ({string.Join(", ", names)}), not {(name.Length == 0 ? "nothing" : name)}");
    }
}
