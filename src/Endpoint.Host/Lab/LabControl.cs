using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Ike;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Run;
using Ipsec.Lab.Topology;
using Microsoft.AspNetCore.Http;

namespace Ipsec.EndpointHost.Lab;

/// <summary>The control API of a lab that runs at the pace of a clock, on any fabric. Every request is done within the lab's turn.</summary>
/// <param name="file">Read again by a reload.</param>
sealed class LabControl(LabRun run, LabInbox inbox, string file, TimeProvider time) : IControlTarget
{
    readonly DateTimeOffset _startedAt = time.GetUtcNow();

    public EventHub Events { get; } = new();

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Hands an event of the lab to those who watch. Within the lab's turn.</summary>
    public void Tell(LabEvent occurred)
    {
        if (occurred is NodeEvent happened && run.Model.Nodes.FirstOrDefault(node => run.Model.LabelOf(node) == happened.Node) is NodeDefinition node)
            Events.Publish(new TimedEvent(Now, happened.Event, node.Instance, node.Name));
    }

    public async Task<(StatusDocument? Document, string? Fault)> GetStatusAsync(string? node) => FindNode(node, null) is not string name
        ? (null, NodeFault(node))
        : (await inbox.InvokeAsync(() => Describe(name)), null);

    public async Task<IReadOnlyList<GatewayDiagnosis>> DiagnoseAsync() => await inbox.InvokeAsync(() => run.CreateReport().Gateways);

    public async Task<(int StatusCode, CommandResponse Response)> RunAsync(ControlCommand command, CommandRequest request, CancellationToken cancellation)
    {
        if (!(request.WaitSeconds >= 0 && request.WaitSeconds <= CommandRequest.MaximumWaitSeconds))
            return (StatusCodes.Status400BadRequest, new CommandResponse(false, $"waitSeconds is 0 to {CommandRequest.MaximumWaitSeconds}.", []));
        try
        {
            if (command == ControlCommand.Reload)
                return CommandResponse.OfReload(await ReloadAsync());
            if (FindNode(request.Node, request.Connection) is not string name)
                return (StatusCodes.Status400BadRequest, new CommandResponse(false, NodeFault(request.Node), []));
            return command is ControlCommand.Reset or ControlCommand.Failover or ControlCommand.Maintenance or ControlCommand.ResetConnection
                ? await GatewayCommands.RunAsync(new LabAccess(name, run, inbox), command, request, cancellation)
                : await RunOnEndpointsAsync(name, command, request, cancellation);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (StatusCodes.Status503ServiceUnavailable, new CommandResponse(false, "The lab is over.", []));
        }
    }

    async Task<(int, CommandResponse)> RunOnEndpointsAsync(string name, ControlCommand command, CommandRequest request, CancellationToken cancellation)
    {
        ILabNode[] nodes = [.. run.NodesOf(name).Where(node => request.Instance is null || request.Instance == node.Definition.Instance)];
        if (nodes.Length == 0)
            return (StatusCodes.Status400BadRequest, new CommandResponse(false, $"There is no instance {request.Instance} of {name}.", []));
        IEndpointAccess[] running = await inbox.InvokeAsync<IEndpointAccess[]>(() =>
            [.. nodes.Where(node => !node.IsOff).Select(node => new LabNodeAccess(node, inbox))]);
        return await CommandRunner.RunAsync(nodes.Select(node => node.Definition.Endpoint), running, Events, command, request, cancellation);
    }

    async Task<UserErrorException?> ReloadAsync()
    {
        TopologyModel next;
        try
        {
            next = NodeFile.LoadTopology(file);
        }
        catch (UserErrorException error)
        {
            return error;
        }
        TopologyModel before = run.Model;
        // Which program plays a node may have been said on the command line.
        next = next with
        {
            Nodes = [.. next.Nodes.Select(node => node with { Program = before.Nodes.FirstOrDefault(one => one.Name == node.Name)?.Program ?? node.Program })],
        };
        CommandResult result = await inbox.InvokeAsync(() => run.Reload(next));
        foreach (NodeDefinition node in (result.IsAccepted ? before : next).Nodes)
            NodeFile.DisposeKeys(node.Endpoint);
        return result.IsAccepted ? null : new UserErrorException($"{file}: {result.Error}");
    }

    /// <summary>The node that is named, or the only one it can be: the gateway that has the connection, the only gateway, the only node.</summary>
    string? FindNode(string? name, string? connection)
    {
        ImmutableArray<NodeDefinition> nodes = run.Model.Nodes;
        string[] all = [.. nodes.Select(node => node.Name).Distinct()];
        if (name is not null)
            return all.Contains(name) ? name : null;
        string[] gateways = [.. nodes.Where(node => node.Kind == NodeKind.AzureGateway).Select(node => node.Name).Distinct()];
        string? owner = connection is null ? null : run.Model.Azure.FindConnection(connection)?.VirtualNetworkGateway1;
        return owner ?? (gateways is [string only] ? only : all is [string single] ? single : null);
    }

    string NodeFault(string? name)
    {
        string all = string.Join(", ", run.Model.Nodes.Select(node => node.Name).Distinct());
        return name is null ? $"Name the node with --node; this lab has {all}." : $"This lab has no node '{name}'; it has {all}.";
    }

    StatusDocument Describe(string name)
    {
        ImmutableArray<ILabNode> nodes = run.NodesOf(name);
        EndpointConfiguration first = nodes[0].Definition.Endpoint;
        (ILabNode Node, EndpointStatus Status)[] instances = [.. nodes.Select(node => (node, node.Status))];
        ImmutableArray<InstanceDocument> documents = [.. instances.Select(one => new InstanceDocument(one.Node.Definition.Instance,
            one.Node.Definition.Kind == NodeKind.AzureGateway ? one.Node.Machine : null, !one.Node.IsOff,
            [one.Node.OuterAddress.ToString(), .. one.Node.Definition.AdditionalAddresses.Select(address => address.ToString())],
            one.Node.IsOff ? null : Inner(one.Node)))];
        return new StatusDocument(ControlApi.ProductVersion, run.Model.Name, name, 0, Environment.ProcessId, nodes.All(node => !node.IsOff), _startedAt,
            Math.Round((Now - _startedAt).TotalSeconds, 3), [.. documents.SelectMany(one => one.LocalAddresses)], first.IkePort, first.NatTraversalPort,
            documents.FirstOrDefault(one => one.Inner is not null)?.Inner ?? InnerDocument.None, documents,
            [.. instances.SelectMany(one => one.Status.Tunnels.Select(tunnel => Describe(one.Node, tunnel)))],
            StatusDocuments.Sum(instances.SelectMany(one => one.Status.Counters)));
    }

    /// <summary>With what the machines before this one have carried.</summary>
    static TunnelDocument Describe(ILabNode node, TunnelStatus tunnel) =>
        DocumentMapping.ToDocument(tunnel with { Traffic = node.Diagnostics.TrafficOf(tunnel) }, node.Definition.Instance);

    static InnerDocument Inner(ILabNode node) => new("lab", null,
        [.. node.Definition.Endpoint.Tunnels.SelectMany(tunnel => tunnel.Routes).Select(route => route.Prefix.ToString()).Distinct()]);
}
