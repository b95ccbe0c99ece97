using System.Runtime.CompilerServices;

namespace Ipsec.Crypto.Hmacs;

/// <summary>HMAC-SHA-256 (RFC 4868); the packets of a run side by side where the processor can.</summary>
/// <param name="key">Of any length.</param>
sealed unsafe class HmacSha256(ReadOnlySpan<byte> key) : SavedStateHmac<Sha256Digest>(key)
{
    /// <summary>Sixteen side by side take as long as five to six one after the other.</summary>
    const int FewestSideBySide = 6;

    internal override bool PrefersRuns => Sha256Lanes.IsSupported;

    [SkipLocalsInit]
    internal override void Compute(in PacketRun run, ReadOnlySpan<uint> sequenceHighs, Span<byte> codes)
    {
        if (!PrefersRuns || run.Count < FewestSideBySide)
        {
            base.Compute(run, sequenceHighs, codes);
            return;
        }
        byte** starts = stackalloc byte*[Sha256Lanes.Lanes];
        int* lengths = stackalloc int[Sha256Lanes.Lanes];
        // A state begins with the eight words of the hash.
        fixed (byte* states = SavedStates, first = run.Covered(0), destination = codes)
        {
            for (int i = 0; i < run.Count; i += Sha256Lanes.Lanes)
            {
                int lanes = Math.Min(Sha256Lanes.Lanes, run.Count - i);
                for (int lane = 0; lane < lanes; lane++)
                {
                    starts[lane] = first + (i + lane) * run.Stride;
                    lengths[lane] = run.Covered(i + lane).Length;
                }
                ReadOnlySpan<uint> suffixes = sequenceHighs.IsEmpty ? sequenceHighs : sequenceHighs.Slice(i, lanes);
                Sha256Lanes.Authenticate((uint*)states, (uint*)(states + Sha256Digest.StateLength), starts, lengths, suffixes, lanes,
                    destination + i * LongestCode, LongestCode);
            }
        }
    }
}
