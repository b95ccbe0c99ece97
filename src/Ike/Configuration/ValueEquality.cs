using System.Collections.Immutable;

namespace Ipsec.Ike.Configuration;

/// <summary>
/// Comparison of lists by their elements. A record compares its <see cref="ImmutableArray{T}"/> members by reference, which
/// would make every reloaded configuration look changed; the configuration records compare their lists with this instead.
/// </summary>
public static class ValueEquality
{
    /// <summary>True if both have the same elements in the same order; a list that was never set is an empty one.</summary>
    public static bool Same<T>(ImmutableArray<T> left, ImmutableArray<T> right) =>
        left.IsDefaultOrEmpty || right.IsDefaultOrEmpty
            ? Length(left) == Length(right)
            : left.SequenceEqual(right);

    internal static int Length<T>(ImmutableArray<T> list) => list.IsDefault ? 0 : list.Length;
}
