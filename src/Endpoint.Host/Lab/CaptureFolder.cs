using System.Text;
using Ipsec.Capture;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Run;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Lab;

/// <summary>
/// A folder with one pcap for each wire and, beside them, Wireshark's tables with the keys of every SA. Point
/// <c>WIRESHARK_CONFIG_DIR</c> at it and Wireshark reads everything.
/// </summary>
sealed class CaptureFolder : ILabRecorder, IDisposable
{
    readonly string _directory;
    readonly SortedDictionary<string, (FileStream Stream, PcapWriter Writer)> _wires = new(StringComparer.Ordinal);
    readonly SortedSet<string> _rows = new(StringComparer.Ordinal);
    readonly FileStream _ike;
    readonly FileStream _esp;

    CaptureFolder(string directory)
    {
        _directory = directory;
        _ike = Create(KeyTables.IkeFileName);
        _esp = Create(KeyTables.EspFileName);
    }

    /// <exception cref="UserErrorException">The folder cannot be written.</exception>
    public static CaptureFolder Open(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            return new CaptureFolder(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The capture folder {directory} cannot be written: {FileText.Reason(exception)}.");
        }
    }

    public void Packet(string wire, Instant at, ReadOnlySpan<byte> packet)
    {
        if (!_wires.TryGetValue(wire, out (FileStream Stream, PcapWriter Writer) capture))
        {
            FileStream stream = Create($"{wire}.pcap");
            _wires.Add(wire, capture = (stream, new PcapWriter(stream)));
        }
        capture.Writer.Write(at.Utc, packet);
    }

    public void IkeKeys(IkeKeysDerived keys) => Write(_ike, KeyRows.From(keys));

    public void EspKeys(string node, EspKeysInstalled keys)
    {
        foreach (string row in KeyRows.From(keys))
            Write(_esp, row);
    }

    public void Dispose()
    {
        foreach ((FileStream stream, _) in _wires.Values)
            stream.Dispose();
        _ike.Dispose();
        _esp.Dispose();
    }

    FileStream Create(string name) => new(Path.Combine(_directory, name), new FileStreamOptions
    {
        Mode = FileMode.Create,
        Access = FileAccess.Write,
        Share = FileShare.Read,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    // Both ends of an SA tell its keys.
    void Write(FileStream file, string row)
    {
        if (_rows.Add(row))
            file.Write(Encoding.ASCII.GetBytes(row));
    }
}
