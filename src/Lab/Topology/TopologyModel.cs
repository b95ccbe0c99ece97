using System.Collections.Immutable;
using Ipsec.Azure;
using Ipsec.Endpoint;
using Ipsec.Net;

namespace Ipsec.Lab.Topology;

/// <summary>A checked topology file: everything a fabric needs to build it. Immutable.</summary>
public sealed record TopologyModel
{
    public required string Name { get; init; }

    /// <summary>The resources of the file, without their keys: those are in the nodes' configurations.</summary>
    public AzureEnvironment Azure { get; init; } = AzureEnvironment.Empty;

    /// <summary>Every endpoint: Azure gateway instances and on-premises devices, in file order, Azure first.</summary>
    public required ImmutableArray<NodeDefinition> Nodes { get; init; }
    public required ImmutableArray<HostDefinition> Hosts { get; init; }
    public required ImmutableArray<WireDefinition> Wires { get; init; }
    public required ImmutableArray<Expectation> Expectations { get; init; }

    /// <summary>What goes wrong in a lab run.</summary>
    public ImmutableArray<FaultDefinition> Faults { get; init; } = [];

    /// <summary>DNS names; beside them every node has its own name.</summary>
    public ImmutableArray<NameDefinition> Names { get; init; } = [];

    /// <summary>What the file may say and should not, such as weak algorithms that it names; in the order of the file.</summary>
    public ImmutableArray<TopologyError> Warnings { get; init; } = [];
}

public enum NodeKind
{
    AzureGateway,
    Device,
}

/// <summary>The program that plays a node.</summary>
public enum NodeProgram
{
    Own,

    /// <summary>strongSwan's charon, where a fabric has real networks.</summary>
    StrongSwan,
}

/// <summary>One endpoint of a topology.</summary>
public sealed record NodeDefinition
{
    /// <summary>The gateway's or site's name; what <c>run FILE --node NAME</c> takes.</summary>
    public required string Name { get; init; }
    public required NodeKind Kind { get; init; }
    public NodeProgram Program { get; init; }

    /// <summary>The profile of a device; null for a gateway.</summary>
    public string? Profile { get; init; }

    /// <summary>Gateway instance, 0 or 1; 0 for a device.</summary>
    public int Instance { get; init; }

    /// <summary>The outer address on the wire: behind a NAT the private one.</summary>
    public required IpAddress OuterAddress { get; init; }

    /// <summary>Other outer addresses on the same wire.</summary>
    public ImmutableArray<IpAddress> AdditionalAddresses { get; init; } = [];

    /// <summary>Set where a NAT stands between this node and the internet: the public address that peers see.</summary>
    public IpAddress? NatAddress { get; init; }

    /// <summary>The address space behind the node: its virtual network or site networks.</summary>
    public required ImmutableArray<IpPrefix> InnerNetworks { get; init; }

    /// <summary>The ExpressRoute circuit that a site has beside its device; null where it has none.</summary>
    public string? ExpressRouteCircuit { get; init; }

    /// <summary>The site whose LAN a device serves: its own, or that of another site, beside whose device it stands. Null for a gateway.</summary>
    public string? Lan { get; init; }

    public required EndpointConfiguration Endpoint { get; init; }
}

/// <summary>A virtual host behind a node; answers ping.</summary>
/// <param name="Network">"hub/app" or "branch": the virtual network (and subnet) or the site it is in.</param>
/// <param name="Node">The node behind which it sits: its network's own gateway, or the one it uses over a peering; null where there is neither.</param>
public sealed record HostDefinition(string Name, string Network, string? Node, IpAddress Address);

/// <summary>The outer wire of one node, and what is wrong with it. A node without an entry has a perfect one.</summary>
public sealed record WireDefinition
{
    public required string Node { get; init; }

    /// <summary>One way.</summary>
    public TimeSpan Delay { get; init; }
    public TimeSpan Jitter { get; init; }

    /// <summary>0 to 1, per packet and direction.</summary>
    public double Loss { get; init; }
    public double Duplication { get; init; }
    public double Reordering { get; init; }
    public int Mtu { get; init; } = 1500;
}

/// <summary>Something that must hold at the end of a lab run. <paramref name="Line"/> is its line in the file.</summary>
public abstract record Expectation(string Description, int Line);

/// <summary>"ping pc1 -> vm1 size 1300", "no ping pc1 -> vm2".</summary>
public sealed record PingExpectation(string Description, int Line, string From, string To, int Size, int Count, bool MustSucceed)
    : Expectation(Description, Line)
{
    /// <summary>The address of <see cref="To"/> as <see cref="From"/> sees it through NAT rules; null is its own.</summary>
    public IpAddress? At { get; init; }
}

/// <summary>"fetch pc1 -> vm1 size 100000", "no fetch pc1 -> vm2": over TCP, every octet compared.</summary>
public sealed record FetchExpectation(string Description, int Line, string From, string To, int Size, bool MustSucceed) : Expectation(Description, Line)
{
    /// <inheritdoc cref="PingExpectation.At"/>
    public IpAddress? At { get; init; }
}

/// <summary>"tunnel hub-to-branch is up", "tunnel hub-to-branch fails no-proposal-chosen".</summary>
public sealed record TunnelExpectation(string Description, int Line, string Connection, bool MustBeUp, string? ReasonCode) : Expectation(Description, Line);
