using Ipsec.Crypto;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.KeyDerivation;

/// <summary>
/// What AUTH covers (RFC 7296 §2.15, RFC 9242 §3.3.2):
/// SignedOctets = RealMessage | the other side's nonce | prf(SK_p, RestOfIDPayload) | IntAuth.
/// </summary>
static class SignedOctets
{
    /// <param name="skP">SK_pi, or SK_pi' where a post-quantum preshared key takes part (RFC 8784 §3).</param>
    /// <param name="identity">IDi as it travelled.</param>
    public static byte[] OfInitiator(PseudorandomFunction prf, InitialMessages messages, Secret skP, IdentificationPayload identity) =>
        Join(prf, messages.Request, messages.NonceR, skP, identity, messages.IntermediateOctets);

    /// <param name="skP">SK_pr, or SK_pr'.</param>
    /// <param name="identity">IDr as it travelled.</param>
    public static byte[] OfResponder(PseudorandomFunction prf, InitialMessages messages, Secret skP, IdentificationPayload identity) =>
        Join(prf, messages.Response, messages.NonceI, skP, identity, messages.IntermediateOctets);

    static byte[] Join(PseudorandomFunction prf, ReadOnlySpan<byte> message, ReadOnlySpan<byte> nonce, Secret skP, IdentificationPayload identity,
        ReadOnlySpan<byte> intermediate)
    {
        int length = prf.OutputLength();
        byte[] octets = new byte[message.Length + nonce.Length + length + intermediate.Length];
        Span<byte> rest = octets;
        message.CopyTo(rest);
        rest = rest[message.Length..];
        nonce.CopyTo(rest);
        rest = rest[nonce.Length..];
        Prf.Compute(prf, skP.Span, identity.ToBody(), rest[..length]);
        intermediate.CopyTo(rest[length..]);
        return octets;
    }
}
