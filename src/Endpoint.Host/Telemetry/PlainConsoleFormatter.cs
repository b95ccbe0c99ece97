using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Ipsec.EndpointHost.Telemetry;

/// <summary>One line per event for people: time (UTC), level where it is not information, message, exception below it.</summary>
sealed class PlainConsoleFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "ipsec-plain";

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter output)
    {
        output.Write(DateTimeOffset.UtcNow.ToString("yyyy-MM-dd HH:mm:ss.fff'Z' ", CultureInfo.InvariantCulture));
        if (entry.LogLevel != LogLevel.Information)
            output.Write(Prefix(entry.LogLevel));
        output.WriteLine(entry.Formatter(entry.State, entry.Exception));
        if (entry.Exception is not null)
            output.WriteLine(entry.Exception);
    }

    static string Prefix(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace: ",
        LogLevel.Debug => "debug: ",
        LogLevel.Warning => "warning: ",
        LogLevel.Error => "error: ",
        LogLevel.Critical => "critical: ",
        _ => "",
    };
}
