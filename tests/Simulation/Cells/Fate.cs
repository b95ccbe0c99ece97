using Ipsec.Simulation.Fabric;
using Ipsec.Simulation.Report;

namespace Ipsec.Simulation.Cells;

/// <summary>What operators and fate do to a cell while faults last: commands on both sides, restarts, rebindings, outages, clocks.</summary>
sealed class Fate(Cell cell, Dice dice) : IScheduled
{
    // A second command that should meet the first one comes within this time, or at once.
    static readonly TimeSpan Crossing = TimeSpan.FromMilliseconds(50);

    int _round;
    int _moves;

    public void Begin() => cell.Time.After(dice.Exponential(cell.Plan.EventInterval) + TimeSpan.FromSeconds(10), this, _round);

    public void End()
    {
        _round++;
        cell.Wire.OutageUntil = TimeSpan.Zero;
    }

    public void Fire(object? argument)
    {
        // What was to happen in a round that is over does not happen any more.
        if (argument is not int round || round != _round)
            return;
        Act(cell.Tunnels[dice.Below(cell.Tunnels.Length)]);
        cell.Time.After(dice.Exponential(cell.Plan.EventInterval), this, _round);
    }

    void Act(Tunnel tunnel)
    {
        if (cell.Plan.IsGentle)
        {
            Rekey(tunnel);
            return;
        }
        // Drawn only where somebody can be redirected, so that other tunnels have the fate that they had.
        if (tunnel.Plan.Extensions.Redirect is not null && dice.Chance(0.1))
        {
            Redirect(tunnel);
            return;
        }
        switch (dice.Below(20))
        {
            case 0:
                Restart(tunnel);
                break;
            case 1 or 2:
                Rebind(tunnel);
                break;
            case 3:
                StepClock(dice.Pick(tunnel.Hub, tunnel.Spoke));
                break;
            case 4:
                Count(FaultKind.Outage);
                cell.Wire.OutageUntil = cell.Time.Now + dice.LogBetween(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(3));
                break;
            case 5:
                cell.Wire.Roughness = dice.Pick(0.1, 1, 3);
                break;
            case 6:
                TakeDown(tunnel);
                break;
            default:
                Rekey(tunnel);
                break;
        }
    }

    /// <summary>Both sides at once on a quiet network: what a collision leaves behind is seen before anything else can mend it.</summary>
    public void Collide(Tunnel tunnel)
    {
        foreach (Node node in new[] { tunnel.Hub, tunnel.Spoke })
        {
            if (dice.Chance(0.8))
                node.Command("rekey child", endpoint => endpoint.RekeyChild(tunnel.NameAt(node), null, node.Now));
            else
                RekeyIke(node, tunnel);
        }
    }

    /// <summary>One side, both sides at once, or two different rekeys that meet.</summary>
    void Rekey(Tunnel tunnel)
    {
        Node first = dice.Pick(tunnel.Hub, tunnel.Spoke);
        Node second = first == tunnel.Hub ? tunnel.Spoke : tunnel.Hub;
        switch (dice.Below(8))
        {
            case 0:
                RekeyIke(first, tunnel);
                break;
            case 1:
                RekeyChild(first, tunnel);
                break;
            case 2 or 3:
                RekeyChild(first, tunnel);
                Soon(() => RekeyChild(second, tunnel));
                break;
            case 4 or 5:
                RekeyIke(first, tunnel);
                Soon(() => RekeyIke(second, tunnel));
                break;
            default:
                RekeyChild(first, tunnel);
                Soon(() => RekeyIke(second, tunnel));
                break;
        }
    }

    void Soon(Action action)
    {
        if (dice.Chance(0.5))
            action();
        else
            cell.Time.After(Crossing * dice.Fraction(), new Once(action));
    }

    void RekeyChild(Node node, Tunnel tunnel)
    {
        string? child = dice.Chance(0.5) ? null : Configurations.ChildName(dice.Below(tunnel.Plan.Children.Length));
        node.Command($"rekey child {child}", endpoint => endpoint.RekeyChild(tunnel.NameAt(node), child, node.Now));
    }

