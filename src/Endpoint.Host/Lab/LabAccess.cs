using Ipsec.Azure.Instances;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Ike;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Run;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Lab;

/// <summary>One instance of a node of a lab.</summary>
sealed class LabNodeAccess(ILabNode node, LabInbox inbox) : IEndpointAccess
{
    public bool Concerns(TimedEvent occurred) => occurred.Node == node.Definition.Name && occurred.Instance == node.Definition.Instance;

    public Task<EndpointStatus> GetStatusAsync() => inbox.InvokeAsync(() => node.Status);

    public Task<CommandResult> CommandAsync(Func<IpsecEndpoint, Instant, CommandResult> command) =>
        inbox.InvokeAsync<CommandResult>(completed => node.Command(command, completed));
}

/// <summary>One node of a lab with all of its instances.</summary>
sealed class LabAccess(string name, LabRun run, LabInbox inbox) : IGatewayAccess
{
    public string Name => name;

    public IReadOnlyList<IpAddress> Addresses => [.. run.NodesOf(name).Select(node => node.Definition.OuterAddress)];

    public Task<CommandResult> FailAsync(FailoverKind kind, int? instance) => inbox.InvokeAsync(() => run.Fail(name, kind, instance));

    public Task<CommandResult> ResetAsync(int? instance) => FailAsync(FailoverKind.Planned, instance);

    public Task<CommandResult> MaintainAsync() => inbox.InvokeAsync(() => run.Maintain(name));

    public async Task<CommandResult> ResetConnectionAsync(string connection, int? instance)
    {
        ILabNode[] nodes = [.. run.NodesOf(name).Where(node => instance is null || node.Definition.Instance == instance)];
        if (!nodes.Any(node => ConnectionReset.TunnelsOf(node.Definition.Endpoint, connection).Any()))
            return CommandResult.Refused($"There is no connection '{connection}' on {name}.");
        ILabNode[] running = await inbox.InvokeAsync<ILabNode[]>(() => [.. nodes.Where(node => !node.IsOff)]);
        CommandResult[] results = await Task.WhenAll(running.Select(node => inbox.InvokeAsync<CommandResult>(completed =>
            node.Command((endpoint, now) => ConnectionReset.Run(endpoint, node.Definition.Endpoint, connection, now), completed))));
        return running.Length == 0
            ? CommandResult.Refused("No machine serves it: a failover is under way.")
            : results.FirstOrDefault(result => !result.IsAccepted);
    }

    public Task<bool> IsSettledAsync() => inbox.InvokeAsync(() => run.IsSettled(name));

    public Task<bool> IsUpAsync(string connection) => inbox.InvokeAsync(() =>
        run.NodesOf(name).Where(node => !node.IsOff).All(node => HostAccess.IsUp(node.Status, node.Definition.Endpoint, connection)));
}
