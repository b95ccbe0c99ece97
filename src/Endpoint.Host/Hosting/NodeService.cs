using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Engine;
using Ipsec.EndpointHost.Inner;
using Ipsec.EndpointHost.Netns;
using Ipsec.EndpointHost.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>
/// A node in the life of the generic host: everything is claimed before the control socket opens, negotiation begins once that
/// is open, and the DELETEs go out while it still is.
/// </summary>
sealed class NodeService(RunOptions options, NodeSetup setup, string controlPath, NamespaceScope scope, EventHub events, EndpointMetrics metrics,
    TimeProvider time, ILogger<NodeService> logger) : IHostedLifecycleService, IDisposable
{
    NodeRuntime? _runtime;

    /// <summary>The running node. Only after start.</summary>
    public NodeRuntime Runtime => _runtime ?? throw new InvalidOperationException("The node is not started.");

    public DateTimeOffset StartedAt { get; private set; }

    public TimeSpan Uptime => time.GetUtcNow() - StartedAt;

    public Task StartingAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellation)
    {
        StartedAt = time.GetUtcNow();
        _runtime = NodeRuntime.Open(options, setup, new NodeServices(new HostClock(time), events, metrics, logger) { Scope = scope });
        // Behind the claim of the UDP ports: whoever holds those may put aside what a predecessor on them left behind.
        ControlPaths.Prepare(controlPath);
        metrics.Observe(ReadCounters);
        return Task.CompletedTask;
    }

    public async Task StartedAsync(CancellationToken cancellation)
    {
        if (options.KeyLogDirectory is not null)
            logger.KeyLogOn(options.KeyLogDirectory);
        if (Runtime.Inner is TunInnerSide)
            ForwardingCheck.Report(Runtime.Setup.Endpoint, scope, logger);
        await Runtime.StartAsync();
        WarnOf(setup);
        logger.Ready(setup.Node.Name, setup.Topology, string.Join(", ", setup.Endpoint.LocalAddresses), setup.Endpoint.IkePort,
            setup.Endpoint.NatTraversalPort, Runtime.Inner.InterfaceName ?? Runtime.Inner.Kind, controlPath);
    }

    public async Task StoppingAsync(CancellationToken cancellation)
    {
        logger.Stopping();
        await Runtime.ShutdownAsync();
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
            await Runtime.ReloadAsync();
            logger.Reloaded(options.File);
            WarnOf(Runtime.Setup);
            return null;
        }
        catch (UserErrorException error)
        {
            foreach (string sentence in error.Sentences)
                logger.ReloadRefused(sentence);
            return error;
        }
    }

    public void Dispose()
    {
        _runtime?.Dispose();
        _runtime = null;
    }

    Dictionary<string, ulong> ReadCounters()
    {
        if (_runtime is not NodeRuntime runtime)
            return [];
        try
        {
            var counters = new Dictionary<string, ulong>(runtime.GetStatusAsync().GetAwaiter().GetResult().Counters);
            foreach ((string name, ulong value) in runtime.HostCounters)
                counters[name] = value;
            return counters;
        }
        catch (OperationCanceledException)
        {
            // The node ended while it was asked.
            return [];
        }
    }

    void WarnOf(NodeSetup setup)
    {
        foreach (string warning in setup.Warnings)
            logger.ConfigurationWarning(warning);
        foreach (string warning in CertificateDates.Warnings(setup.Endpoint, time.GetUtcNow()))
            logger.ConfigurationWarning(warning);
    }
}
