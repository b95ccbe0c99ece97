using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Hosting;
using Ipsec.EndpointHost.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Ipsec.EndpointHost.Control;

/// <summary>The control API of a running host, version 1 (D11); docs/control-api.md is its contract.</summary>
static class ControlApi
{
    public static string ProductVersion { get; } =
        typeof(ControlApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public static void Map(IEndpointRouteBuilder routes, NodeService node)
    {
        RouteGroupBuilder version1 = routes.MapGroup("/v1");
        version1.MapGet("/status", async context => await WriteStatusAsync(context, node));
        version1.MapPost("/initiate", async context => await CommandAsync(context, node, ControlCommand.Initiate));
        version1.MapPost("/rekey", async context => await CommandAsync(context, node, ControlCommand.Rekey));
        version1.MapPost("/terminate", async context => await CommandAsync(context, node, ControlCommand.Terminate));
        version1.MapPost("/redirect", async context => await CommandAsync(context, node, ControlCommand.Redirect));
        version1.MapPost("/reload", async context => await ReloadAsync(context, node));
        version1.MapGet("/watch", async context => await WatchAsync(context, node));
    }

    public static async Task<StatusDocument> BuildStatusAsync(NodeService node)
    {
        NodeRuntime runtime = node.Runtime;
        EndpointStatus status = await runtime.GetStatusAsync();
        Configuration.NodeSetup setup = runtime.Setup;
        return new StatusDocument(ProductVersion, setup.Topology, setup.Node.Name, setup.Node.Instance, Environment.ProcessId, runtime.IsReady,
            node.StartedAt, Math.Round(node.Uptime.TotalSeconds, 3), [.. setup.Endpoint.LocalAddresses.Select(address => address.ToString())],
            setup.Endpoint.IkePort, setup.Endpoint.NatTraversalPort,
            new InnerDocument(runtime.Inner.Kind, runtime.Inner.InterfaceName, [.. runtime.Routes.Select(route => route.ToString())]),
            [.. status.Tunnels.Select(DocumentMapping.ToDocument)], status.Counters.AddRange(runtime.HostCounters));
    }

    static async Task WriteStatusAsync(HttpContext context, NodeService node) =>
        await context.Response.WriteAsJsonAsync(await BuildStatusAsync(node), ControlJson.Default.StatusDocument);

    static async Task CommandAsync(HttpContext context, NodeService node, ControlCommand command)
    {
        CommandRequest? request;
        try
        {
            request = await context.Request.ReadFromJsonAsync(ControlJson.Default.CommandRequest, context.RequestAborted);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or BadHttpRequestException)
        {
            await AnswerAsync(context, StatusCodes.Status400BadRequest, new CommandResponse(false, "The request's body is not the JSON document of this command.", []));
            return;
        }
        (int code, CommandResponse response) = await CommandRunner.RunAsync(node.Runtime, command, request ?? new CommandRequest(null), context.RequestAborted);
        await AnswerAsync(context, code, response);
    }

    static async Task ReloadAsync(HttpContext context, NodeService node)
    {
        UserErrorException? error = await node.TryReloadAsync();
        if (error is null)
            await AnswerAsync(context, StatusCodes.Status200OK, new CommandResponse(true, "Reloaded.", []));
        else
            await AnswerAsync(context, StatusCodes.Status422UnprocessableEntity, new CommandResponse(false, string.Join('\n', error.Sentences), []));
    }

    /// <summary>One JSON document per line until the client goes or the host stops.</summary>
    static async Task WatchAsync(HttpContext context, NodeService node)
    {
        context.Response.ContentType = "application/x-ndjson";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using EventHub.Subscription subscription = node.Runtime.Events.Watch();
        try
        {
            await WriteLineAsync(context, new EventDocument(node.StartedAt + node.Uptime, "watching", "Watching events from now on."));
            await foreach (TimedEvent timed in subscription.Events.ReadAllAsync(context.RequestAborted))
                await WriteLineAsync(context, DocumentMapping.ToDocument(timed));
        }
        catch (OperationCanceledException)
        {
            // The client has gone: nobody is left to be told.
        }
    }

    static async Task WriteLineAsync(HttpContext context, EventDocument document)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(document, EventJson.Default.EventDocument), (byte)'\n'];
        await context.Response.Body.WriteAsync(line, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    static async Task AnswerAsync(HttpContext context, int code, CommandResponse response)
    {
        context.Response.StatusCode = code;
        await context.Response.WriteAsJsonAsync(response, ControlJson.Default.CommandResponse);
    }
}
