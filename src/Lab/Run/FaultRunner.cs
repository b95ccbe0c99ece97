using System.Collections.Immutable;
using Ipsec.Azure.Instances;
using Ipsec.Ike;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Network;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Run;

/// <summary>Does what <c>faults</c> says, when it says so, and knows when a ping may be lost because of it (D7).</summary>
sealed class FaultRunner(ImmutableArray<FaultDefinition> faults, ILabFabric fabric, IReadOnlySet<string> circuits, IReadOnlyDictionary<string,
    GatewayInstances> gateways,
    Scheduler scheduler, Action<LabEvent> tell)
{
    readonly Dictionary<string, WireState> _wires = new(StringComparer.Ordinal);

    /// <summary>Pings go on for so long after the last recovery, to show that it is one.</summary>
    static readonly TimeSpan ProofTime = TimeSpan.FromSeconds(30);

    /// <summary>A restart that says nothing else takes this long.</summary>
    static readonly TimeSpan ShortestRestart = TimeSpan.FromSeconds(1);

    /// <summary>Between two rounds of pings, so that each fault and each recovery is seen.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    /// <summary>Lab time that shows every fault and its recovery; null where there are none.</summary>
    public TimeSpan? Duration => faults.IsEmpty ? null : faults.Max(fault => fault.RecoveredAt) + ProofTime;

    public void Start()
    {
        foreach (FaultDefinition fault in faults)
            scheduler.At(fault.At, () => Begin(fault));
    }

    /// <summary>A ping that was under way at some time between these two may be lost.</summary>
    public bool Excuses(TimeSpan sent, TimeSpan lost) => faults.Any(fault => lost >= fault.At && sent <= fault.RecoveredAt);

    void Begin(FaultDefinition fault)
    {
        tell(new FaultHappened(scheduler.Now, fault.Describe()));
        CommandResult? result = fault.Kind switch
        {
            FaultKind.PlannedFailover => gateways[fault.Node].Fail(FailoverKind.Planned, fault.Instance),
            FaultKind.UnplannedFailover => gateways[fault.Node].Fail(FailoverKind.Unplanned, fault.Instance),
            FaultKind.Maintenance => gateways[fault.Node].Maintain(),
            _ => null,
        };
        if (result?.Error is string error)
            tell(new FaultHappened(scheduler.Now, $"it did not begin: {error}"));
        foreach (ILabNode node in fabric.Nodes.Where(node => result is null && node.Definition.Name == fault.Node
            && (fault.Instance ?? node.Definition.Instance) == node.Definition.Instance))
            Begin(fault, node);
        if (circuits.Contains(fault.Node))
            BeginOnCircuit(fault);
    }

    void BeginOnCircuit(FaultDefinition fault)
    {
        if (fault.Kind == FaultKind.LinkDown)
            fabric.CutCircuit(fault.Node, fault.For);
        else
            Worsen(fault, fault.Node);
    }

    void Worsen(FaultDefinition fault, string wire)
    {
        Change(wire, state => Changed(state, fault));
        scheduler.After(fault.For, () => Change(wire, state => Mended(state, fault)));
    }

    static WireState Changed(WireState state, FaultDefinition fault) => fault.Kind switch
    {
        FaultKind.LinkDown => state with { IsDown = true },
        FaultKind.Loss => state with { Loss = fault.Loss },
        _ => state with { ExtraDelay = fault.Delay },
    };

    static WireState Mended(WireState state, FaultDefinition fault) => fault.Kind switch
    {
        FaultKind.LinkDown => state with { IsDown = false },
        FaultKind.Loss => state with { Loss = null },
        _ => state with { ExtraDelay = TimeSpan.Zero },
    };

    void Change(string wire, Func<WireState, WireState> change)
    {
        WireState state = change(_wires.GetValueOrDefault(wire));
        _wires[wire] = state;
        fabric.SetWire(wire, state);
    }

    void Begin(FaultDefinition fault, ILabNode node)
    {
        switch (fault.Kind)
        {
            case FaultKind.LinkDown or FaultKind.Loss or FaultKind.Delay:
                Worsen(fault, node.Label);
                break;
            case FaultKind.NatRebind:
                fabric.RebindNat(node);
                break;
            case FaultKind.Address:
                fabric.ChangeAddress(node, fault.Address!.Value);
                break;
            case FaultKind.Restart:
                node.Stop();
                scheduler.After(fault.For > ShortestRestart ? fault.For : ShortestRestart, node.Restart);
                break;
        }
    }
}
