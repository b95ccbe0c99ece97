using Ipsec.Net;

namespace Ipsec.Ike.Outputs;

/// <summary>
/// The two ends of a transport mode SA as the peer named them in its traffic selectors, before the work of NATs was undone (RFC 7296 §2.23.1): the peer's
/// transport checksums cover these.
/// </summary>
public readonly record struct TransportAddresses(IpAddress Remote, IpAddress Local);
