using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Configuration;

/// <summary>Who brings something up.</summary>
public enum StartAction
{
    /// <summary>Wait for the peer or for a command.</summary>
    None,

    /// <summary>Initiate at start and again whenever it is down.</summary>
    Start,

    /// <summary>Initiate when an inner packet is routed into the tunnel and no SA carries it.</summary>
    Traffic,
}

/// <summary>What to do when a tunnel has ended without our doing.</summary>
public enum EndAction
{
    /// <summary>As <see cref="ConnectionConfiguration.StartAction"/> says.</summary>
    AsStarted,

    /// <summary>Forget it: it waits for the peer or for a command.</summary>
    None,

    /// <summary>Initiate when an inner packet wants into it.</summary>
    Trap,

    /// <summary>Initiate again, until it is up.</summary>
    Start,
}

/// <summary>What to do with an older IKE SA between the same two identities (D10).</summary>
public enum DuplicatePolicy
{
    /// <summary>The new one replaces the old one.</summary>
    Replace,

    /// <summary>The old one stays and the new one is refused.</summary>
    Keep,

    /// <summary>Both live; INITIAL_CONTACT alone removes the old one.</summary>
    Never,
}

/// <summary>Whether large IKE messages travel in fragments of their own (RFC 7383).</summary>
public enum FragmentationPolicy
{
    /// <summary>Announced, accepted, and used for what is larger than <see cref="ConnectionConfiguration.FragmentSize"/>.</summary>
    Yes,

    /// <summary>Announced and accepted; our own messages go in one piece unless they seem not to get through.</summary>
    Accept,

    /// <summary>Neither announced nor used.</summary>
    No,
}

/// <summary>
/// How long an SA lives. The rekey starts at the soft limit, which is drawn once per SA between
/// <see cref="RekeyTime"/> minus <see cref="RekeyJitter"/> and <see cref="RekeyTime"/>; at the hard limit the SA is closed.
/// </summary>
public sealed record Lifetime
{
    public required TimeSpan RekeyTime { get; init; }
    public required TimeSpan HardTime { get; init; }
    public TimeSpan RekeyJitter { get; init; }

    /// <summary>Octets through a child SA in one direction until its rekey; null is no limit.</summary>
    public ulong? RekeyBytes { get; init; }
    public ulong? HardBytes { get; init; }

    /// <summary>Packets through a child SA in one direction until its rekey; null is no limit.</summary>
    public ulong? RekeyPackets { get; init; }
    public ulong? HardPackets { get; init; }
}

/// <summary>One peer relation: two addresses, two identities, an IKE policy and its child SAs. Immutable; a reload compares by value.</summary>
public sealed record ConnectionConfiguration
{
    public required string Name { get; init; }

    /// <summary>The address to send from; null lets the endpoint's only address of the remote family stand in.</summary>
    public IpAddress? LocalAddress { get; init; }

    /// <summary>The address to dial; null for a connection that only answers (%any), or whose peer is known by <see cref="RemoteName"/>.</summary>
    public IpAddress? RemoteAddress { get; init; }

    /// <summary>
    /// The peer's DNS name, in place of <see cref="RemoteAddress"/>: it is resolved for each row of attempts, and its addresses are tried in order. A peer
    /// that dials us is not known by it: it may come from anywhere, and its identity and key decide.
    /// </summary>
    public string? RemoteName { get; init; }

    /// <summary>Announce MOBIKE, so that either side may change its address while the tunnel stays up; null does not.</summary>
    public MobikeOptions? Mobike { get; init; }

    /// <summary>Addresses from which the peer is accepted, most specific first in the choice of D10; empty is %any.</summary>
    public ImmutableArray<IpPrefix> AcceptedRemoteAddresses { get; init; } = [];

    /// <summary>UDP port of the peer for IKE_SA_INIT.</summary>
    public ushort RemoteIkePort { get; init; } = 500;

    /// <summary>UDP port of the peer after NAT detection.</summary>
    public ushort RemoteNatTraversalPort { get; init; } = 4500;

    /// <summary>Null: the local address as ID_IPV4_ADDR or ID_IPV6_ADDR.</summary>
    public Identity? LocalIdentity { get; init; }

    /// <summary>Null accepts any identity for which a key is found.</summary>
    public Identity? RemoteIdentity { get; init; }

    public LocalAuthentication LocalAuthentication { get; init; } = LocalAuthentication.PresharedKey;
    public RemoteAuthentication RemoteAuthentication { get; init; } = RemoteAuthentication.OnlyPresharedKey;

    /// <summary>
    /// Post-quantum preshared keys (RFC 8784): as initiator the first one is offered, as responder the peer may name any of them. Empty uses none.
    /// </summary>
    public ImmutableArray<PostquantumKey> PostquantumKeys { get; init; } = [];

    /// <summary>Without one of <see cref="PostquantumKeys"/> there is no IKE SA; otherwise it is used if the peer has it too.</summary>
    public bool RequiresPostquantumKey { get; init; }

