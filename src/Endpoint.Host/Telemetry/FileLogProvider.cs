using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ipsec.EndpointHost.Telemetry;

/// <summary>The log lines of one node, in a file of its own, as they would stand on a terminal.</summary>
sealed class FileLogProvider : ILoggerProvider
{
    readonly StreamWriter _file;
    readonly Lock _lock = new();
    readonly PlainConsoleFormatter _formatter = new();

    /// <param name="path">Its folder is there; what stands in the file stays.</param>
    public FileLogProvider(string path) => _file = new StreamWriter(path, append: true) { AutoFlush = true };

    public ILogger CreateLogger(string categoryName) => new FileLogger(this, categoryName);

    public void Dispose()
    {
        lock (_lock)
            _file.Dispose();
    }

    sealed class FileLogger(FileLogProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => level != LogLevel.None;

        public void Log<TState>(LogLevel level, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var entry = new LogEntry<TState>(level, category, eventId, state, exception, formatter);
            lock (provider._lock)
            {
                if (provider._file.BaseStream is { CanWrite: true })
                    provider._formatter.Write(entry, null, provider._file);
            }
        }
    }
}
