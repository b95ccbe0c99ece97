namespace Ipsec.Esp.Counters;

/// <summary>One number per <see cref="DataPathCounter"/>, added to by all workers.</summary>
sealed class CounterSet
{
    readonly long[] _values = new long[Enum.GetValues<DataPathCounter>().Length];

    public void Increment(DataPathCounter counter) => Interlocked.Increment(ref _values[(int)counter]);

    public void Add(DataPathCounter counter, int count) => Interlocked.Add(ref _values[(int)counter], count);

    public ulong Read(DataPathCounter counter) => (ulong)Volatile.Read(ref _values[(int)counter]);
}
