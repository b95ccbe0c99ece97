namespace Ipsec.Esp;

/// <summary>Counters of one SA in both directions; octets count inner packets. Only authenticated packets are counted inbound.</summary>
public readonly record struct SaCounters(ulong PacketsIn, ulong BytesIn, ulong PacketsOut, ulong BytesOut)
{
    /// <summary>What two SAs counted together.</summary>
    public static SaCounters operator +(SaCounters left, SaCounters right) =>
        new(left.PacketsIn + right.PacketsIn, left.BytesIn + right.BytesIn, left.PacketsOut + right.PacketsOut, left.BytesOut + right.BytesOut);
}