    /// <summary>Below this a tunnel would do little else than authenticate.</summary>
    public static TimeSpan ShortestReauthenticationTime { get; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long an authentication is good for (RFC 4478): an initiator authenticates again before, make before break; a responder announces it and closes
    /// what is not renewed. Null sets no limit; a limit that the peer sets is kept in any case.
    /// </summary>
    public TimeSpan? ReauthenticationTime { get; init; }

    /// <summary>Offered in this order as initiator.</summary>
    public required ImmutableArray<AlgorithmProposal> InitiatorProposals { get; init; }

    /// <summary>Accepted in this order of preference as responder.</summary>
    public required ImmutableArray<AlgorithmProposal> ResponderProposals { get; init; }

    public required Lifetime Lifetime { get; init; }

    /// <summary>False refuses to initiate: the peer must (Azure's ResponderOnly).</summary>
    public bool MayInitiate { get; init; } = true;

    /// <summary>False refuses to answer IKE_SA_INIT for this connection (Azure's InitiatorOnly).</summary>
    public bool MayRespond { get; init; } = true;

    public StartAction StartAction { get; init; }

    /// <summary>When the peer has deleted the IKE SA or a child SA that it did not replace.</summary>
    public EndAction CloseAction { get; init; }

    /// <summary>When the peer did not answer a request.</summary>
    public EndAction DeadPeerAction { get; init; }

    public RetransmissionPolicy Retransmission { get; init; } = new();

    /// <summary>Idle time after which a liveness check is sent; zero turns it off (RFC 7296 §2.4).</summary>
    public TimeSpan DeadPeerDetectionDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// With <see cref="StartAction.Start"/>: how long after the start the first attempt waits for the peer to come first. An Azure gateway
    /// takes whoever dials, and dials itself when nobody has.
    /// </summary>
    public TimeSpan StartDelay { get; init; }

    /// <summary>
    /// Pause between two attempts of a connection that should be up, give or take a tenth. Each attempt that fails doubles it, up to
    /// <see cref="MaximumRetryDelay"/>.
    /// </summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Never shortens <see cref="RetryDelay"/>.</summary>
    public TimeSpan MaximumRetryDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Packets alone may bring it up, now or after one of the ends.</summary>
    public bool MayTrap => StartAction == StartAction.Traffic || CloseAction == EndAction.Trap || DeadPeerAction == EndAction.Trap;

    /// <summary>This side brings it up by itself, now or after one of the ends.</summary>
    public bool MayStart => MayTrap || StartAction == StartAction.Start || CloseAction == EndAction.Start || DeadPeerAction == EndAction.Start;

    /// <summary>Report a NAT even where there is none, so that ESP always travels in UDP.</summary>
    public bool ForceUdpEncapsulation { get; init; }

    public FragmentationPolicy Fragmentation { get; init; }

    /// <summary>Octets of the longest IP datagram for an IKE message before it is fragmented, IP header included (RFC 7383 §2.5.1): 200 to 65535.</summary>
    public int FragmentSize { get; init; } = DefaultFragmentSize;

    public const int DefaultFragmentSize = 1280;

    public DuplicatePolicy DuplicatePolicy { get; init; } = DuplicatePolicy.Replace;

    /// <summary>
    /// Addresses to ask the peer for as initiator (RFC 7296 §2.19), one for each: an unspecified one takes what the peer gives, another one is the
    /// address that we would like to have. Empty asks for none.
    /// </summary>
    public ImmutableArray<IpAddress> VirtualIps { get; init; } = [];

    /// <summary>
    /// Names of the pools from which peers are given addresses as responder, in the order in which they are tried. A peer of a connection with pools must
    /// ask for an address (FAILED_CP_REQUIRED). Empty ignores such requests.
    /// </summary>
    public ImmutableArray<string> Pools { get; init; } = [];

    /// <summary>Whether an IKE SA may be made without a child SA (RFC 6023).</summary>
    public ChildlessPolicy Childless { get; init; }

    /// <summary>As initiator follow a REDIRECT to another gateway (RFC 5685).</summary>
    public bool FollowRedirects { get; init; } = true;

    /// <summary>As responder send every peer that can be redirected to this gateway (RFC 5685); null keeps them.</summary>
    public RedirectTarget? RedirectTo { get; init; }

    /// <summary>In which exchange <see cref="RedirectTo"/> is told.</summary>
    public RedirectMoment RedirectAt { get; init; }

    public required ImmutableArray<ChildConfiguration> Children { get; init; }

    /// <summary>By value: the lists element by element.</summary>
    public bool Equals(ConnectionConfiguration? other) =>
        other is not null && Name == other.Name
        && LocalAddress == other.LocalAddress && RemoteAddress == other.RemoteAddress && RemoteName == other.RemoteName
        && Mobike == other.Mobike
        && ValueEquality.Same(AcceptedRemoteAddresses, other.AcceptedRemoteAddresses)
        && RemoteIkePort == other.RemoteIkePort && RemoteNatTraversalPort == other.RemoteNatTraversalPort
        && Equals(LocalIdentity, other.LocalIdentity) && Equals(RemoteIdentity, other.RemoteIdentity)
        && LocalAuthentication.Equals(other.LocalAuthentication) && RemoteAuthentication.Equals(other.RemoteAuthentication)
        && ValueEquality.Same(PostquantumKeys, other.PostquantumKeys) && RequiresPostquantumKey == other.RequiresPostquantumKey
        && ReauthenticationTime == other.ReauthenticationTime
        && ValueEquality.Same(InitiatorProposals, other.InitiatorProposals)
        && ValueEquality.Same(ResponderProposals, other.ResponderProposals)
        && Lifetime == other.Lifetime
        && MayInitiate == other.MayInitiate && MayRespond == other.MayRespond && StartAction == other.StartAction
        && CloseAction == other.CloseAction && DeadPeerAction == other.DeadPeerAction && Retransmission == other.Retransmission
        && MaximumRetryDelay == other.MaximumRetryDelay
        && DeadPeerDetectionDelay == other.DeadPeerDetectionDelay && StartDelay == other.StartDelay && RetryDelay == other.RetryDelay
        && Fragmentation == other.Fragmentation && FragmentSize == other.FragmentSize
        && ForceUdpEncapsulation == other.ForceUdpEncapsulation && DuplicatePolicy == other.DuplicatePolicy
        && ValueEquality.Same(VirtualIps, other.VirtualIps) && ValueEquality.Same(Pools, other.Pools) && Childless == other.Childless
        && FollowRedirects == other.FollowRedirects && Equals(RedirectTo, other.RedirectTo) && RedirectAt == other.RedirectAt
        && ValueEquality.Same(Children, other.Children);

    // Not String.GetHashCode, which differs from process to process.
    public override int GetHashCode() => Name.Length << 8 ^ ValueEquality.Length(Children);
}

/// <summary>One child SA of a connection.</summary>
public sealed record ChildConfiguration
{
    public required string Name { get; init; }
    public required ImmutableArray<AlgorithmProposal> InitiatorProposals { get; init; }
    public required ImmutableArray<AlgorithmProposal> ResponderProposals { get; init; }

