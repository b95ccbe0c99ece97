using System.Collections.Immutable;
using System.Net.Sockets;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Netns;
using Ipsec.EndpointHost.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>Puts one node under the generic host: its service, logs, metrics and the control API on a Unix socket.</summary>
static class NodeApplication
{
    /// <summary>DELETEs wait for answers 3 s by default; the rest is quick.</summary>
    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(12);

    /// <param name="scope">The network namespace of the node; null is that of this process.</param>
    /// <exception cref="UserErrorException">The file is at fault.</exception>
    public static WebApplication Build(RunOptions options, Action<ILoggingBuilder>? configureLogging = null, NamespaceScope? scope = null)
    {
        ImmutableArray<NodeSetup> setups = NodeFile.Load(options);
        string controlPath = options.ControlPath ?? ControlPaths.Default(setups[0].Topology, setups[0].Node.Name, setups[0].Node.Instance);

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "ipsec-endpoint" });
        ConfigureLogging(builder.Logging, options);
        configureLogging?.Invoke(builder.Logging);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        builder.Services.AddRoutingCore();
        builder.Services.AddMetrics();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<EventHub>();
        builder.Services.AddSingleton<EndpointMetrics>();
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<NodeService>(services, options, setups, controlPath, scope ?? NamespaceScope.Here));
        builder.Services.AddHostedService(services => services.GetRequiredService<NodeService>());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenUnixSocket(controlPath);
        });

        WebApplication application = builder.Build();
        ControlApi.Map(application, () => application.Services.GetRequiredService<NodeService>().Control);
        return application;
    }

    /// <summary>Starts the node, runs until a signal or cancellation, and takes everything down again.</summary>
    public static async Task RunAsync(RunOptions options, CancellationToken cancellation)
    {
        using var reload = new ReloadSignal();
        // The control socket and the key log are for their owner alone, from the moment they exist.
        LibC.SetFileModeMask(0x3F);
        await using WebApplication application = Build(options);
        try
        {
            await application.StartAsync(cancellation);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new UserErrorException($"The control socket cannot be made: {exception.Message.TrimEnd('.')}; name another path with --control.");
        }
        reload.Serve(application.Services.GetRequiredService<NodeService>());
        await application.WaitForShutdownAsync(cancellation);
    }

    static void ConfigureLogging(ILoggingBuilder logging, RunOptions options)
    {
        logging.AddConsole(console => console.FormatterName = options.LogJson ? ConsoleFormatterNames.Json : PlainConsoleFormatter.FormatterName);
        logging.AddConsoleFormatter<PlainConsoleFormatter, ConsoleFormatterOptions>();
        logging.Services.Configure<JsonConsoleFormatterOptions>(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
        });
        logging.SetMinimumLevel(options.LogLevel);
        logging.AddFilter("Microsoft", options.LogLevel > LogLevel.Warning ? options.LogLevel : LogLevel.Warning);
        // A failed start is told once, as a sentence on standard error.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    }
}
