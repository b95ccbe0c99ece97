using System.Collections.Immutable;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>What is negotiated, and how the ends prove who they are.</summary>
/// <param name="Ike">As in a proposal; the group is in it.</param>
/// <param name="Certificate">The kind of key of both ends' certificates and their authority's; null is a pre-shared key.</param>
sealed record NegotiationSuite(string Name, string Ike, string Esp, string? Certificate = null)
{
    const string Group = "aes256gcm16-prfsha256-";

    static readonly ImmutableArray<(string Name, string Ike)> Groups =
    [
        ("group 14 (MODP-2048)", Group + "modp2048"), ("group 19 (P-256)", Group + "ecp256"), ("group 31 (X25519)", Group + "curve25519"),
    ];

    /// <summary>What <c>handshakes</c> goes through.</summary>
    public static readonly ImmutableArray<NegotiationSuite> Handshakes =
        [.. With("PSK", null), .. With("certificates ECDSA P-256", "p256"), .. With("certificates RSA-2048", "rsa2048")];

    /// <summary>What our host and charon are compared with.</summary>
    public static NegotiationSuite Compared =>
        Handshakes.Single(suite => suite.Certificate is null && suite.Ike.EndsWith("curve25519", StringComparison.Ordinal));

    /// <summary>What memory is measured with.</summary>
    public static NegotiationSuite Scale => new("AES-CBC-256, HMAC-SHA-256, X25519", "aes256-sha256-curve25519", "aes256-sha256");

    static IEnumerable<NegotiationSuite> With(string authentication, string? certificate) =>
        Groups.Select(group => new NegotiationSuite($"{authentication}, {group.Name}", group.Ike, "aes256gcm16", certificate));
}
