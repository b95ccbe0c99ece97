using System.Collections.Immutable;

namespace Ipsec.Esp;

/// <summary>How packets of one tunnel are treated; part of the route snapshot because it changes with a reload.</summary>
/// <param name="Tunnel">Number of the tunnel.</param>
/// <param name="MssClamp">Largest TCP maximum segment size in octets that a SYN may name, both directions; null leaves them alone.</param>
public sealed record TunnelSettings(int Tunnel, int? MssClamp)
{
    /// <summary>
    /// Address translation, the first rule that fits a packet counts. What an unchanged list remembers of flows outlives the change of a snapshot.
    /// </summary>
    public ImmutableArray<NatRule> Nat { get; init; } = [];
}
