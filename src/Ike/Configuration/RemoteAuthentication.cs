using System.Collections.Immutable;
using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;

namespace Ipsec.Ike.Configuration;

/// <summary>How the peer may prove who it is. What is not allowed here is refused, even if it verifies.</summary>
public sealed record RemoteAuthentication
{
    /// <summary>A pre-shared key and nothing else.</summary>
    public static RemoteAuthentication OnlyPresharedKey { get; } = new() { AllowsPresharedKey = true };

    public bool AllowsPresharedKey { get; init; }

    /// <summary>Null: no certificate is trusted because of who issued it.</summary>
    public CertificatePathValidator? Trust { get; init; }

    public RevocationPolicy Revocation { get; init; }

    /// <summary>Public keys that speak for the connection's remote identity whatever certificate comes with them, or none (RFC 7670).</summary>
    public ImmutableArray<PublicKey> TrustedKeys { get; init; } = [];

    /// <summary>
    /// Signature methods that are accepted; empty accepts every one that is known, SHA-1 only with authentication method 1, where the RFC has no
    /// other hash (RFC 7296 §3.8, RFC 8247 §3.2).
    /// </summary>
    public ImmutableArray<SignatureMethod> AcceptedMethods { get; init; } = [];

    /// <summary>A signature is one of the ways.</summary>
    public bool AllowsSignature => Trust is not null || !TrustedKeys.IsDefaultOrEmpty;

    internal bool Trusts(PublicKey key) => !TrustedKeys.IsDefaultOrEmpty && TrustedKeys.Contains(key);

    internal IEnumerable<Certificate> KnownAuthorities => Trust is null ? [] : Trust.Anchors.Concat(Trust.Intermediates);

    /// <summary>Whether a signature by this method may prove the peer.</summary>
    internal bool Accepts(SignatureMethod method, bool isDigitalSignature) => AcceptedMethods.IsDefaultOrEmpty
        ? !isDigitalSignature || method.Hash != SignatureHash.Sha1
        : AcceptedMethods.Any(accepted => accepted.MakesSameSignatureAs(method));

    public bool Equals(RemoteAuthentication? other) => other is not null && AllowsPresharedKey == other.AllowsPresharedKey
        && Equals(Trust, other.Trust) && Revocation == other.Revocation && ValueEquality.Same(TrustedKeys, other.TrustedKeys)
            && ValueEquality.Same(AcceptedMethods, other.AcceptedMethods);

    public override int GetHashCode() => (AllowsPresharedKey ? 1 : 0) ^ ValueEquality.Length(TrustedKeys) << 1;
}
