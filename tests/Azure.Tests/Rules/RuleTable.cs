using System.Collections.Immutable;
using Ipsec.Azure.Rules;

namespace Ipsec.Azure.Tests.Rules;

/// <summary>A change of an environment and the one sentence that it is refused with: "TYPE/NAME PATH: MESSAGE".</summary>
static class RuleTable
{
    public static void AssertRefused(AzureEnvironment environment, string sentence) =>
        Assert.Equal([sentence], AzureRules.Check(environment).Select(Text));

    public static void AssertAccepted(AzureEnvironment environment) => Assert.Equal([], AzureRules.Check(environment).Select(Text));

    public static string Text(AzureError error) => $"{error.ResourceType}/{error.ResourceName} {error.PropertyPath}: {error.Sentence}".Replace(" : ", ": ");

    public static ImmutableArray<T> Change<T>(this ImmutableArray<T> list, int index, Func<T, T> change) => list.SetItem(index, change(list[index]));
}
