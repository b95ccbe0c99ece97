namespace Ipsec.Capture;

/// <summary>One frame of a capture file.</summary>
/// <param name="Time">Null where the file tells none (pcapng simple packet blocks).</param>
/// <param name="Data">The octets that were kept.</param>
/// <param name="OriginalLength">Octets on the wire; more than <paramref name="Data"/> if the frame was cut.</param>
public sealed record CapturedPacket(PcapLinkType LinkType, DateTimeOffset? Time, ReadOnlyMemory<byte> Data, uint OriginalLength);
