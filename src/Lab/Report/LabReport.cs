using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;

namespace Ipsec.Lab.Report;

/// <summary>The outcome of a lab run; what <c>lab run --json</c> prints, member by member.</summary>
/// <param name="Fabric">"memory" or "netns".</param>
/// <param name="Passed">Every expectation holds.</param>
/// <param name="Gateways">What Azure would say about each VPN gateway.</param>
public sealed record LabReport(string Lab, string Fabric, bool Passed, ImmutableArray<ExpectationResult> Expectations, ImmutableArray<TunnelReport> Tunnels,
    ImmutableArray<GatewayDiagnosis> Gateways);

/// <summary>One line of <c>expect</c> and what came of it.</summary>
/// <param name="Detail">What was seen, in one sentence or less.</param>
public sealed record ExpectationResult(string Description, bool Passed, string Detail);

/// <summary>One tunnel as one of its two nodes sees it.</summary>
/// <param name="Name">"hub-gw/hub-to-branch".</param>
/// <param name="Instance">Gateway instance, 0 or 1; 0 for a device.</param>
/// <param name="Local">Outer address of the node; null while none is chosen.</param>
/// <param name="Remote">Outer address of the peer as the node sees it; null while nobody is known.</param>
/// <param name="IkeVersion">2.</param>
/// <param name="State">"down", "connecting", "established", "failed" or "closing".</param>
/// <param name="IkeProposal">What was negotiated, as strongSwan's users write it; null while there is no IKE SA.</param>
public sealed record TunnelReport(string Name, string Node, string Connection, int Instance, string? Local, string? Remote, int IkeVersion,
    string State, ImmutableArray<ReasonReport> Reasons, string? IkeProposal, ImmutableArray<ChildSaReport> ChildSas);

/// <summary>One child SA.</summary>
/// <param name="SpiIn">"0xc3f0a1d2".</param>
public sealed record ChildSaReport(string SpiIn, string SpiOut, string Proposal, ImmutableArray<string> LocalSelectors,
    ImmutableArray<string> RemoteSelectors, ulong PacketsIn, ulong PacketsOut);
