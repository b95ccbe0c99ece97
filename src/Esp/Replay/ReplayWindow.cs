using System.Numerics;

namespace Ipsec.Esp.Replay;

/// <summary>
/// The anti-replay window of one inbound SA (RFC 4303 §3.4.3 and appendix A), as the ring of bit blocks of RFC 6479: one block
/// more than the window needs, so that moving right clears whole blocks and never shifts bits. Not thread-safe.
/// </summary>
sealed class ReplayWindow
{
    const int BlockBits = 64;

    // Without anti-replay the high half of an extended number must still be inferred (RFC 4303 §3.3.3); this is how far back.
    const uint InferenceWithoutWindow = 1024;

    readonly ulong[] _blocks;
    readonly uint _size;
    readonly bool _isExtended;
    ulong _highest;

    /// <param name="size">Packets; 0 turns the check off.</param>
    /// <param name="isExtended">64-bit sequence numbers.</param>
    public ReplayWindow(int size, bool isExtended)
    {
        _size = (uint)size;
        _isExtended = isExtended;
        _blocks = size == 0 ? [] : new ulong[BitOperations.RoundUpToPowerOf2((uint)((size + BlockBits - 1) / BlockBits) + 1)];
    }

    /// <summary>The whole sequence number of a packet that carries its low half (RFC 4303 appendix A2.1).</summary>
    public ulong Infer(uint low)
    {
        if (!_isExtended)
            return low;
        uint window = _size == 0 ? InferenceWithoutWindow : _size;
        uint highestLow = (uint)_highest;
        uint highestHigh = (uint)(_highest >> 32);
        uint bottom = highestLow - window + 1;
        uint high = highestHigh;
        if (highestLow >= window - 1)
        {
            // Case A: the window lies in one subspace; what is left of it belongs to the next one.
            if (low < bottom)
                high++;
        }
        else if (low >= bottom && highestHigh != 0)
        {
            // Case B: the window reaches back into the previous subspace. Before the first wrap there is none.
            high--;
        }
        return (ulong)high << 32 | low;
    }

    /// <summary>Would this number be accepted? Asked before the ICV is checked, changes nothing.</summary>
    public bool IsFresh(ulong sequence)
    {
        if (_size == 0 || sequence > _highest)
            return true;
        // RFC 4303 §3.3.3: the first packet has the number 1; 0 is never sent.
        if (sequence == 0 || _highest - sequence >= _size)
            return false;
        return (Block(sequence) & Bit(sequence)) == 0;
    }

    /// <summary>Takes the number of an authenticated packet; false if another worker took it meanwhile or the window moved on.</summary>
    /// <param name="isNewest">True if no higher number was seen before.</param>
    public bool TryAccept(ulong sequence, out bool isNewest)
    {
        isNewest = sequence > _highest;
        if (!IsFresh(sequence))
            return false;
        if (isNewest)
            MoveTo(sequence);
        if (_size != 0)
            Block(sequence) |= Bit(sequence);
        return true;
    }

    void MoveTo(ulong sequence)
    {
        ulong current = _highest / BlockBits;
        ulong steps = Math.Min(sequence / BlockBits - current, (ulong)_blocks.Length);
        for (ulong step = 1; step <= steps; step++)
            Block((current + step) * BlockBits) = 0;
        _highest = sequence;
    }

    ref ulong Block(ulong sequence) => ref _blocks[(int)(sequence / BlockBits) & (_blocks.Length - 1)];

    static ulong Bit(ulong sequence) => 1UL << (int)(sequence % BlockBits);
}
