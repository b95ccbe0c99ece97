using Ipsec.Ike.Configuration;

namespace Ipsec.Simulation.Cells;

/// <summary>
/// Draws what few tunnels have. It has dice of its own: what comes to be drawn here does not change what the other tunnels of a seed are.
/// </summary>
static class ExtensionPlanner
{
    public static CellPlan Extend(CellPlan plan, Dice dice) =>
        plan with { Tunnels = [.. plan.Tunnels.Select(tunnel => tunnel with { Extensions = Draw(dice, tunnel, plan.IsGentle) })] };

    static ExtensionPlan Draw(Dice dice, TunnelPlan tunnel, bool gentle)
    {
        bool isDialable = tunnel is { IsBehindNat: false, IsRoaming: false };
        bool isSpokes = tunnel.Starter is Starter.Spoke or Starter.SpokeOnTraffic or Starter.Operator;
        ExtensionPlan plan = new()
        {
            Postquantum = dice.Chance(0.15)
                ? dice.Pick(PostquantumUse.Both, PostquantumUse.Required, PostquantumUse.HubOnly, PostquantumUse.SpokeOnly) : PostquantumUse.None,
            HasCertificates = dice.Chance(0.04),
            HasCrashTokens = dice.Chance(0.3),
            Redirect = isSpokes && dice.Chance(0.15) ? dice.Pick(RedirectMoment.Init, RedirectMoment.Auth) : null,
            HubReauthentication = dice.Chance(0.1) ? DrawTime(dice) : null,
            SpokeReauthentication = dice.Chance(0.1) ? DrawTime(dice) : null,
        };
        // Whoever has no address yet has no packet that could bring the tunnel up.
        if (tunnel.Starter is Starter.Spoke or Starter.Operator && dice.Chance(0.3))
            return plan with { HasVirtualIp = true };
        if (dice.Chance(0.3))
        {
            plan = plan with
            {
                HubEnd = isDialable && plan.Redirect is null ? dice.Pick(EndAction.AsStarted, EndAction.Start, EndAction.Trap) : EndAction.AsStarted,
                SpokeEnd = dice.Pick(EndAction.AsStarted, EndAction.Start, EndAction.Trap),
            };
        }
        // What inactivity ends, only a packet brings back; and the packet that does may be lost.
        if (!gentle && Tunnel.IsBroughtUpByTraffic(tunnel with { Extensions = plan }) && dice.Chance(0.4))
        {
            plan = plan with
            {
                HubInactivity = dice.Chance(0.5) ? DrawTime(dice) / 4 : null,
                SpokeInactivity = dice.Chance(0.5) ? DrawTime(dice) / 4 : null,
            };
        }
        return plan;
    }

    static TimeSpan DrawTime(Dice dice) => dice.LogBetween(TimeSpan.FromMinutes(2), TimeSpan.FromHours(1));
}
