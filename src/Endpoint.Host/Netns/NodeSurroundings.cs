using Ipsec.EndpointHost.Telemetry;
using Ipsec.Lab.Netns;
using Ipsec.Lab.Run;
using Ipsec.Lab.Topology;

namespace Ipsec.EndpointHost.Netns;

/// <summary>What a node of a lab on namespaces is given by its fabric.</summary>
/// <param name="File">The topology file.</param>
/// <param name="Machines">Its namespaces, by the number of the machine.</param>
/// <param name="OutputFolder">For logs and scratch files.</param>
/// <param name="KeyFolder">Where keys are logged; null logs none.</param>
sealed record NodeSurroundings(string Label, NodeDefinition Definition, string File, IReadOnlyList<PlannedNamespace> Machines, string OutputFolder, string? KeyFolder)
{
    /// <summary>Where its events go; within the lab's turn only.</summary>
    public required LabRun Run { get; init; }

    /// <summary>Hands work to the lab's turn; from any thread.</summary>
    public required Action<Action> Post { get; init; }

    /// <summary>Its tunnels or its place are different: routes follow. From any thread.</summary>
    public required Action Changed { get; init; }

    /// <summary>Brings its addresses to its machine, before it opens there.</summary>
    public required Func<INetnsNode, Task> Arrive { get; init; }

    public required EndpointMetrics Metrics { get; init; }
}
