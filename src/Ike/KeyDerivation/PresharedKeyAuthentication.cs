using System.Security.Cryptography;
using Ipsec.Crypto;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.KeyDerivation;

/// <summary>AUTH with a pre-shared key, RFC 7296 §2.15.</summary>
static class PresharedKeyAuthentication
{
    /// <summary>AUTH = prf( prf(Shared Secret, "Key Pad for IKEv2"), SignedOctets ).</summary>
    /// <param name="signedOctets">Of the side that authenticates, see <see cref="SignedOctets"/>.</param>
    public static byte[] Compute(PseudorandomFunction prf, Secret presharedKey, ReadOnlySpan<byte> signedOctets)
    {
        int length = prf.OutputLength();
        Span<byte> paddedKey = stackalloc byte[length];
        Prf.Compute(prf, presharedKey.Span, "Key Pad for IKEv2"u8, paddedKey);
        byte[] authentication = new byte[length];
        Prf.Compute(prf, paddedKey, signedOctets, authentication);
        paddedKey.Clear();
        return authentication;
    }

    /// <summary>Compares in constant time what the peer sent with what it should have sent.</summary>
    public static bool Verify(AuthenticationPayload received, ReadOnlySpan<byte> expected) =>
        received.Method == AuthenticationMethod.SharedKeyMessageIntegrityCode
        && CryptographicOperations.FixedTimeEquals(received.Data.Span, expected);
}
