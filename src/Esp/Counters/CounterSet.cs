namespace Ipsec.Esp.Counters;

/// <summary>One number per <see cref="DataPathCounter"/>: one worker's, which adds without a locked instruction, read by anybody.</summary>
sealed class CounterSet
{
    readonly long[] _values = new long[Enum.GetValues<DataPathCounter>().Length];

    public void Increment(DataPathCounter counter) => Add(counter, 1);

    public void Add(DataPathCounter counter, int count)
    {
        ref long value = ref _values[(int)counter];
        Volatile.Write(ref value, value + count);
    }

    public ulong Read(DataPathCounter counter) => (ulong)Volatile.Read(ref _values[(int)counter]);
}
