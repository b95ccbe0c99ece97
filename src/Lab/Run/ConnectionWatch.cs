using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Fabric;

namespace Ipsec.Lab.Run;

/// <summary>How far a connection is, over all nodes that have it.</summary>
enum ConnectionVerdict
{
    /// <summary>Somebody is still to dial, or a negotiation runs.</summary>
    Pending,

    /// <summary>Nobody dials by itself; traffic or the peer would have to start it.</summary>
    Idle,

    /// <summary>An attempt failed; another side may still do better.</summary>
    Failed,

    /// <summary>Everybody who dials has failed.</summary>
    Exhausted,

    /// <summary>Every node has a child SA.</summary>
    Up,
}

/// <summary>Follows one connection (by its name) on every node that has it.</summary>
sealed class ConnectionWatch(string name, ImmutableArray<ILabNode> nodes)
{
    readonly SortedDictionary<string, Attempt> _attempts = new(nodes.ToDictionary(node => node.Label, _ => new Attempt()), StringComparer.Ordinal);

    public string Name => name;
    public ImmutableArray<ILabNode> Nodes => nodes;

    /// <summary>What a node last said about why the connection is not up; empty while it is.</summary>
    public ImmutableArray<Reason> ReasonsOf(ILabNode node) => _attempts[node.Label].Reasons;

    /// <summary>A node that has dialled, the first one in the order of the file.</summary>
    public ILabNode? Dialler => nodes.FirstOrDefault(node => _attempts[node.Label].HasDialled);

    public void Occurred(ILabNode node, IkeEvent occurred)
    {
        if (!_attempts.TryGetValue(node.Label, out Attempt? attempt))
            return;
        switch (occurred)
        {
            case MessagePassed { Sent: true, IsRequest: true, Exchange: "IKE_SA_INIT" }:
                attempt.HasDialled = true;
                break;
            case IkeSaClosed { WasEstablished: false } closed:
                attempt.Fail(closed.Reasons);
                break;
            case IkeSaClosed closed:
                attempt.Reasons = closed.Reasons;
                break;
            case NegotiationRefused refused:
                attempt.Fail(refused.Reasons);
                break;
            case ChildSaEstablished:
                attempt.Reasons = [];
                attempt.HasFailed = false;
                break;
        }
    }

    public ConnectionVerdict Judge()
    {
        ImmutableArray<(ILabNode Node, TunnelStatus Status)> sides = [.. nodes.Select(node => (node, StatusOf(node)))];
        if (sides.All(side => IsUp(side.Status)))
            return ConnectionVerdict.Up;
        ImmutableArray<(ILabNode Node, TunnelStatus Status)> diallers = [.. sides.Where(side => DialsByItself(side.Node))];
        bool someoneFailed = _attempts.Values.Any(attempt => attempt.HasDialled && attempt.HasFailed);
        if (diallers.IsEmpty && sides.All(side => side.Status.State == TunnelState.Down))
            return someoneFailed ? ConnectionVerdict.Exhausted : ConnectionVerdict.Idle;
        // Where an IKE SA stands without a child SA, its other side has no reason to dial.
        bool isExhausted = diallers.All(side => _attempts[side.Node.Label] is { HasDialled: true, HasFailed: true }
            || side.Status.State == TunnelState.Established)
            && sides.All(side => side.Status.State != TunnelState.Connecting);
        if (someoneFailed && isExhausted)
            return ConnectionVerdict.Exhausted;
        return someoneFailed ? ConnectionVerdict.Failed : ConnectionVerdict.Pending;
    }

    public TunnelStatus StatusOf(ILabNode node) => node.Status.Tunnels.First(tunnel => tunnel.Connection == name);

    public ConnectionConfiguration ConfigurationOf(ILabNode node) => ConfigurationOf(node, name)!;

    public static ConnectionConfiguration? ConfigurationOf(ILabNode node, string name) =>
        node.Definition.Endpoint.Tunnels.Select(tunnel => tunnel.Connection).FirstOrDefault(connection => connection.Name == name);

    public static bool IsUp(TunnelStatus status) => status.State == TunnelState.Established && !status.ChildSas.IsEmpty;

    public static bool IsUp(ConnectionWatch connection, ILabNode node) => !connection.Nodes.Contains(node) || IsUp(connection.StatusOf(node));

    bool DialsByItself(ILabNode node) => ConfigurationOf(node) is { StartAction: StartAction.Start, MayInitiate: true };

    sealed class Attempt
    {
        public bool HasDialled { get; set; }
        public bool HasFailed { get; set; }
        public ImmutableArray<Reason> Reasons { get; set; } = [];

        public void Fail(ImmutableArray<Reason> reasons)
        {
            HasFailed = true;
            Reasons = reasons;
        }
    }
}
