using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Azure.Instances;
using Ipsec.Azure.Resources;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Ike;
using Ipsec.Lab.Topology;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>
/// The instances of one node that run in this process: a device has one, an Azure gateway one or two. Where it has all of a gateway's, it also is the
/// gateway's two machines, which fail over and reboot by the clock of the host (reference §4.10, §5).
/// </summary>
sealed class NodeHost : IDisposable
{
    readonly GatewayHost? _gateway;
    readonly NodeServices _services;
    readonly Lock _logLock = new();

    /// <param name="setups">By instance; all of one node, and at least one.</param>
    /// <param name="events">Gets the events of all of them.</param>
    public NodeHost(ImmutableArray<NodeSetup> setups, INodeFactory factory, NodeServices services, TimeProvider time)
    {
        _services = services;
        Seats = [.. setups.Select(setup => new NodeSeat(setup, factory, services, _logLock))];
        if (Gateway is VirtualNetworkGateway gateway && gateway.IpConfigurations.Length == setups.Length)
            _gateway = new GatewayHost(Seats, setups[0].Azure.Emulation.Failover, services, time);
    }

    /// <summary>By instance.</summary>
    public ImmutableArray<NodeSeat> Seats { get; }

    public string Name => Seats[0].Setup.Node.Name;
    public string Topology => Seats[0].Setup.Topology;

    /// <summary>Everything that runs here negotiates.</summary>
    public bool IsReady => Seats.All(seat => seat.IsReady);

    /// <summary>No failover is under way, and everything that runs here negotiates.</summary>
    public bool IsSettled => _gateway?.IsSettled != false && IsReady;

    /// <summary>The resource that this node is; null for a device.</summary>
    VirtualNetworkGateway? Gateway => Seats[0].Setup.Node.Kind == NodeKind.AzureGateway ? Seats[0].Setup.Azure.FindGateway(Name) : null;

