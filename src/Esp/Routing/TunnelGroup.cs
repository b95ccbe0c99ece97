using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Esp;

/// <summary>Tunnels that share what goes to one prefix; each flow stays on one of them. Two groups of the same tunnels are equal.</summary>
public sealed class TunnelGroup : IEquatable<TunnelGroup>
{
    /// <param name="tunnels">Numbers, at least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public TunnelGroup(IEnumerable<int> tunnels)
    {
        Tunnels = [.. tunnels.Distinct().Order()];
        if (Tunnels.IsEmpty)
            throw new ArgumentException("A group has at least one tunnel.", nameof(tunnels));
    }

    /// <summary>In rising order.</summary>
    public ImmutableArray<int> Tunnels { get; }

    /// <summary>The tunnel of a flow. A flow changes its tunnel only when that tunnel leaves the group, or another one joins and takes it.</summary>
    public int Choose(ulong flowHash) => FlowHash.Choose(flowHash, Tunnels.AsSpan());

    public bool Equals(TunnelGroup? other) => other is not null && Tunnels.AsSpan().SequenceEqual(other.Tunnels.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as TunnelGroup);

    public override int GetHashCode() => Tunnels.Aggregate(17, (hash, tunnel) => unchecked(hash * 31 + tunnel));
}
