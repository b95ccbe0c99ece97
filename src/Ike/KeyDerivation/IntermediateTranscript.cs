using System.Buffers.Binary;
using Ipsec.Crypto;

namespace Ipsec.Ike.KeyDerivation;

/// <summary>
/// What the IKE_INTERMEDIATE exchanges of one IKE SA come to, for AUTH to cover (RFC 9242 §3.3.2):
/// IntAuth_iN = prf(SK_piN, IntAuth_iN-1 | IntAuth_iNA | IntAuth_iNP), and the same for the responder's messages with SK_pr.
/// </summary>
sealed class IntermediateTranscript(PseudorandomFunction prf)
{
    byte[] _initiator = [];
    byte[] _responder = [];

    /// <summary>There was no IKE_INTERMEDIATE exchange.</summary>
    public bool IsEmpty => _initiator.Length == 0;

    /// <param name="skPi">Of the generation of keys that protects the exchange.</param>
    /// <param name="content">IntAuth_*A | IntAuth_*P: the message as it is before encryption and fragmentation.</param>
    public void AddRequest(Secret skPi, ReadOnlySpan<byte> content) => _initiator = Next(skPi, _initiator, content);

    public void AddResponse(Secret skPr, ReadOnlySpan<byte> content) => _responder = Next(skPr, _responder, content);

    /// <summary>IntAuth = IntAuth_iN | IntAuth_rN | IKE_AUTH_MID.</summary>
    /// <param name="authMessageId">Message ID of the first IKE_AUTH request.</param>
    public byte[] ToOctets(uint authMessageId)
    {
        byte[] octets = [.. _initiator, .. _responder, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(octets.AsSpan(octets.Length - sizeof(uint)), authMessageId);
        return octets;
    }

    byte[] Next(Secret key, byte[] previous, ReadOnlySpan<byte> content)
    {
        byte[] next = new byte[prf.OutputLength()];
        Prf.Compute(prf, key.Span, [.. previous, .. content], next);
        return next;
    }
}
