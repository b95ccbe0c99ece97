using Ipsec.Ike.Engine;

namespace Ipsec.Ike.Exchanges;

/// <summary>When to try a rekey again that failed for a time (RFC 7296 §2.25: not immediately, over several minutes).</summary>
static class RekeyBackoff
{
    /// <summary>After this much of TEMPORARY_FAILURE the two sides are out of step.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(5);

    static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Spread = TimeSpan.FromSeconds(10);

    /// <summary>Drawn, so that two peers that refuse each other do not go on doing so in step.</summary>
    public static TimeSpan Next(EngineContext context) => Shortest + Spread * context.NextFraction();
}
