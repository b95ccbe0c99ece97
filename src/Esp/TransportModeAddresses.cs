using Ipsec.Net;

namespace Ipsec.Esp;

/// <summary>
/// The two addresses of a transport mode SA as the peer's own packets have them, from the traffic selectors before a NAT's work was undone (RFC 7296
/// §2.23.1). Transport checksums cover them, and are corrected where they are not those of the path (RFC 3948 §3.1.2).
/// </summary>
/// <param name="Remote">What the peer takes itself for.</param>
/// <param name="Local">What the peer takes us for.</param>
public readonly record struct TransportModeAddresses(IpAddress Remote, IpAddress Local);
