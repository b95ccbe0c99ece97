using System.Buffers.Binary;

namespace Ipsec.Crypto;

/// <summary>A keyed message authentication code that computes one after the other. Not thread-safe; allocates nothing after construction.</summary>
abstract class MacContext : IDisposable
{
    /// <summary>Octets of the longest code.</summary>
    internal const int LongestCode = 64;

    /// <summary>Octets of the whole code, before any truncation.</summary>
    internal abstract int OutputLength { get; }

    /// <summary>Starts over with the same key.</summary>
    internal abstract void Reset();

    /// <summary>Adds a few octets: a header, an IV, a counter.</summary>
    internal abstract void AppendShort(ReadOnlySpan<byte> data);

    internal abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>Writes the code, <see cref="OutputLength"/> octets.</summary>
    internal abstract void Finish(Span<byte> destination);

    /// <summary>It works on the packets of a run side by side, and gains by it.</summary>
    internal virtual bool PrefersRuns => false;

    /// <summary>The code of each packet of a run over header | IV | payload | high half of the sequence number (RFC 4303 §2.8).</summary>
    /// <param name="sequenceHighs">One for each packet; empty without extended sequence numbers.</param>
    /// <param name="codes">Takes a whole code every <see cref="LongestCode"/> octets.</param>
    internal virtual void Compute(in PacketRun run, ReadOnlySpan<uint> sequenceHighs, Span<byte> codes)
    {
        for (int i = 0; i < run.Count; i++)
        {
            Reset();
            Append(run.Covered(i));
            if (!sequenceHighs.IsEmpty)
                AppendHigh(sequenceHighs[i]);
            Finish(codes[(i * LongestCode)..]);
        }
    }

    /// <summary>Adds the high half of a sequence number.</summary>
    internal void AppendHigh(uint sequenceHigh)
    {
        Span<byte> octets = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(octets, sequenceHigh);
        AppendShort(octets);
    }

    public abstract void Dispose();
}
