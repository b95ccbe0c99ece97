using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Hosting;
using Ipsec.EndpointHost.Inner;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Ike.Outputs;
using Ipsec.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Tests.Kit;

/// <summary>A node of a <see cref="LoopbackPair"/> in this process, as <c>run --inner virtual</c> starts it.</summary>
sealed class RunningNode : IAsyncDisposable
{
    /// <summary>Far more than loopback needs, so that only a real fault runs into it, also where a machine does many other things.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly WebApplication _application;
    bool _isStopped;

    RunningNode(WebApplication application, LineCollector log, string controlPath)
    {
        (_application, Log, ControlPath) = (application, log, controlPath);
        Client = new ControlClient(controlPath);
    }

    public LineCollector Log { get; }
    public string ControlPath { get; }
    public ControlClient Client { get; }
    public NodeService Service => _application.Services.GetRequiredService<NodeService>();

    public static RunOptions Options(LoopbackPair pair, string node) =>
        new(pair.TopologyFile, node, ControlPath: pair.ControlPath(node), Inner: InnerKind.Virtual);

    public static async Task<RunningNode> StartAsync(RunOptions options)
    {
        var log = new LineCollector();
        WebApplication application = NodeApplication.Build(options, logging => logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug));
        try
        {
            await application.StartAsync();
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
        return new RunningNode(application, log, options.ControlPath!);
    }

    public Task<StatusDocument> StatusAsync() => Client.GetStatusAsync(TestContext.Current.CancellationToken);

    public async Task<TunnelDocument> TunnelAsync() => Assert.Single((await StatusAsync()).Tunnels);

    public Task<CommandResponse> CommandAsync(string verb, string? connection = LoopbackPair.Connection, string? what = null, string? target = null) =>
        Client.CommandAsync(verb, new CommandRequest(connection, null, what, target, Patience.TotalSeconds), TestContext.Current.CancellationToken);

    /// <summary>Pings from a virtual host behind this node through whatever tunnel there is.</summary>
    /// <param name="timeout">Null is as long as a loaded machine may take: for a ping that cannot be lost.</param>
    public async Task<TimeSpan?> PingAsync(string host, string destination, int size = 56, TimeSpan? timeout = null)
    {
        var inner = (VirtualInnerSide)Service.Host.Seats[0].Runtime!.Inner;
        (bool known, TimeSpan? time) = await inner.PingAsync(host, IpAddress.Parse(destination), size, timeout ?? Patience);
        Assert.True(known);
        return time;
    }

    /// <summary>The first event of one kind from now on; begin to wait before causing it.</summary>
    public async Task<T> NextAsync<T>() where T : IkeEvent
    {
        using EventHub.Subscription subscription = Service.Events.Watch();
        using var limit = new CancellationTokenSource(Patience);
        await foreach (TimedEvent timed in subscription.Events.ReadAllAsync(limit.Token))
        {
            if (timed.Event is T wanted)
                return wanted;
        }
        throw new InvalidOperationException($"The node stopped before {typeof(T).Name}.");
    }

    public async Task StopAsync()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        await _application.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await StopAsync();
        await _application.DisposeAsync();
    }
}