    /// <summary>Claims everything or nothing; no negotiation yet.</summary>
    /// <exception cref="UserErrorException">Something cannot be had.</exception>
    public void Open()
    {
        try
        {
            foreach (NodeSeat seat in Seats)
                seat.Open();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Starts the connections whose start action says so.</summary>
    public Task StartAsync() => Task.WhenAll(Seats.Select(seat => seat.StartAsync()));

    /// <summary>Deletes every SA and waits for the peers' answers, within the endpoints' own bound.</summary>
    public Task ShutdownAsync()
    {
        _gateway?.Dispose();
        return Task.WhenAll(Seats.Select(seat => seat.ShutdownAsync()));
    }

    public void Dispose()
    {
        _gateway?.Dispose();
        foreach (NodeSeat seat in Seats)
            seat.Close();
    }

    /// <summary>Gateway reset (reference §4.10): the machine behind an instance reboots, without one the active machine, or the first of two.</summary>
    public CommandResult Reset(int? instance) => WithGateway("reset", gateway => gateway.Fail(FailoverKind.Planned, instance));

    /// <summary>The machine behind an instance goes away, as planned or at once.</summary>
    public CommandResult Fail(FailoverKind kind, int? instance) => WithGateway("failover", gateway => gateway.Fail(kind, instance));

    /// <summary>Both machines reboot, one after the other.</summary>
    public CommandResult Maintain() => WithGateway("maintenance", gateway =>
    {
        CommandResult result = gateway.Maintain();
        lock (_logLock)
        {
            if (result.IsAccepted)
                Seats[0].Diagnostics.Maintained(Seats[0].MachineName, _services.Clock.Now);
        }
        return result;
    });

    /// <summary>
    /// Tears down one connection on every instance and restores it (reference §4.10). Of a connection between virtual networks these are all of its tunnels.
    /// </summary>
    /// <param name="instance">Null is every one.</param>
    public async Task<CommandResult> ResetConnectionAsync(string connection, int? instance)
    {
        NodeSeat[] seats = [.. Seats.Where(seat => instance is null || seat.Instance == instance)];
        if (!seats.Any(seat => ConnectionReset.TunnelsOf(seat.Setup.Endpoint, connection).Any()))
            return CommandResult.Refused($"There is no connection '{connection}' on {Name}{(instance is null ? "" : $" instance {instance}")}.");
        NodeRuntime[] runtimes = [.. seats.Select(seat => seat.Runtime).OfType<NodeRuntime>()];
        if (runtimes.Length == 0)
            return CommandResult.Refused("No machine serves it: a failover is under way.");
        CommandResult[] results = await Task.WhenAll(runtimes.Select(runtime => ResetAsync(runtime, runtime.Setup.Endpoint, connection)));
        return results.FirstOrDefault(result => !result.IsAccepted);
    }

    /// <summary>
    /// Takes over another configuration of the same instances. Tunnels that did not change keep their SAs; those of a gateway whose key changed are reset at
    /// once.
    /// </summary>
    /// <param name="setups">By instance; their keys belong to this host from now on, also if it refuses them.</param>
    /// <exception cref="UserErrorException">It changes what needs a restart. Nothing has changed, on no instance.</exception>
    public async Task ReloadAsync(ImmutableArray<NodeSetup> setups)
    {
        if (FindReloadFault(setups) is string fault)
        {
            foreach (NodeSetup setup in setups)
                NodeFile.DisposeKeys(setup.Endpoint);
            throw new UserErrorException(fault);
        }
        await Task.WhenAll(Seats.Zip(setups, ReloadAsync));
    }

    /// <summary>Why a running host cannot take over these; null where it can.</summary>
    public string? FindReloadFault(ImmutableArray<NodeSetup> setups)
    {
        if (!Seats.Select(seat => seat.Instance).SequenceEqual(setups.Select(setup => setup.Node.Instance)))
            return $"The number of instances of {Name} cannot change while it runs; restart it.";
        return Seats.Zip(setups, (seat, setup) => IpsecEndpoint.FindReloadFault(seat.Setup.Endpoint, setup.Endpoint))
            .FirstOrDefault(fault => fault is not null);
    }

    /// <summary>What Azure would say about this gateway and its connections; null for a device.</summary>
    public async Task<GatewayDiagnosis?> DiagnoseAsync()
    {
        if (Gateway is not VirtualNetworkGateway gateway)
            return null;
        EndpointStatus[] statuses = await Task.WhenAll(Seats.Select(seat => seat.GetStatusAsync()));
        lock (_logLock)
        {
            return GatewayDiagnosis.Of(Seats[0].Setup.Azure, gateway,
                [.. Seats.Zip(statuses, (seat, status) => new InstanceObservation(seat.Instance, seat.IsReady, status, seat.Diagnostics))]);
        }
    }

    async Task ReloadAsync(NodeSeat seat, NodeSetup setup)
    {
        ImmutableArray<string> renewed = Gateway is null ? [] : SharedKeyChange.Between(seat.Setup.Endpoint, setup.Endpoint);
        await seat.ReloadAsync(setup);
        if (seat.Runtime is not NodeRuntime runtime)
            return;
        foreach (string tunnel in renewed)
            await ResetAsync(runtime, setup.Endpoint, tunnel);
    }

    static async Task<CommandResult> ResetAsync(NodeRuntime runtime, EndpointConfiguration configuration, string connection)
    {
        try
        {
            return await runtime.CommandAsync((endpoint, now) => ConnectionReset.Run(endpoint, configuration, connection, now));
        }
        catch (OperationCanceledException)
        {
            // It went away meanwhile, and its SAs with it.
            return CommandResult.Success;
        }
    }

    CommandResult WithGateway(string command, Func<GatewayHost, CommandResult> work)
    {
        if (Gateway is null)
            return CommandResult.Refused($"{Name} is a device: a {command} is for Azure gateways.");
        return _gateway is null
            ? CommandResult.Refused(
                $"This process runs instance {Seats[0].Instance} of {Name} only; a {command} needs both, which 'run --instance all' starts.")
            : work(_gateway);
    }
}
