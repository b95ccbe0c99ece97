using Ipsec.Ike.Configuration;
using Ipsec.Ike.Engine;

namespace Ipsec.Ike.Associations;

/// <summary>The limits of one SA as drawn for it. Null is no limit.</summary>
readonly record struct LifetimePlan(TimeSpan? Soft, TimeSpan? Hard, ulong? SoftBytes, ulong? SoftPackets)
{
    /// <summary>
    /// Draws the soft limits between "rekey minus jitter" and "rekey", so that two peers with equal policies do not rekey at the same
    /// moment (RFC 7296 §2.8: jitter against synchronized rekeys). Octets and packets are drawn in the same proportion.
    /// </summary>
    public static LifetimePlan Draw(EngineContext context, Lifetime lifetime)
    {
        double fraction = context.NextFraction();
        TimeSpan? soft = lifetime.RekeyTime > TimeSpan.Zero
            ? Max(lifetime.RekeyTime - lifetime.RekeyJitter * fraction, TimeSpan.FromMilliseconds(1))
            : null;
        double kept = soft is TimeSpan drawn ? drawn / lifetime.RekeyTime : 1;
        return new LifetimePlan(soft, lifetime.HardTime > TimeSpan.Zero ? lifetime.HardTime : null,
            Scale(lifetime.RekeyBytes, kept), Scale(lifetime.RekeyPackets, kept));
    }

    static ulong? Scale(ulong? limit, double kept) => limit is ulong value ? Math.Max(1, (ulong)(value * kept)) : null;

    static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
