using System.Collections.Immutable;

namespace Ipsec.Ike.Associations;

/// <summary>
/// What the peer announced with notifies in IKE_SA_INIT and IKE_AUTH. It holds for the IKE SA and for those that rekey it. What is unauthenticated in
/// IKE_SA_INIT is covered by AUTH afterwards (RFC 7296 §2.15).
/// </summary>
sealed record PeerCapabilities
{
    /// <summary>Nothing announced.</summary>
    public static PeerCapabilities None { get; } = new();

    /// <summary>IKE fragmentation, and we announced it too (RFC 7383 §2.3).</summary>
    public bool Fragmentation { get; init; }

    /// <summary>IKE_INTERMEDIATE between IKE_SA_INIT and IKE_AUTH, and we announced it too (RFC 9242 §3.1).</summary>
    public bool IntermediateExchange { get; init; }

    /// <summary>Hash algorithms of the Digital Signature method (RFC 7427 §4), in the peer's order; empty where the method is not supported.</summary>
    public ImmutableArray<ushort> SignatureHashAlgorithms { get; init; } = [];

    /// <summary>CERTREQ for X.509 certificates: SHA-1 hashes of public keys of certification authorities, one behind the other (RFC 7296 §3.7).</summary>
    public ReadOnlyMemory<byte> CertificateAuthorities { get; init; }

    /// <summary>IKE_AUTH without a child SA (RFC 6023 §3).</summary>
    public bool Childless { get; init; }

    /// <summary>The peer follows a redirection (RFC 5685 §3).</summary>
    public bool Redirect { get; init; }

    /// <summary>Post-quantum pre-shared keys, and we announced them too (RFC 8784 §3).</summary>
    public bool PostquantumPresharedKey { get; init; }

    /// <summary>NAT traversal: it sent both kinds of NAT_DETECTION (RFC 7296 §2.23).</summary>
    public bool NatTraversal { get; init; }

    /// <summary>MOBIKE, and we announced it too (RFC 4555 §3.3).</summary>
    public bool Mobike { get; init; }
}
