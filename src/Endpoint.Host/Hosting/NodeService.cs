using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Engine;
using Ipsec.EndpointHost.Inner;
using Ipsec.EndpointHost.Netns;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Lab.Topology;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>
/// A node in the life of the generic host: everything is claimed before the control socket opens, negotiation begins once that
/// is open, and the DELETEs go out while it still is.
/// </summary>
sealed class NodeService(RunOptions options, ImmutableArray<NodeSetup> setups, string controlPath, NamespaceScope scope, EventHub events,
    EndpointMetrics metrics, TimeProvider time, ILogger<NodeService> logger) : IHostedLifecycleService, IDisposable
{
    NodeHost? _host;
    LocalNodeFactory? _factory;
    AzureLogFolder? _azureLogs;

    /// <summary>The running node. Only after start.</summary>
    public NodeHost Host => _host ?? throw new InvalidOperationException("The node is not started.");

    /// <summary>What the control socket speaks for. Only after start.</summary>
    public IControlTarget Control => new NodeControl(Host, events, time, StartedAt, TryReloadAsync);

    public EventHub Events => events;

    public DateTimeOffset StartedAt { get; private set; }

    public Task StartingAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellation)
    {
        StartedAt = time.GetUtcNow();
        var services = new NodeServices(new HostClock(time), events.Publish, metrics, logger) { Scope = scope };
        _factory = new LocalNodeFactory(options, setups.Length > 1);
        var host = new NodeHost(setups, _factory, services, time);
        if (options.AzureLogDirectory is string logs)
        {
            if (setups[0].Node.Kind != NodeKind.AzureGateway)
                throw new UserErrorException($"--azure-logs is for Azure gateways, and {setups[0].Node.Name} is a device.");
            _azureLogs = AzureLogFolder.Open(logs);
            foreach (NodeSeat seat in host.Seats)
                seat.Diagnostics.Written += _azureLogs.Write;
        }
        host.Open();
        _host = host;
        // Behind the claim of the UDP ports: whoever holds those may put aside what a predecessor on them left behind.
        ControlPaths.Prepare(controlPath);
        metrics.Observe(ReadCounters);
        return Task.CompletedTask;
    }

    public async Task StartedAsync(CancellationToken cancellation)
    {
        if (options.KeyLogDirectory is not null)
            logger.KeyLogOn(options.KeyLogDirectory);
        if (options.Inner == InnerKind.Tun)
            ForwardingCheck.Report(setups[0].Endpoint, scope, logger);
        await Host.StartAsync();
        WarnOf(setups);
        foreach (NodeSeat seat in Host.Seats)
        {
            EndpointConfiguration endpoint = seat.Setup.Endpoint;
            logger.Ready(seat.Label, Host.Topology, string.Join(", ", endpoint.LocalAddresses), endpoint.IkePort, endpoint.NatTraversalPort,
                seat.Runtime?.Inner.InterfaceName ?? options.Inner.ToString().ToLowerInvariant(), controlPath);
            if (seat.Runtime is NodeRuntime runtime)
                logger.PacketsMove(seat.Label, runtime.PacketDescription);
        }
    }

    public async Task StoppingAsync(CancellationToken cancellation)
    {
        logger.Stopping();
        await Host.ShutdownAsync();
        events.Complete();
    }

    public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellation)
    {
        Dispose();
        logger.Stopped();
        return Task.CompletedTask;
    }

    /// <summary>Reads the file again. Null, or why nothing changed.</summary>
    public async Task<UserErrorException?> TryReloadAsync()
    {
        try
        {
            ImmutableArray<NodeSetup> next = NodeFile.Load(options);
            await ReloadAsync(next);
            logger.Reloaded(options.File);
            WarnOf(next);
            return null;
        }
        catch (UserErrorException error)
        {
            foreach (string sentence in error.Sentences)
                logger.ReloadRefused(sentence);
            return error;
        }
    }

    async Task ReloadAsync(ImmutableArray<NodeSetup> next)
    {
        try
        {
            await Host.ReloadAsync(next);
        }
        catch (UserErrorException refusal)
        {
            throw new UserErrorException(refusal.Sentences.Select(sentence => $"{options.File}: {sentence}"));
        }
    }

    public void Dispose()
    {
        _host?.Dispose();
        _host = null;
        _factory?.Dispose();
        _azureLogs?.Dispose();
        events.Complete();
    }

    Dictionary<string, ulong> ReadCounters() =>
        _host is NodeHost host ? new(StatusDocuments.CountersAsync(host).GetAwaiter().GetResult()) : [];

    void WarnOf(ImmutableArray<NodeSetup> setups)
    {
        IEnumerable<string> dates = setups.SelectMany(setup => CertificateDates.Warnings(setup.Endpoint, time.GetUtcNow())).Distinct();
        foreach (string warning in setups[0].Warnings.Concat(dates))
            logger.ConfigurationWarning(warning);
    }
}
