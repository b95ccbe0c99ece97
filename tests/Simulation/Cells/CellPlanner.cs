using Ipsec.Ike.Configuration;

namespace Ipsec.Simulation.Cells;

/// <summary>Draws what a cell is: cheap suites mostly, every other option now and then.</summary>
static class CellPlanner
{
    static readonly string[] IkeSuites =
    [
        "aes128gcm16-prfsha256-curve25519", "aes128gcm16-prfsha256-curve25519", "aes256gcm16-prfsha256-curve25519",
        "aes256-sha256-curve25519", "aes128-sha1-curve25519", "aes128gcm16-prfsha256-ecp256",
    ];

    static readonly string[] EspSuites = ["aes128gcm16", "aes128gcm16", "aes256gcm16", "aes256-sha256", "aes128-sha1", "aes128gcm16-esn"];

    static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(60);
    static readonly TimeSpan LongestLife = TimeSpan.FromHours(8);

    public static CellPlan Draw(Dice dice, int number, int spokes)
    {
        bool gentle = dice.Chance(0.2);
        return new CellPlan
        {
            Number = number,
            IsGentle = gentle,
            EventInterval = dice.Between(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5)),
            Loss = gentle ? 0 : dice.Pick(0.001, 0.01, 0.05, 0.2),
            Duplication = dice.Pick(0.001, 0.01, 0.05),
            Latency = dice.LogBetween(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(150)),
            Jitter = dice.LogBetween(TimeSpan.FromMilliseconds(0.1), TimeSpan.FromMilliseconds(100)),
            Tunnels = [.. Enumerable.Range(0, spokes).Select(_ => DrawTunnel(dice, gentle))],
        };
    }

    /// <summary>An ordinary site-to-site network in which nothing goes wrong: the lifetimes of an Azure gateway, a packet a minute each way.</summary>
    public static CellPlan Undisturbed(int number, int spokes)
    {
        Lifetime ike = new() { RekeyTime = TimeSpan.FromHours(8), RekeyJitter = TimeSpan.FromMinutes(30), HardTime = TimeSpan.FromHours(9) };
        Lifetime child = new() { RekeyTime = TimeSpan.FromHours(1), RekeyJitter = TimeSpan.FromMinutes(6), HardTime = TimeSpan.FromMinutes(70) };
        TunnelPlan tunnel = new()
        {
            Starter = Starter.Spoke,
            IsBehindNat = false,
            IsRoaming = false,
            Mobike = false,
            Signs = false,
            ForceUdp = false,
            HubFragmentation = FragmentationPolicy.Yes,
            SpokeFragmentation = FragmentationPolicy.Yes,
            FragmentSize = 1280,
            Childless = ChildlessPolicy.Allow,
            IkeProposals = ["aes256gcm16-prfsha256-curve25519"],
            HubIkeLifetime = ike,
            SpokeIkeLifetime = ike,
            LivenessDelay = TimeSpan.FromSeconds(45),
            RetryDelay = TimeSpan.FromSeconds(5),
            HubDuplicates = DuplicatePolicy.Replace,
            SpokeDuplicates = DuplicatePolicy.Replace,
            Children =
            [
                new()
                {
                    HubProposal = "aes256gcm16-curve25519",
                    SpokeProposal = "aes256gcm16-curve25519",
                    HubLifetime = child,
                    SpokeLifetime = child,
                    IsV6 = false,
                    ReplayWindow = 1024,
                    PacketInterval = TimeSpan.FromMinutes(1),
                },
            ],
        };
        return new CellPlan
        {
            Number = number,
            IsGentle = true,
            IsUndisturbed = true,
            EventInterval = TimeSpan.FromMinutes(5),
            Loss = 0,
            Duplication = 0,
            Latency = TimeSpan.FromMilliseconds(20),
            Jitter = TimeSpan.Zero,
            Tunnels = [.. Enumerable.Repeat(tunnel, spokes)],
        };
    }

    static TunnelPlan DrawTunnel(Dice dice, bool gentle)
    {
        bool nat = dice.Chance(0.25);
        bool roaming = !nat && dice.Chance(0.2);
        // Nobody can dial a spoke behind a NAT, or one whose address changes.
        Starter starter = nat || roaming ? dice.Pick(Starter.Spoke, Starter.SpokeOnTraffic)
            : dice.Pick(Starter.Spoke, Starter.Hub, Starter.Both, Starter.Both, Starter.SpokeOnTraffic, Starter.BothOnTraffic, Starter.Operator);
        bool equal = dice.Chance(0.5);
        Lifetime hubLife = DrawLifetime(dice, gentle, traffic: false, equal);
        Lifetime spokeLife = equal ? hubLife : DrawLifetime(dice, gentle, traffic: false, equal);
        string ike = dice.Pick<string>(IkeSuites);
        return new TunnelPlan
        {
            Starter = starter,
            IsBehindNat = nat,
            IsRoaming = roaming,
            Mobike = dice.Chance(roaming ? 0.8 : 0.3),
            ForceUdp = dice.Chance(0.2),
            HubFragmentation = dice.Pick(FragmentationPolicy.Yes, FragmentationPolicy.Accept, FragmentationPolicy.No),
            SpokeFragmentation = dice.Pick(FragmentationPolicy.Yes, FragmentationPolicy.Accept, FragmentationPolicy.No),
            FragmentSize = dice.Pick(1280, 1280, 576, 280),
            Signs = dice.Chance(0.2),
            Childless = dice.Pick(ChildlessPolicy.Allow, ChildlessPolicy.Allow, ChildlessPolicy.Prefer, ChildlessPolicy.Force),
            // Two groups to choose from, or an additional key exchange, which must be another one (RFC 9370 §2.2.1).
            IkeProposals = [dice.Pick($"{ike}-ecp384", ike.EndsWith("ecp256", StringComparison.Ordinal) ? ike : $"{ike}-ke1_ecp256",
                ike, ike, ike, ike, ike, ike)],
            HubIkeLifetime = hubLife,
            SpokeIkeLifetime = spokeLife,
            LivenessDelay = TimeSpan.FromSeconds(dice.Between(10, 60)),
            RetryDelay = TimeSpan.FromSeconds(dice.Between(2, 10)),
            HubDuplicates = dice.Pick(DuplicatePolicy.Replace, DuplicatePolicy.Keep, DuplicatePolicy.Never),
            SpokeDuplicates = dice.Pick(DuplicatePolicy.Replace, DuplicatePolicy.Keep, DuplicatePolicy.Never),
            Children = [.. Enumerable.Range(0, dice.Pick(1, 1, 1, 2, 3)).Select(_ => DrawChild(dice, gentle))],
        };
    }

    static ChildPlan DrawChild(Dice dice, bool gentle)
    {
        string suite = dice.Pick<string>(EspSuites);
        // Both orders of two groups: the first rekey meets INVALID_KE_PAYLOAD.
        (string hub, string spoke) = dice.Below(8) switch
        {
            2 => ($"{suite}-curve25519-ke1_ecp256", $"{suite}-curve25519-ke1_ecp256"),
            3 => ($"{suite}-curve25519-ecp256", $"{suite}-ecp256-curve25519"),
            0 => ($"{suite}-curve25519", $"{suite}-curve25519"),
            1 => ($"{suite}-curve25519-ecp256", $"{suite}-ecp256-curve25519"),
            _ => (suite, suite),
        };
        bool equal = dice.Chance(0.5);
        Lifetime hubLife = DrawLifetime(dice, gentle, traffic: true, equal);
        return new ChildPlan
        {
            HubProposal = hub,
            SpokeProposal = spoke,
            HubLifetime = hubLife,
            SpokeLifetime = equal ? hubLife : DrawLifetime(dice, gentle, traffic: true, equal),
            IsV6 = dice.Chance(0.2),
            ReplayWindow = dice.Pick(64, 128, 1024),
            PacketInterval = dice.LogBetween(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(120)),
        };
    }

    /// <param name="traffic">A child SA may have limits of octets and packets too.</param>
    /// <param name="provoke">Both ends have the same: sometimes without jitter, so that they rekey in the same moment.</param>
    static Lifetime DrawLifetime(Dice dice, bool gentle, bool traffic, bool provoke)
    {
        TimeSpan rekey = dice.LogBetween(ShortestLife, LongestLife);
        Lifetime lifetime = new()
        {
            RekeyTime = rekey,
            RekeyJitter = provoke && dice.Chance(0.6) ? TimeSpan.Zero : rekey * dice.Pick(0.05, 0.1, 0.3),
            HardTime = rekey * 1.2 + TimeSpan.FromSeconds(gentle ? 120 : dice.Between(20, 120)),
        };
        if (!traffic)
            return lifetime;
        ulong packets = (ulong)dice.Between(20, 2000);
        // Never rekeyed: both ends delete it in the same moment, and ask for another one.
        if (!gentle && dice.Chance(0.1))
            return new Lifetime { RekeyTime = TimeSpan.Zero, HardTime = dice.LogBetween(TimeSpan.FromMinutes(2), TimeSpan.FromHours(1)) };
        return dice.Below(5) switch
        {
            0 => lifetime with { RekeyPackets = packets, HardPackets = gentle ? packets * 4 + 200 : packets + (ulong)dice.Between(1, 20) },
            1 => lifetime with { RekeyBytes = packets * 50, HardBytes = gentle ? packets * 200 + 10_000 : packets * 50 + (ulong)dice.Between(50, 1000) },
            _ => lifetime,
        };
    }
}
