using System.Runtime.Intrinsics;
using Ipsec.Crypto.BlockCiphers;
using Ipsec.Crypto.Secrets;

namespace Ipsec.Crypto.PayloadCiphers;

/// <summary>AES-CBC (RFC 3602) by <see cref="CbcKernel"/>, packets of a run side by side. The round keys lie in pinned memory that is cleared.</summary>
sealed unsafe class AesCbcEncryption : PayloadCipher
{
    readonly int _rounds;
    SecretSlot _roundKeys = SecretMemory.Take(AesKeySchedule.MaximumLength);

    internal AesCbcEncryption(ReadOnlySpan<byte> key)
    {
        _rounds = AesKeySchedule.Rounds(key.Length);
        AesKeySchedule.Expand(key, _roundKeys.Octets);
    }

    internal override bool PrefersRuns => true;

    internal override void Transform(ReadOnlySpan<byte> iv, Span<byte> payload)
    {
        fixed (byte* keys = _roundKeys.Octets, data = payload)
            CbcKernel.Encrypt((Vector128<byte>*)keys, _rounds, Vector128.Create(iv), data, payload.Length / AesBlock.Length);
    }

    internal override void Transform(in PacketRun run)
    {
        int last = run.Count - 1;
        int blocks = run.Payload(0).Length / AesBlock.Length;
        int lastBlocks = run.Payload(last).Length / AesBlock.Length;
        fixed (byte* keys = _roundKeys.Octets, packets = run.Covered(0))
        {
            for (int i = 0; i <= last; i += CbcKernel.Streams)
            {
                byte* data = packets + i * run.Stride + run.PayloadOffset;
                int streams = Math.Min(CbcKernel.Streams, run.Count - i);
                int common = i + streams > last ? lastBlocks : blocks;
                CbcKernel.EncryptSideBySide((Vector128<byte>*)keys, _rounds, data, run.Stride, streams, common);
                // The last packet is at its end; the block before is what the others go on from.
                if (common < blocks && streams > 1)
                    CbcKernel.EncryptSideBySide((Vector128<byte>*)keys, _rounds, data + common * AesBlock.Length, run.Stride, streams - 1, blocks - common);
            }
        }
    }

    public override void Dispose() => _roundKeys.Free();
}
