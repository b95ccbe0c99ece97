using Ipsec.Endpoint;
using Ipsec.EndpointHost.Hosting;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Ike;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Control;

/// <summary>One endpoint that runs, wherever it does.</summary>
interface IEndpointAccess
{
    /// <summary>The event is one of this endpoint.</summary>
    bool Concerns(TimedEvent occurred);

    Task<EndpointStatus> GetStatusAsync();

    /// <exception cref="OperationCanceledException">It ended meanwhile.</exception>
    Task<CommandResult> CommandAsync(Func<IpsecEndpoint, Instant, CommandResult> command);
}

/// <summary>The endpoint of a runtime of this process.</summary>
sealed class RuntimeAccess(NodeRuntime runtime) : IEndpointAccess
{
    public bool Concerns(TimedEvent occurred) => occurred.Instance == runtime.Setup.Node.Instance;

    public Task<EndpointStatus> GetStatusAsync() => runtime.GetStatusAsync();

    public Task<CommandResult> CommandAsync(Func<IpsecEndpoint, Instant, CommandResult> command) => runtime.CommandAsync(command);
}
