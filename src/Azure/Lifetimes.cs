using Ipsec.Azure.Policies;
using Ipsec.Azure.Resources;
using Ipsec.Ike.Configuration;

namespace Ipsec.Azure;

/// <summary>The lifetimes of a gateway's SAs.</summary>
static class Lifetimes
{
    public static Lifetime MainMode(EmulationOptions emulation) => Timed(DefaultPolicy.MainModeLifetimeSeconds, emulation);

    public static Lifetime QuickMode(IpsecPolicy? policy, EmulationOptions emulation)
    {
        int seconds = policy?.SaLifeTimeSeconds ?? DefaultPolicy.QuickModeLifetimeSeconds;
        ulong octets = (ulong)(policy?.SaDataSizeKilobytes ?? DefaultPolicy.QuickModeLifetimeKilobytes) * 1024;
        return Timed(seconds, emulation) with { RekeyBytes = octets / 100 * (ulong)emulation.RekeyPercent, HardBytes = octets };
    }

    static Lifetime Timed(int seconds, EmulationOptions emulation) => new()
    {
        HardTime = TimeSpan.FromSeconds(seconds),
        RekeyTime = TimeSpan.FromSeconds(seconds) * emulation.RekeyPercent / 100,
        // A hundredth keeps two gateways with the same lifetime from rekeying at the same moment.
        RekeyJitter = TimeSpan.FromSeconds(seconds) / 100,
    };
}
