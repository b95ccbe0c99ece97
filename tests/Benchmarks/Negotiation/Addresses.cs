using Ipsec.Net;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>The outer addresses of every measurement of negotiations (RFC 5737).</summary>
static class Addresses
{
    public static readonly IpAddress Initiators = IpAddress.Parse("192.0.2.1");
    public static readonly IpAddress Responder = IpAddress.Parse("192.0.2.2");
}
