using System.Text.Json.Serialization.Metadata;
using Ipsec.Azure.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Ipsec.EndpointHost.Control;

/// <summary>The state of gateways and connections in Azure's shape, below /v1/azure.</summary>
static class AzureApi
{
    public static void Map(RouteGroupBuilder version1, Func<IControlTarget> target)
    {
        version1.MapGet("/azure", async context =>
            await WriteAsync(context, new AzureDocument([.. await target().DiagnoseAsync()]), "gateway here"));
        version1.MapGet("/azure/virtualNetworkGateways/{name}", async context =>
            await WriteAsync(context, (await target().DiagnoseAsync()).FirstOrDefault(gateway => gateway.VirtualNetworkGateway == NameIn(context)), "gateway"));
        version1.MapGet("/azure/connections/{name}", async context =>
            await WriteAsync(context, (await target().DiagnoseAsync()).SelectMany(gateway => gateway.Connections)
                .FirstOrDefault(connection => connection.Name == NameIn(context)), "connection"));
    }

    static string? NameIn(HttpContext context) => context.Request.RouteValues["name"]?.ToString();

    static async Task WriteAsync<T>(HttpContext context, T? document, string what) where T : class
    {
        if (document is null)
            await ControlApi.AnswerAsync(context, StatusCodes.Status404NotFound, new CommandResponse(false, $"There is no {what} '{NameIn(context)}' here.", []));
        else
            await context.Response.WriteAsJsonAsync(document, (JsonTypeInfo<T>)AzureJson.Line.GetTypeInfo(typeof(T))!);
    }
}
