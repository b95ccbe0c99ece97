using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ipsec.Lab.Report;

/// <summary>The JSON document of a lab run.</summary>
[JsonSerializable(typeof(LabReport))]
public sealed partial class LabReportJson : JsonSerializerContext
{
    // The document goes to a terminal or a program, never into HTML: "->" and "·" stay readable.
    static readonly LabReportJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>One indented document without a final line break.</summary>
    public static string Write(LabReport report) => JsonSerializer.Serialize(report, Readable.LabReport);
}
