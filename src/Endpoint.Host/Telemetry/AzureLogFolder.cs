using System.Text;
using Ipsec.Azure.Diagnostics;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;

namespace Ipsec.EndpointHost.Telemetry;

/// <summary>A folder with one file for each of Azure's log categories, one JSON document per line. What is there already stays.</summary>
sealed class AzureLogFolder : IDisposable
{
    readonly Lock _lock = new();
    readonly string _directory;
    readonly SortedDictionary<DiagnosticCategory, FileStream> _files = [];
    bool _isBroken;

    AzureLogFolder(string directory) => _directory = directory;

    /// <exception cref="UserErrorException">The folder or its files cannot be written.</exception>
    public static AzureLogFolder Open(string directory)
    {
        var folder = new AzureLogFolder(directory);
        try
        {
            Directory.CreateDirectory(directory);
            foreach (DiagnosticCategory category in Enum.GetValues<DiagnosticCategory>())
            {
                string file = Path.Combine(directory, $"{category}.ndjson");
                folder._files.Add(category, new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0));
            }
            return folder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            folder.Dispose();
            throw new UserErrorException($"The logs cannot be written to {directory}: {FileText.Reason(exception)}.");
        }
    }

    /// <summary>Called by any thread. A disk that is full ends the logs and not the tunnels.</summary>
    public void Write(DiagnosticLogEntry entry)
    {
        byte[] line = Encoding.UTF8.GetBytes($"{DiagnosticLogJson.Write(entry)}\n");
        lock (_lock)
        {
            if (_isBroken || !_files.TryGetValue(entry.Category, out FileStream? file))
                return;
            try
            {
                file.Write(line);
            }
            catch (IOException exception)
            {
                _isBroken = true;
                Console.Error.WriteLine($"The logs in {_directory} end here: {exception.Message.TrimEnd('.')}.");
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (FileStream file in _files.Values)
                file.Dispose();
            _files.Clear();
        }
    }
}
