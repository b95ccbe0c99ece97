using System.Text;
using Ipsec.Capture;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.Ike.Outputs;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Telemetry;

/// <summary>
/// Wireshark's key tables, appended in a folder that the user named (D9). The only place to which keys are written, each row
/// complete on disk before the next packet of that SA can be seen.
/// </summary>
sealed class KeyLog : IDisposable
{
    /// <summary>Both instances of a gateway write into the same files.</summary>
    static readonly Lock WriteLock = new();

    readonly FileStream _ike;
    readonly FileStream _esp;
    readonly ILogger _logger;

    KeyLog(FileStream ike, FileStream esp, ILogger logger) => (_ike, _esp, _logger) = (ike, esp, logger);

    /// <exception cref="UserErrorException">The folder or its files cannot be written.</exception>
    public static KeyLog Open(string directory, ILogger logger)
    {
        FileStream? ike = null;
        try
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            ike = Append(Path.Combine(directory, KeyTables.IkeFileName));
            return new KeyLog(ike, Append(Path.Combine(directory, KeyTables.EspFileName)), logger);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ike?.Dispose();
            throw new UserErrorException($"The key log {directory} cannot be written: {FileText.Reason(exception)}.");
        }
    }

    public void Write(IkeKeysDerived keys) => Write(_ike, () => KeyRows.From(keys));

    public void Write(EspKeysInstalled keys) => Write(_esp, () => string.Concat(KeyRows.From(keys)));

    public void Dispose()
    {
        _ike.Dispose();
        _esp.Dispose();
    }

    static FileStream Append(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Append,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    void Write(FileStream file, Func<string> row)
    {
        try
        {
            byte[] octets = Encoding.ASCII.GetBytes(row());
            lock (WriteLock)
            {
                // FileMode.Append looks for the end when it opens, and never again.
                file.Seek(0, SeekOrigin.End);
                file.Write(octets);
            }
        }
        catch (Exception exception) when (exception is IOException or ArgumentException)
        {
            // A full disk must not stop the tunnels; the message never holds a key.
            _logger.KeyLogFailed(exception.Message);
        }
    }
}
