using System.Reflection;
using System.Text.Json;
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

    /// <param name="target">Asked with every request.</param>
    public static void Map(IEndpointRouteBuilder routes, Func<IControlTarget> target)
    {
        RouteGroupBuilder version1 = routes.MapGroup("/v1");
        version1.MapGet("/status", async context => await WriteStatusAsync(context, target()));
        foreach (ControlCommand command in Enum.GetValues<ControlCommand>())
        {
            string path = $"/{JsonNamingPolicy.KebabCaseLower.ConvertName(command.ToString())}";
            version1.MapPost(path, async context => await CommandAsync(context, target(), command));
        }
        version1.MapGet("/watch", async context => await WatchAsync(context, target()));
        AzureApi.Map(version1, target);
    }

    static async Task WriteStatusAsync(HttpContext context, IControlTarget target)
    {
        (StatusDocument? document, string? fault) = await target.GetStatusAsync(context.Request.Query["node"].FirstOrDefault());
        if (document is null)
            await AnswerAsync(context, StatusCodes.Status404NotFound, new CommandResponse(false, fault!, []));
        else
            await context.Response.WriteAsJsonAsync(document, ControlJson.Default.StatusDocument);
    }

    static async Task CommandAsync(HttpContext context, IControlTarget target, ControlCommand command)
    {
        CommandRequest? request = null;
        try
        {
            // A reload needs no body, nor does any command whose members have defaults.
            if (context.Request.ContentLength is not (null or 0) || context.Request.HasJsonContentType())
                request = await context.Request.ReadFromJsonAsync(ControlJson.Default.CommandRequest, context.RequestAborted);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or BadHttpRequestException)
        {
            var refusal = new CommandResponse(false, "The request's body is not the JSON document of this command.", []);
            await AnswerAsync(context, StatusCodes.Status400BadRequest, refusal);
            return;
        }
        (int code, CommandResponse response) = await target.RunAsync(command, request ?? new CommandRequest(null), context.RequestAborted);
        await AnswerAsync(context, code, response);
    }

    /// <summary>One JSON document per line until the client goes or the host stops.</summary>
    static async Task WatchAsync(HttpContext context, IControlTarget target)
    {
        context.Response.ContentType = "application/x-ndjson";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using EventHub.Subscription subscription = target.Events.Watch();
        try
        {
            await WriteLineAsync(context, new EventDocument(target.Now, "watching", "Watching events from now on."));
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

    public static async Task AnswerAsync(HttpContext context, int code, CommandResponse response)
    {
        context.Response.StatusCode = code;
        await context.Response.WriteAsJsonAsync(response, ControlJson.Default.CommandResponse);
    }
}
