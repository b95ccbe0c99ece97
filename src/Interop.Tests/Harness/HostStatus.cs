namespace Ipsec.Interop.Tests.Harness;

// What the scenarios read of the control API's status document.

sealed record HostStatus(bool Ready, HostInner Inner, IReadOnlyList<HostTunnel> Tunnels, IReadOnlyDictionary<string, ulong> Counters);

sealed record HostInner(string Kind, string? Interface, IReadOnlyList<string> Routes);

sealed record HostTunnel(string Connection, string State, IReadOnlyList<HostReason> Reasons, string? IkeProposal, HostIkeSa? IkeSa,
    IReadOnlyList<HostChildSa> ChildSas)
{
    internal bool IsEstablished => State == "established";
}

sealed record HostReason(string Code, string Certainty, string Text);

sealed record HostIkeSa(string SpiInitiator, string SpiResponder, string Role, string LocalIdentity, string RemoteIdentity, string Encapsulation,
    bool LocalBehindNat, bool RemoteBehindNat);

sealed record HostChildSa(string Name, string SpiIn, string SpiOut, string Proposal, IReadOnlyList<string> LocalSelectors,
    IReadOnlyList<string> RemoteSelectors, ulong PacketsIn, ulong PacketsOut);

/// <summary>The control API's answer to a command.</summary>
sealed record HostAnswer(bool Ok, string Message, IReadOnlyList<HostReason> Reasons);
