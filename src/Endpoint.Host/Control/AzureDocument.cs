using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ipsec.Azure.Diagnostics;

namespace Ipsec.EndpointHost.Control;

/// <summary>GET /v1/azure.</summary>
/// <param name="Gateways">Each as it stands in the report of <c>lab run --json</c>.</param>
sealed record AzureDocument(ImmutableArray<GatewayDiagnosis> Gateways);

[JsonSerializable(typeof(AzureDocument))]
[JsonSerializable(typeof(GatewayDiagnosis))]
[JsonSerializable(typeof(ConnectionDiagnosis))]
sealed partial class AzureJson : JsonSerializerContext
{
    /// <summary>The socket's answers stand on one line.</summary>
    public static AzureJson Line { get; } = new(Spelling(isIndented: false));

    /// <summary>For people and programs that read a file.</summary>
    public static AzureJson Indented { get; } = new(Spelling(isIndented: true));

    static JsonSerializerOptions Spelling(bool isIndented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = isIndented,
        Converters =
        {
            new JsonStringEnumConverter<VirtualNetworkGatewayConnectionStatus>(),
            new JsonStringEnumConverter<DiagnosticCategory>(),
            new JsonStringEnumConverter<DiagnosticLevel>(),
        },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
