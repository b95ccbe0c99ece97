using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>
/// What a device can be told about its negotiations: by its profile, for the whole device, for one connection, for one child. Null is "not
/// said here": the next wider level decides.
/// </summary>
sealed record DeviceSettings
{
    /// <summary>Empty means "those of the profile".</summary>
    public ImmutableArray<AlgorithmProposal>? Proposals { get; init; }
    public ImmutableArray<AlgorithmProposal>? EspProposals { get; init; }
    public Identity? LocalIdentity { get; init; }
    public Identity? RemoteIdentity { get; init; }
    public CredentialSettings Credentials { get; init; } = new();

    /// <summary>True: any to any where no selectors are given, and routes decide; false: the networks of both sides.</summary>
    public bool? IsRouteBased { get; init; }
    public ImmutableArray<TrafficSelector>? LocalSelectors { get; init; }
    public ImmutableArray<TrafficSelector>? RemoteSelectors { get; init; }

    /// <summary>Those of the list that say "dynamic"; null where there is no list.</summary>
    public ImmutableArray<DynamicSelector>? DynamicLocalSelectors { get; init; }
    public ImmutableArray<DynamicSelector>? DynamicRemoteSelectors { get; init; }
    public ChildMode? Mode { get; init; }
    public ImmutableArray<IpAddress>? VirtualIps { get; init; }

    /// <summary>Names of pools of the device.</summary>
    public ImmutableArray<string>? Pools { get; init; }
    public ChildlessPolicy? Childless { get; init; }
    public bool? FollowRedirects { get; init; }
    public RedirectTarget? RedirectTo { get; init; }
    public RedirectMoment? RedirectAt { get; init; }
    public StartAction? StartAction { get; init; }

    /// <summary>Octets; 0 leaves segments alone.</summary>
    public int? MssClamp { get; init; }

    /// <summary>Among tunnels to the same networks the lowest one is used.</summary>
    public int? RouteMetric { get; init; }
    public Lifetime? IkeLifetime { get; init; }
    public Lifetime? ChildLifetime { get; init; }
    public TimeSpan? DeadPeerDetectionDelay { get; init; }
    public TimeSpan? RetryDelay { get; init; }
    public TimeSpan? MaximumRetryDelay { get; init; }
    public EndAction? CloseAction { get; init; }
    public EndAction? DeadPeerAction { get; init; }
    public RetransmissionPolicy? Retransmission { get; init; }

    /// <summary>How long an authentication is good for; null sets no limit.</summary>
    public TimeSpan? ReauthenticationTime { get; init; }

    /// <summary>Null never closes what is idle.</summary>
    public TimeSpan? InactivityTimeout { get; init; }
    public int? ReplayWindow { get; init; }

    /// <summary>What is negotiated for extended sequence numbers, in order; it replaces what the ESP proposals say.</summary>
    public ImmutableArray<bool>? ExtendedSequenceNumbers { get; init; }
    public bool? ForceUdpEncapsulation { get; init; }
    public FragmentationPolicy? Fragmentation { get; init; }

    /// <summary>Octets of an IP datagram.</summary>
    public int? FragmentSize { get; init; }
    public DuplicatePolicy? DuplicatePolicy { get; init; }
    public bool? Mobike { get; init; }
    public bool? MobikeReturnRoutability { get; init; }
    public ImmutableArray<IpPrefix>? MobikePeerAddresses { get; init; }

    /// <summary>These settings, and where they say nothing those of the wider level.</summary>
    public DeviceSettings Over(DeviceSettings wider) => new()
    {
        Proposals = Proposals ?? wider.Proposals,
        EspProposals = EspProposals ?? wider.EspProposals,
        LocalIdentity = LocalIdentity ?? wider.LocalIdentity,
        RemoteIdentity = RemoteIdentity ?? wider.RemoteIdentity,
        Credentials = Credentials.Over(wider.Credentials),
        IsRouteBased = IsRouteBased ?? wider.IsRouteBased,
        LocalSelectors = LocalSelectors ?? wider.LocalSelectors,
        RemoteSelectors = RemoteSelectors ?? wider.RemoteSelectors,
        DynamicLocalSelectors = DynamicLocalSelectors ?? wider.DynamicLocalSelectors,
        DynamicRemoteSelectors = DynamicRemoteSelectors ?? wider.DynamicRemoteSelectors,
        Mode = Mode ?? wider.Mode,
        VirtualIps = VirtualIps ?? wider.VirtualIps,
        Pools = Pools ?? wider.Pools,
        Childless = Childless ?? wider.Childless,
        FollowRedirects = FollowRedirects ?? wider.FollowRedirects,
        RedirectTo = RedirectTo ?? wider.RedirectTo,
        RedirectAt = RedirectAt ?? wider.RedirectAt,
        StartAction = StartAction ?? wider.StartAction,
        MssClamp = MssClamp ?? wider.MssClamp,
        RouteMetric = RouteMetric ?? wider.RouteMetric,
        IkeLifetime = IkeLifetime ?? wider.IkeLifetime,
        ChildLifetime = ChildLifetime ?? wider.ChildLifetime,
        DeadPeerDetectionDelay = DeadPeerDetectionDelay ?? wider.DeadPeerDetectionDelay,
        RetryDelay = RetryDelay ?? wider.RetryDelay,
        MaximumRetryDelay = MaximumRetryDelay ?? wider.MaximumRetryDelay,
        CloseAction = CloseAction ?? wider.CloseAction,
        DeadPeerAction = DeadPeerAction ?? wider.DeadPeerAction,
        Retransmission = Retransmission ?? wider.Retransmission,
        ReauthenticationTime = ReauthenticationTime ?? wider.ReauthenticationTime,
        InactivityTimeout = InactivityTimeout ?? wider.InactivityTimeout,
        ReplayWindow = ReplayWindow ?? wider.ReplayWindow,
        ExtendedSequenceNumbers = ExtendedSequenceNumbers ?? wider.ExtendedSequenceNumbers,
        ForceUdpEncapsulation = ForceUdpEncapsulation ?? wider.ForceUdpEncapsulation,
        Fragmentation = Fragmentation ?? wider.Fragmentation,
        FragmentSize = FragmentSize ?? wider.FragmentSize,
        DuplicatePolicy = DuplicatePolicy ?? wider.DuplicatePolicy,
        Mobike = Mobike ?? wider.Mobike,
        MobikeReturnRoutability = MobikeReturnRoutability ?? wider.MobikeReturnRoutability,
        MobikePeerAddresses = MobikePeerAddresses ?? wider.MobikePeerAddresses,
    };
}
