using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ipsec.Azure.Diagnostics;

/// <summary>A log line as one line of JSON, in the names of Azure's columns.</summary>
[JsonSerializable(typeof(DiagnosticLogEntry))]
public sealed partial class DiagnosticLogJson : JsonSerializerContext
{
    static readonly DiagnosticLogJson Lines = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter<DiagnosticCategory>(), new JsonStringEnumConverter<DiagnosticLevel>() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Without a line break, at its end as within.</summary>
    public static string Write(DiagnosticLogEntry entry) => JsonSerializer.Serialize(entry, Lines.DiagnosticLogEntry);
}
