using System.Collections.Immutable;
using Ipsec.Azure.Instances;
using Ipsec.Ike;
using Ipsec.Lab.Inner;
using Ipsec.Lab.Network;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Run;

/// <summary>Does what <c>faults</c> says, when it says so, and knows when a ping may be lost because of it (D7).</summary>
sealed class FaultRunner(ImmutableArray<FaultDefinition> faults, ImmutableArray<LabNode> nodes, IReadOnlyDictionary<string, GatewayInstances> gateways, AzureFabric azure, OuterNetwork outer,
    Scheduler scheduler, Action<LabEvent> tell)
{
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
        foreach (LabNode node in nodes.Where(node => result is null && node.Definition.Name == fault.Node && (fault.Instance ?? node.Definition.Instance) == node.Definition.Instance))
            Begin(fault, node);
        foreach (Circuit circuit in azure.Circuits.Where(circuit => circuit.Name == fault.Node))
            Begin(fault, circuit);
    }

    void Begin(FaultDefinition fault, Circuit circuit)
    {
        if (fault.Kind == FaultKind.LinkDown)
            circuit.Cut(fault.For);
        else
            Worsen(fault, circuit.Wire);
    }

    void Worsen(FaultDefinition fault, Wire wire)
    {
        wire.Loss = fault.Kind == FaultKind.Loss ? fault.Loss : wire.Loss;
        wire.ExtraDelay = fault.Kind == FaultKind.Delay ? fault.Delay : wire.ExtraDelay;
        scheduler.After(fault.For, () =>
        {
            wire.Loss = fault.Kind == FaultKind.Loss ? null : wire.Loss;
            wire.ExtraDelay = fault.Kind == FaultKind.Delay ? default : wire.ExtraDelay;
        });
    }

    void Begin(FaultDefinition fault, LabNode node)
    {
        switch (fault.Kind)
        {
            case FaultKind.LinkDown:
                node.Wire!.IsDown = true;
                scheduler.After(fault.For, () => node.Wire.IsDown = false);
                break;
            case FaultKind.Loss or FaultKind.Delay:
                Worsen(fault, node.Wire!);
                break;
            case FaultKind.NatRebind:
                outer.NatOf(node.Definition)?.Rebind();
                break;
            case FaultKind.Address:
                outer.Move(node.Definition, node.OuterAddress, fault.Address!.Value, node.Wire!);
                node.ChangeAddress(fault.Address.Value);
                break;
            case FaultKind.Restart:
                node.Stop();
                scheduler.After(fault.For > ShortestRestart ? fault.For : ShortestRestart, node.Restart);
                break;
        }
    }
}
