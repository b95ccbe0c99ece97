using Ipsec.Net;

namespace Ipsec.Lab.Topology;

/// <summary>What goes wrong at a moment of lab time.</summary>
public enum FaultKind
{
    /// <summary>Nothing passes the node's outer wire.</summary>
    LinkDown,

    /// <summary>The wire loses more than otherwise.</summary>
    Loss,

    /// <summary>The wire takes longer than otherwise.</summary>
    Delay,

    /// <summary>The NAT in front of the node forgets its mappings.</summary>
    NatRebind,

    /// <summary>The node has another outer address, and the old one is gone.</summary>
    Address,

    /// <summary>The node is off, and comes back knowing nothing.</summary>
    Restart,

    /// <summary>A gateway's machine deletes its SAs and reboots.</summary>
    PlannedFailover,

    /// <summary>A gateway's machine is gone at once.</summary>
    UnplannedFailover,

    /// <summary>Both machines of a gateway reboot, one after the other.</summary>
    Maintenance,
}

/// <summary>One entry of <c>faults</c>.</summary>
/// <param name="At">Lab time at which it begins.</param>
/// <param name="For">How long it lasts; zero for what happens at once.</param>
/// <param name="Loss">With <see cref="FaultKind.Loss"/>: 0 to 1.</param>
/// <param name="Address">With <see cref="FaultKind.Address"/>: the new one.</param>
/// <param name="Recovery">How long after its end a ping may still be lost because of it.</param>
public sealed record FaultDefinition(TimeSpan At, string Node, FaultKind Kind, TimeSpan For, double Loss, IpAddress? Address, TimeSpan Recovery)
{
    /// <summary>Of a gateway with two: the one that is meant; null both, and for a failover the first.</summary>
    public int? Instance { get; init; }

    /// <summary>With <see cref="FaultKind.Delay"/>: what each packet takes longer.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Where the file says nothing: dead peer detection with its retransmissions, and a new set-up.</summary>
    public static readonly TimeSpan DefaultRecovery = TimeSpan.FromMinutes(2);

    /// <summary>A ping that is lost after this is lost for another reason.</summary>
    public TimeSpan RecoveredAt => At + For + Recovery;

    /// <summary>"loss 30% on branch for 20 s".</summary>
    public string Describe()
    {
        string node = Instance is int instance ? $"{Node} instance {instance}" : Node;
        string what = Kind switch
        {
            FaultKind.Delay => FormattableString.Invariant($"the wire of {node} takes {Delay.TotalMilliseconds:0.###} ms longer"),
            FaultKind.PlannedFailover => $"planned failover of {node}",
            FaultKind.UnplannedFailover => $"unplanned failover of {node}",
            FaultKind.Maintenance => $"maintenance of {node}",
            FaultKind.LinkDown => $"the link of {node} is down",
            FaultKind.Loss => FormattableString.Invariant($"the wire of {node} loses {Loss * 100:0.#}%"),
            FaultKind.NatRebind => $"the NAT of {Node} forgets its mappings",
            FaultKind.Address => $"{Node} has the address {Address} now",
            _ => $"{node} restarts",
        };
        return For > TimeSpan.Zero ? FormattableString.Invariant($"{what} for {For.TotalSeconds:0.###} s") : what;
    }
}

/// <summary>A DNS name of the topology.</summary>
/// <param name="Targets">Addresses, or names of gateways and sites, which stand for their present public addresses.</param>
public sealed record NameDefinition(string Name, System.Collections.Immutable.ImmutableArray<string> Targets);
