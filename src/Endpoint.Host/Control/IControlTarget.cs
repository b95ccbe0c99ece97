using Ipsec.Azure.Diagnostics;
using Ipsec.EndpointHost.Telemetry;

namespace Ipsec.EndpointHost.Control;

/// <summary>What a control socket speaks for: a node that runs, or a whole lab.</summary>
interface IControlTarget
{
    /// <summary>Every event from now on can be watched here.</summary>
    EventHub Events { get; }

    /// <summary>The time that the events carry.</summary>
    DateTimeOffset Now { get; }

    /// <param name="node">Of a lab: the node that is meant; null where it has one only.</param>
    /// <returns>The document, or why there is none.</returns>
    Task<(StatusDocument? Document, string? Fault)> GetStatusAsync(string? node);

    /// <summary>What Azure would say about each gateway that is here.</summary>
    Task<IReadOnlyList<GatewayDiagnosis>> DiagnoseAsync();

    Task<(int StatusCode, CommandResponse Response)> RunAsync(ControlCommand command, CommandRequest request, CancellationToken cancellation);
}
