using System.Collections.Immutable;
using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;

namespace Ipsec.Ike.Configuration;

/// <summary>How this side proves who it is in IKE_AUTH. A closed set.</summary>
public abstract record LocalAuthentication
{
    /// <summary>With the pre-shared key for the two identities (RFC 7296 §2.15); the key is chosen by D10.</summary>
    public static LocalAuthentication PresharedKey { get; } = new PresharedKeyAuthentication();

    public sealed record PresharedKeyAuthentication : LocalAuthentication;

    /// <summary>With a private key (RFC 7296 §2.15, RFC 7427).</summary>
    /// <param name="Signers">In order of preference; which one is used, the peer's certificate requests decide. At least one.</param>
    public sealed record SignatureAuthentication(ImmutableArray<LocalSigner> Signers) : LocalAuthentication
    {
        /// <summary>In order of preference; empty leaves the choice to the kind of the key.</summary>
        public ImmutableArray<SignatureMethod> Methods { get; init; } = [];

        public bool Equals(SignatureAuthentication? other) =>
            other is not null && ValueEquality.Same(Signers, other.Signers) && ValueEquality.Same(Methods, other.Methods);

        public override int GetHashCode() => ValueEquality.Length(Signers) << 8 ^ ValueEquality.Length(Methods);
    }
}

/// <summary>A private key and what makes it ours in the eyes of the peer. The owner of the configuration disposes the key.</summary>
public sealed record LocalSigner
{
    public required SigningKey Key { get; init; }

    /// <summary>
    /// The certificate of <see cref="Key"/> first, then those that lead to a trust anchor of the peer; sent in this order. Empty: the public key is
    /// sent as it is (RFC 7670 §3).
    /// </summary>
    public ImmutableArray<Certificate> Chain { get; init; } = [];

    /// <summary>Null for a raw public key.</summary>
    public Certificate? Certificate => Chain.IsDefaultOrEmpty ? null : Chain[0];

    /// <summary>By value: a key is the same if its public half is.</summary>
    public bool Equals(LocalSigner? other) =>
        other is not null && Key.PublicKey.Equals(other.Key.PublicKey) && ValueEquality.Same(Chain, other.Chain);

    public override int GetHashCode() => Key.PublicKey.GetHashCode();
}
