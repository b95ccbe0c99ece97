using System.Diagnostics.CodeAnalysis;

namespace Ipsec.Capture;

/// <summary>
/// Reads the packets of a capture file, classic pcap or pcapng, whose format is told by its first four octets. A file that is
/// damaged or cut off yields the packets in front of the fault, then <see cref="Error"/>; nothing in it throws or allocates without
/// bound. The stream is the caller's.
/// </summary>
public abstract class CaptureReader
{
    /// <summary>The longest frame or block that is read: 16 MiB.</summary>
    protected const int MaximumLength = 16 * 1024 * 1024;

    /// <summary>One sentence on why reading ended before the end of the file; null at a proper end.</summary>
    public string? Error { get; private set; }

    /// <summary>False where the stream starts with neither format's magic number.</summary>
    public static bool TryOpen(Stream stream, [NotNullWhen(true)] out CaptureReader? reader, [NotNullWhen(false)] out string? error)
    {
        Span<byte> magic = stackalloc byte[4];
        reader = null;
        if (stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length)
            reader = (CaptureReader?)PcapReader.Open(stream, magic) ?? PcapngReader.Open(stream, magic);
        error = reader is null ? "The file is neither a pcap nor a pcapng file." : reader.Error;
        if (error is not null)
            reader = null;
        return reader is not null;
    }

    /// <summary>The next packet; false at the end of the file or at a fault.</summary>
    public bool TryRead([NotNullWhen(true)] out CapturedPacket? packet)
    {
        packet = Error is null ? Read() : null;
        return packet is not null;
    }

    /// <summary>All packets up to the end or the first fault.</summary>
    public IEnumerable<CapturedPacket> ReadAll()
    {
        while (TryRead(out CapturedPacket? packet))
            yield return packet;
    }

    private protected abstract CapturedPacket? Read();

    /// <summary>Notes the fault; null, so that a reader returns with it.</summary>
    private protected CapturedPacket? Fail(string error)
    {
        Error = error;
        return null;
    }

    /// <summary>Fills the buffer. At the end of the file false, and a fault unless nothing at all was left.</summary>
    private protected bool TryFill(Stream stream, Span<byte> buffer, bool mayEnd)
    {
        int read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (read == buffer.Length)
            return true;
        if (read != 0 || !mayEnd)
            Error = "The file ends in the middle of a packet.";
        return false;
    }
}
