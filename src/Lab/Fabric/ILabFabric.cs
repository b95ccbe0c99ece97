using System.Collections.Immutable;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Fabric;

/// <summary>
/// What a topology runs on: its nodes, the hosts behind them, and the wires that faults of the file change. Everything is called within the lab's own turn.
/// </summary>
public interface ILabFabric : IDisposable
{
    /// <summary>As <c>--fabric</c> names it.</summary>
    string Name { get; }

    /// <summary>In the order of the file.</summary>
    ImmutableArray<ILabNode> Nodes { get; }

    ILabHost Host(string name);

    /// <summary>After which a ping is lost, on wires without a delay.</summary>
    TimeSpan EchoTimeout { get; }

    /// <summary>Takes in what has happened outside of the lab's turn; nothing on a fabric that is all inside.</summary>
    void TakeIn();

    /// <summary>Puts a wire into a state; it stays there until the next call.</summary>
    /// <param name="wire">The label of a node, or the name of a circuit.</param>
    void SetWire(string wire, WireState state);

    /// <summary>Cuts a circuit for a while. Its routes follow a convergence time later, both ways.</summary>
    void CutCircuit(string circuit, TimeSpan duration);

    /// <summary>The NAT in front of a node forgets its mappings.</summary>
    void RebindNat(ILabNode node);

    /// <summary>Routes follow other resources from now on; networks, circuits, hosts and wires are the same.</summary>
    void Reload(TopologyModel model);

    /// <summary>The node has another outer address in place of its first one.</summary>
    void ChangeAddress(ILabNode node, IpAddress address);
}

/// <summary>What a fault has made of a wire.</summary>
/// <param name="IsDown">Nothing passes.</param>
/// <param name="Loss">0 to 1, in place of what the file says; null leaves it at that.</param>
/// <param name="ExtraDelay">What every packet takes beyond what the file says.</param>
public readonly record struct WireState(bool IsDown, double? Loss, TimeSpan ExtraDelay);
