using System.Collections.Immutable;

namespace Ipsec.Azure.Rules;

/// <summary>What Azure's control plane checks before it accepts resources. Without an error an environment can be expanded.</summary>
public static class AzureRules
{
    /// <summary>Every violation, resource type by resource type, in the order of the environment.</summary>
    public static ImmutableArray<AzureError> Check(AzureEnvironment environment)
    {
        return [];
    }
}
