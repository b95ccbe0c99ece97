using Ipsec.Ike.Configuration;

namespace Ipsec.Simulation.Cells;

/// <summary>Which end of a tunnel has a post-quantum preshared key (RFC 8784).</summary>
enum PostquantumUse
{
    None,
    Both,

    /// <summary>Neither end goes without.</summary>
    Required,

    /// <summary>One end has one that the other does not know: it is not used.</summary>
    HubOnly,
    SpokeOnly,
}

/// <summary>What few tunnels have beside <see cref="TunnelPlan"/>.</summary>
sealed record ExtensionPlan
{
    public static ExtensionPlan None { get; } = new();

    public PostquantumUse Postquantum { get; init; }

    /// <summary>RFC 4478, at either end; null sets no limit.</summary>
    public TimeSpan? HubReauthentication { get; init; }
    public TimeSpan? SpokeReauthentication { get; init; }

    /// <summary>The spoke dials a gateway that sends it to the hub (RFC 5685), in this exchange; null dials the hub.</summary>
    public RedirectMoment? Redirect { get; init; }

    /// <summary>The spoke's end of the first child SA is an address of the hub's pool, which has just enough of them.</summary>
    public bool HasVirtualIp { get; init; }

    /// <summary>Certificates under an intermediate authority in place of raw public keys.</summary>
    public bool HasCertificates { get; init; }

    /// <summary>RFC 6290, at the spoke; at the hub for all of its tunnels.</summary>
    public bool HasCrashTokens { get; init; }

    /// <summary>When the peer has deleted the tunnel, or is dead.</summary>
    public EndAction HubEnd { get; init; }
    public EndAction SpokeEnd { get; init; }

    /// <summary>Of every child SA, at either end.</summary>
    public TimeSpan? HubInactivity { get; init; }
    public TimeSpan? SpokeInactivity { get; init; }
}
