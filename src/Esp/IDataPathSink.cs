using Ipsec.Net;

namespace Ipsec.Esp;

/// <summary>
/// Where a worker's packets go. Called on the worker's thread inside <c>Seal</c> and <c>Open</c>; the spans end with the call.
/// An implementation may call <c>Seal</c> from <see cref="Deliver"/>, and must not wait for another worker.
/// </summary>
public interface IDataPathSink
{
    /// <summary>
    /// Send ESP: for <see cref="PathEncapsulation.UdpEncapsulated"/> each datagram is a UDP payload, for
    /// <see cref="PathEncapsulation.RawEsp"/> the payload of an IP packet of protocol 50.
    /// </summary>
    /// <param name="trafficClass">Outer TOS octet or traffic class: DSCP and ECN.</param>
    /// <param name="datagrams">At most 64 datagrams, one behind the other, of together at most 65,000 octets, or one of any length.</param>
    /// <param name="segmentSize">Length of each datagram, above 0; the last one may be shorter.</param>
    void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize);

    /// <summary>An inner packet for the local side: authenticated, inside its SA's selectors, without ESP padding. It may be changed in place.</summary>
    void Deliver(Span<byte> innerPacket);

    /// <summary>An IKE message that came on the NAT traversal port, non-ESP marker stripped (RFC 3948 §2.2).</summary>
    void Ike(ReadOnlySpan<byte> message, in NetworkPath path);
}
