namespace Ipsec.Esp;

/// <summary>What one rule of a tunnel did (Azure's TunnelNat metrics, which have the rule as a dimension).</summary>
/// <param name="Allocations">Flows that got an external address and port.</param>
/// <param name="Flows">Those that are remembered now; 0 for a static rule.</param>
/// <param name="NatedPackets">Whose source was translated.</param>
/// <param name="ReverseNatedPackets">Whose destination was translated back.</param>
/// <param name="DroppedPackets">Begun on the external side of a dynamic rule, of a protocol without ports, or when there was no room.</param>
public sealed record NatCounters(NatRule Rule, ulong Allocations, ulong Flows, ulong NatedPackets, ulong NatedBytes, ulong ReverseNatedPackets,
    ulong ReverseNatedBytes, ulong DroppedPackets);