    static void RekeyIke(Node node, Tunnel tunnel) => node.Command("rekey ike", endpoint => endpoint.RekeyIke(tunnel.NameAt(node), node.Now));

    void TakeDown(Tunnel tunnel)
    {
        Node node = dice.Pick(tunnel.Hub, tunnel.Spoke);
        // Now and then into a rekey.
        if (dice.Chance(0.5))
            Rekey(tunnel);
        tunnel.IsTakenDown = true;
        Soon(() => node.Command("terminate", endpoint => endpoint.Terminate(tunnel.NameAt(node), node.Now)));
        if (dice.Chance(0.3))
        {
            Node other = node == tunnel.Hub ? tunnel.Spoke : tunnel.Hub;
            Soon(() => other.Command("terminate", endpoint => endpoint.Terminate(tunnel.NameAt(other), other.Now)));
        }
        cell.Time.After(dice.LogBetween(TimeSpan.FromMilliseconds(20), TimeSpan.FromMinutes(2)), new Once(() => Cell.Initiate(tunnel)));
    }

    void Restart(Tunnel tunnel)
    {
        Node node = dice.Pick(tunnel.Hub, tunnel.Spoke);
        switch (dice.Below(4))
        {
            case 0:
                Count(FaultKind.Restart);
                node.Kill();
                node.Start();
                break;
            case 1:
                Count(FaultKind.RestartAfterDowntime);
                node.Kill();
                StartAfter(node, dice.LogBetween(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)));
                break;
            case 2:
                Count(FaultKind.OrderlyRestart);
                node.Do(endpoint => endpoint.Shutdown(node.Now));
                cell.Time.After(TimeSpan.FromSeconds(4), new Once(() =>
                {
                    node.Kill();
                    node.Start();
                }));
                break;
            default:
                Count(FaultKind.RestartOfBothEnds);
                tunnel.Hub.Kill();
                tunnel.Spoke.Kill();
                StartAfter(tunnel.Hub, dice.Pick(TimeSpan.Zero, TimeSpan.FromSeconds(2)));
                StartAfter(tunnel.Spoke, dice.Pick(TimeSpan.Zero, dice.Between(TimeSpan.Zero, TimeSpan.FromSeconds(30))));
                break;
        }
    }

    void Redirect(Tunnel tunnel)
    {
        if (dice.Chance(0.2))
        {
            Count(FaultKind.Restart);
            cell.Gateway!.Kill();
            StartAfter(cell.Gateway, dice.LogBetween(TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1)));
            return;
        }
        Count(FaultKind.Redirect);
        string target = cell.Gateway!.Address.ToString();
        tunnel.Hub.Command("redirect", endpoint => endpoint.Redirect(tunnel.NameAtHub, target, tunnel.Hub.Now));
        // Now and then into a rekey.
        if (dice.Chance(0.5))
            Soon(() => Rekey(tunnel));
    }

    void StartAfter(Node node, TimeSpan delay) => cell.Time.After(delay, new Once(node.Start));

    void Rebind(Tunnel tunnel)
    {
        if (tunnel.Plan.IsRoaming)
        {
            Count(FaultKind.AddressChange);
            tunnel.Spoke.MoveTo(Configurations.ChangingAddress(cell.Plan, tunnel.Index, ++_moves));
            return;
        }
        if (tunnel.Spoke.Nat is not NatBox nat)
        {
            Rekey(tunnel);
            return;
        }
        if (dice.Chance(0.5))
        {
            Count(FaultKind.NatRebinding);
            nat.Rebind();
        }
        else
        {
            Count(FaultKind.NatAddressChange);
            nat.MoveTo(Configurations.ChangingAddress(cell.Plan, tunnel.Index, ++_moves));
        }
    }

    void StepClock(Node node)
    {
        bool forward = dice.Chance(0.5);
        Count(forward ? FaultKind.ClockForward : FaultKind.ClockBack);
        TimeSpan step = dice.LogBetween(TimeSpan.FromSeconds(1), TimeSpan.FromDays(400));
        node.ClockOffset += forward ? step : -step;
    }

    void Count(FaultKind kind)
    {
        cell.Statistics.Add(kind);
        cell.Trace("fate", kind.ToString());
    }
}
