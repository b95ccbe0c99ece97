using System.Buffers.Binary;
using Ipsec.Crypto;

namespace Ipsec.Ike.Protection;

/// <summary>
/// Explicit IVs for one sending direction of an IKE SA. A combined-mode cipher and counter mode must never see one twice under their key, so
/// they count (RFC 5282 §3.1, RFC 5930 §2); CBC needs them unpredictable, so they are drawn (RFC 7296 §3.14).
/// </summary>
sealed class EncryptedPayloadIv(EncryptionTransform encryption, IRandomSource random)
{
    ulong _next;

    public void Fill(Span<byte> iv)
    {
        if (encryption.CountsIvs)
            BinaryPrimitives.WriteUInt64BigEndian(iv, _next++);
        else
            random.Fill(iv);
    }
}
