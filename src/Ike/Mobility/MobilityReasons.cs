using System.Collections.Immutable;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Mobility;

/// <summary>Why an IKE SA ended because of an address (D8).</summary>
static class MobilityReasons
{
    public static ImmutableArray<Reason> WrongCookie =>
        [Reasons.Known("cookie2-mismatch", "The peer answered without the COOKIE2 that it was sent; RFC 4555 §3.7 wants the IKE SA closed.")];

    public static ImmutableArray<Reason> UnexpectedNat =>
        [Reasons.Known("unexpected-nat-detected",
            "The peer sees other addresses than we sent from and to, again and again, and NAT traversal is not in use (RFC 4555 §3.9)."),
         Reasons.Likely("unexpected-nat-detected", "A NAT stands on the new path; let both peers use NAT traversal.")];

    public static Reason NatInAuthentication => Reasons.Known("unexpected-nat-detected",
        "The addresses of IKE_AUTH were changed on the way, which the peer does not allow (NO_NATS_ALLOWED, RFC 4555 §3.9).");

    public static ImmutableArray<Reason> Unacceptable(NetworkPath path) =>
        [Reasons.Known("unacceptable-addresses",
            $"The peer does not accept the path from {path.Local.Address} to {path.Remote.Address} (UNACCEPTABLE_ADDRESSES), and there is no other one.")];

    public static ImmutableArray<Reason> NoLocalAddress =>
        [Reasons.Known("no-local-address", "This endpoint has no address of the peer's family to dial from at present.")];

    public static ImmutableArray<Reason> LocalAddressGone(IpAddress address) =>
        [Reasons.Known("local-address-gone", $"{address} is no address of this endpoint any more, and the peer cannot be told another one without MOBIKE.")];
}
