namespace Ipsec.Esp;

/// <summary>Counters of one SA in both directions; octets count inner packets. Only authenticated packets are counted inbound.</summary>
public readonly record struct SaCounters(ulong PacketsIn, ulong BytesIn, ulong PacketsOut, ulong BytesOut);
