namespace Ipsec.Esp;

/// <summary>What all tunnels of an endpoint together may carry, both directions: a token bucket over inner octets.</summary>
/// <param name="BitsPerSecond">1,000 to 1,000,000,000,000.</param>
/// <param name="Depth">How far ahead of that rate a burst may be, above zero to ten seconds; what goes further is dropped.</param>
public readonly record struct ShaperSettings(long BitsPerSecond, TimeSpan Depth)
{
    public const long SlowestRate = 1_000;
    public const long FastestRate = 1_000_000_000_000;

    public static TimeSpan LongestDepth => TimeSpan.FromSeconds(10);
    public static TimeSpan DefaultDepth => TimeSpan.FromMilliseconds(100);

    public bool IsValid => BitsPerSecond is >= SlowestRate and <= FastestRate && Depth > TimeSpan.Zero && Depth <= LongestDepth;
}
