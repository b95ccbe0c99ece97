using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Ipsec.Azure.Diagnostics;

/// <summary>Azure's categories of gateway logs that concern site-to-site connections (the reference, §4.11).</summary>
public enum DiagnosticCategory
{
    /// <summary>Configurations, maintenance, and which machine serves.</summary>
    GatewayDiagnosticLog,

    /// <summary>Tunnels that come and go.</summary>
    TunnelDiagnosticLog,

    /// <summary>Static routes.</summary>
    RouteDiagnosticLog,

    /// <summary>Every IKE message, and what came of it.</summary>
    IKEDiagnosticLog,
}

/// <summary>Azure's words for <see cref="DiagnosticLogEntry.Level"/>.</summary>
public enum DiagnosticLevel
{
    Informational,
    Warning,
    Error,
}

/// <summary>A line of AzureDiagnostics, in the names of its columns; the last three members are not Azure's.</summary>
/// <param name="OperationName">"TunnelConnected", "StaticRouteUpdate" and the like; "IKELogEvent" for IKE, for which Azure documents none.</param>
/// <param name="Message">In the shape of Azure's.</param>
/// <param name="Resource">The virtual network gateway.</param>
/// <param name="RemoteIp">The outer address of the far end; null where the line is about none, or nobody is known.</param>
/// <param name="Instance">GatewayTenantWorker_IN_0 or _IN_1.</param>
/// <param name="Tunnel">The tunnel's name; null where the line is about none.</param>
/// <param name="AzureError">The error number under which Azure knows it; null if it has none.</param>
/// <param name="Reasons">Why, in our words.</param>
public sealed record DiagnosticLogEntry(
    [property: JsonPropertyName("TimeGenerated")] DateTimeOffset TimeGenerated,
    [property: JsonPropertyName("Category")] DiagnosticCategory Category,
    [property: JsonPropertyName("OperationName")] string OperationName,
    [property: JsonPropertyName("Level")] DiagnosticLevel Level,
    [property: JsonPropertyName("Message")] string Message,
    [property: JsonPropertyName("Resource")] string Resource,
    [property: JsonPropertyName("remoteIP_s")] string? RemoteIp,
    [property: JsonPropertyName("instance_s")] string Instance,
    [property: JsonPropertyName("tunnel")] string? Tunnel,
    [property: JsonPropertyName("azureError")] int? AzureError,
    [property: JsonPropertyName("reasons")] ImmutableArray<ReasonReport> Reasons);
