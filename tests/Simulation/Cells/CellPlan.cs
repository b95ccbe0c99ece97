using Ipsec.Ike.Configuration;

namespace Ipsec.Simulation.Cells;

/// <summary>Who brings a tunnel up.</summary>
enum Starter
{
    Spoke,
    Hub,
    Both,
    SpokeOnTraffic,
    BothOnTraffic,

    /// <summary>Nobody by itself: an operator's command, at the spoke.</summary>
    Operator,
}

/// <summary>One hub and its spokes: they share nothing with other cells, so one of them can be run alone and does the same.</summary>
sealed record CellPlan
{
    public required int Number { get; init; }

    /// <summary>Only duplicates and jitter, no loss, no restart: then not one inner packet may be lost over any rekey.</summary>
    public required bool IsGentle { get; init; }
    public required TunnelPlan[] Tunnels { get; init; }

    /// <summary>No faults and no operators at all.</summary>
    public bool IsUndisturbed { get; init; }

    /// <summary>Tunnels whose spokes dial a gateway that sends them to the hub.</summary>
    public bool HasGateway => Tunnels.Any(tunnel => tunnel.Extensions.Redirect is not null);

    /// <summary>Mean time between two things that an operator or fate does.</summary>
    public required TimeSpan EventInterval { get; init; }
    public required double Loss { get; init; }
    public required double Duplication { get; init; }
    public required TimeSpan Latency { get; init; }
    public required TimeSpan Jitter { get; init; }
}

/// <summary>One spoke and its tunnel.</summary>
sealed record TunnelPlan
{
    public required Starter Starter { get; init; }
    public required bool IsBehindNat { get; init; }
    /// <summary>The spoke changes its address now and then; nobody can dial it.</summary>
    public required bool IsRoaming { get; init; }

    /// <summary>Both ends speak RFC 4555.</summary>
    public required bool Mobike { get; init; }
    public required bool ForceUdp { get; init; }
    public required FragmentationPolicy HubFragmentation { get; init; }
    public required FragmentationPolicy SpokeFragmentation { get; init; }

    /// <summary>Largest IP packet of an IKE message in octets; small, so that ordinary messages are cut.</summary>
    public required int FragmentSize { get; init; }
    /// <summary>With raw public keys (RFC 7670) instead of a pre-shared key: signing is an operation that takes a while.</summary>
    public required bool Signs { get; init; }
    public required ChildlessPolicy Childless { get; init; }
    public required string[] IkeProposals { get; init; }
    public required Lifetime HubIkeLifetime { get; init; }
    public required Lifetime SpokeIkeLifetime { get; init; }
    public required TimeSpan LivenessDelay { get; init; }
    public required TimeSpan RetryDelay { get; init; }
    public required DuplicatePolicy HubDuplicates { get; init; }
    public required DuplicatePolicy SpokeDuplicates { get; init; }
    public required ChildPlan[] Children { get; init; }
    public ExtensionPlan Extensions { get; init; } = ExtensionPlan.None;
}

/// <summary>One child SA of a tunnel.</summary>
sealed record ChildPlan
{
    public required string HubProposal { get; init; }
    public required string SpokeProposal { get; init; }
    public required Lifetime HubLifetime { get; init; }
    public required Lifetime SpokeLifetime { get; init; }
    public required bool IsV6 { get; init; }
    public required int ReplayWindow { get; init; }
    public required TimeSpan PacketInterval { get; init; }
}
