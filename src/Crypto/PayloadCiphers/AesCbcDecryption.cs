using System.Runtime.Intrinsics;
using Ipsec.Crypto.BlockCiphers;
using Ipsec.Crypto.Secrets;

namespace Ipsec.Crypto.PayloadCiphers;

/// <summary>AES-CBC (RFC 3602) by <see cref="CbcKernel"/>, blocks of a packet side by side. The round keys lie in pinned memory that is cleared.</summary>
sealed unsafe class AesCbcDecryption : PayloadCipher
{
    readonly int _rounds;
    SecretSlot _roundKeys = SecretMemory.Take(AesKeySchedule.MaximumLength);

    internal AesCbcDecryption(ReadOnlySpan<byte> key)
    {
        _rounds = AesKeySchedule.Rounds(key.Length);
        AesKeySchedule.Expand(key, _roundKeys.Octets);
        AesKeySchedule.Invert(_roundKeys.Octets, _rounds);
    }

    internal override void Transform(ReadOnlySpan<byte> iv, Span<byte> payload)
    {
        fixed (byte* keys = _roundKeys.Octets, data = payload)
            CbcKernel.Decrypt((Vector128<byte>*)keys, _rounds, Vector128.Create(iv), data, payload.Length / AesBlock.Length);
    }

    public override void Dispose() => _roundKeys.Free();
}
