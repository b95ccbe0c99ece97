namespace Ipsec.Benchmarks.Throughput.Load;

/// <summary>What arrived of one trial. What the trials before left in some queue does not count.</summary>
sealed class DatagramCounts
{
    /// <summary>
    /// A datagram that arrives so long after it was sent has not been delivered: a program with a queue without bound would otherwise seem to carry any
    /// rate for as long as a trial lasts.
    /// </summary>
    public const long LateAfter = 100_000_000; // ns

    const int MostDatagrams = 1 << 26;

    readonly ulong[] _seen = new ulong[MostDatagrams / 64];
    uint _trial;
    uint _highest;

    public uint InTime { get; private set; }

    public uint Late { get; private set; }

    /// <summary>Behind one that was sent after it.</summary>
    public uint Reordered { get; private set; }

    /// <summary>The second one and each further one.</summary>
    public uint Duplicated { get; private set; }

    public void Begin(uint trial)
    {
        Array.Clear(_seen, 0, (int)(_highest / 64) + 1);
        (_trial, _highest) = (trial, 0);
        InTime = Late = Reordered = Duplicated = 0;
    }

    public void Take(in DatagramStamp stamp, long now)
    {
        if (stamp.Trial != _trial || stamp.Number >= MostDatagrams)
            return;
        ref ulong word = ref _seen[stamp.Number / 64];
        ulong bit = 1UL << (int)(stamp.Number % 64);
        if ((word & bit) != 0)
        {
            Duplicated++;
            return;
        }
        word |= bit;
        if (stamp.Number < _highest)
            Reordered++;
        _highest = Math.Max(_highest, stamp.Number);
        if (now - stamp.SentAt > LateAfter)
            Late++;
        else
            InTime++;
    }
}
