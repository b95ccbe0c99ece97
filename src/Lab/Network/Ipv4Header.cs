using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Lab.Network;

/// <summary>The IPv4 header of RFC 791 §3.1, changed in place.</summary>
static class Ipv4Header
{
    /// <summary>Recomputes the checksum of a whole IPv4 header, options included.</summary>
    public static void WriteChecksum(Span<byte> header)
    {
        header[10..12].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], InternetChecksum.Compute(header));
    }
}