    /// <summary>Proposed as initiator, and the bound within which a peer's proposal is narrowed as responder.</summary>
    public required ImmutableArray<TrafficSelector> LocalSelectors { get; init; }
    public required ImmutableArray<TrafficSelector> RemoteSelectors { get; init; }

    /// <summary>
    /// Selectors with this side's own address, which is known only when the SA is made: the virtual IPs that the peer gave us, otherwise our outer
    /// address. They stand beside <see cref="LocalSelectors"/>.
    /// </summary>
    public ImmutableArray<DynamicSelector> DynamicLocalSelectors { get; init; } = [];

    /// <summary>The same for the peer: the addresses that it has from our pools, otherwise its outer address.</summary>
    public ImmutableArray<DynamicSelector> DynamicRemoteSelectors { get; init; } = [];

    public ChildMode Mode { get; init; }

    /// <summary>As responder take the peer's selectors as they come (an Azure route-based gateway).</summary>
    public bool AcceptAnySelectors { get; init; }

    public required Lifetime Lifetime { get; init; }

    /// <summary>
    /// Without a packet in either direction for so long the child SA is closed, and with the last one its IKE SA; null never does. It comes back for a
    /// packet where the connection is trapped, otherwise when the peer or a command wants it.
    /// </summary>
    public TimeSpan? InactivityTimeout { get; init; }

    /// <summary>A shorter one would end child SAs between two packets of one conversation.</summary>
    public static TimeSpan ShortestInactivityTimeout { get; } = TimeSpan.FromSeconds(1);

    /// <summary>64 to 4096 packets; 0 turns anti-replay off (RFC 4303 §3.4.3).</summary>
    public int ReplayWindow { get; init; } = 1024;

    /// <summary>By value: the lists element by element.</summary>
    public bool Equals(ChildConfiguration? other) =>
        other is not null && Name == other.Name
        && ValueEquality.Same(InitiatorProposals, other.InitiatorProposals)
        && ValueEquality.Same(ResponderProposals, other.ResponderProposals)
        && ValueEquality.Same(LocalSelectors, other.LocalSelectors)
        && ValueEquality.Same(RemoteSelectors, other.RemoteSelectors)
        && ValueEquality.Same(DynamicLocalSelectors, other.DynamicLocalSelectors)
        && ValueEquality.Same(DynamicRemoteSelectors, other.DynamicRemoteSelectors) && Mode == other.Mode
        && AcceptAnySelectors == other.AcceptAnySelectors && Lifetime == other.Lifetime && ReplayWindow == other.ReplayWindow
        && InactivityTimeout == other.InactivityTimeout;

    public override int GetHashCode() => Name.Length << 8 ^ ValueEquality.Length(RemoteSelectors);
}

/// <summary>
/// A pre-shared key and whom it is for. The choice is by (local, remote) identity, then by remote address, then any (D10).
/// </summary>
public sealed record PresharedKey
{
    public required Secret Key { get; init; }
    public Identity? LocalIdentity { get; init; }
    public Identity? RemoteIdentity { get; init; }
    public IpAddress? RemoteAddress { get; init; }
}
