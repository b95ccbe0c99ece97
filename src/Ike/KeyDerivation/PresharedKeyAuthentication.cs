using System.Security.Cryptography;
using Ipsec.Crypto;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.KeyDerivation;

/// <summary>AUTH with a pre-shared key, RFC 7296 §2.15.</summary>
static class PresharedKeyAuthentication
{
    /// <summary>
    /// AUTH = prf( prf(Shared Secret, "Key Pad for IKEv2"), SignedOctets ), where
    /// SignedOctets = RealMessage | the other side's nonce | prf(SK_p, IDx').
    /// </summary>
    /// <param name="message">
    /// The signer's own IKE_SA_INIT message, the latest one (with cookie and the group agreed on), byte for byte, without the non-ESP marker.
    /// </param>
    /// <param name="nonce">The nonce of the other side.</param>
    /// <param name="skP">SK_pi if the initiator signs, SK_pr if the responder does.</param>
    /// <param name="identity">The signer's ID payload as it travelled.</param>
    public static byte[] Compute(PseudorandomFunction prf, Secret presharedKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> nonce, Secret skP,
        IdentificationPayload identity)
    {
        int length = prf.OutputLength();
        Span<byte> paddedKey = stackalloc byte[length];
        Prf.Compute(prf, presharedKey.Span, "Key Pad for IKEv2"u8, paddedKey);
        byte[] signedOctets = new byte[message.Length + nonce.Length + length];
        message.CopyTo(signedOctets);
        nonce.CopyTo(signedOctets.AsSpan(message.Length));
        Prf.Compute(prf, skP.Span, identity.ToBody(), signedOctets.AsSpan(message.Length + nonce.Length));
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
