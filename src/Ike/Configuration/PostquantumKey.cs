using System.Text;
using Ipsec.Crypto;

namespace Ipsec.Ike.Configuration;

/// <summary>
/// A post-quantum preshared key (RFC 8784): mixed into SK_d, SK_pi and SK_pr beside whatever authenticates the peers. The owner of the configuration
/// disposes the key; 32 octets or more are wanted (§6).
/// </summary>
public sealed record PostquantumKey
{
    /// <summary>PPK_ID: how the two sides name it, 1 to 255 characters.</summary>
    public required string Identity { get; init; }

    public required Secret Key { get; init; }

    internal byte[] IdentityOctets => Encoding.UTF8.GetBytes(Identity);

    /// <summary>By value.</summary>
    public bool Equals(PostquantumKey? other) => other is not null && Identity == other.Identity && Key.Span.SequenceEqual(other.Key.Span);

    public override int GetHashCode() => Identity.Length;
}
