using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ipsec.Azure.Diagnostics;
using Ipsec.Lab.DeviceConfig;
using Ipsec.Lab.Explanation;

namespace Ipsec.Lab.Report;

/// <summary>The JSON documents of a lab run, of an explanation and of a device's configuration.</summary>
[JsonSerializable(typeof(LabReport))]
[JsonSerializable(typeof(ExplanationReport))]
[JsonSerializable(typeof(DeviceConfigurationReport))]
public sealed partial class LabReportJson : JsonSerializerContext
{
    // The document goes to a terminal or a program, never into HTML: "->" and "·" stay readable.
    static readonly LabReportJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Converters =
        {
            new JsonStringEnumConverter<VirtualNetworkGatewayConnectionStatus>(),
            new JsonStringEnumConverter<DiagnosticCategory>(),
            new JsonStringEnumConverter<DiagnosticLevel>(),
        },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>One indented document without a final line break.</summary>
    public static string Write(LabReport report) => JsonSerializer.Serialize(report, Readable.LabReport);

    /// <summary>One indented document without a final line break.</summary>
    public static string Write(ExplanationReport report) => JsonSerializer.Serialize(report, Readable.ExplanationReport);

    /// <summary>One indented document without a final line break.</summary>
    public static string Write(DeviceConfigurationReport report) => JsonSerializer.Serialize(report, Readable.DeviceConfigurationReport);
}
