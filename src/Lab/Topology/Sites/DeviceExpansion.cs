using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>Turns a site's device into the configuration of an endpoint.</summary>
static class DeviceExpansion
{
    static readonly TimeSpan DefaultMaximumRetryDelay = TimeSpan.FromMinutes(1);

    public static EndpointConfiguration Expand(SiteDefinition site, IReadOnlyList<ResolvedConnection> connections) => new()
    {
        Name = site.Name,
        LocalAddresses = [site.Device.Address, .. site.Device.AdditionalAddresses],
        IkePort = site.Device.IkePort,
        NatTraversalPort = site.Device.NatTraversalPort,
        LocalNetworks = site.Networks,
        Tunnels = [.. connections.Select(connection => Tunnel(site, connection))],
        PresharedKeys = [.. connections.Select(connection => Key(site, connection)).OfType<PresharedKey>()],
        Pools = site.Device.Pools,
        QuickCrashDetectionSecret = site.Device.QuickCrashDetectionSecret?.Clone(),
        Inner = site.Device.Inner,
    };

    static TunnelConfiguration Tunnel(SiteDefinition site, ResolvedConnection connection)
    {
        DeviceSettings settings = connection.Definition.Settings.Over(site.Device.Settings);
        ConnectionConfiguration configuration = Connection(site, connection, settings);
        return new TunnelConfiguration
        {
            Connection = configuration,
            // Where the peer's addresses are known only with the SA, its selectors are the routes.
            Routes = configuration.Children.Any(child => child.Mode == ChildMode.Transport || !child.DynamicRemoteSelectors.IsEmpty)
                ? []
                : [.. connection.RemoteNetworks.Select(network => new TunnelRoute(network, settings.RouteMetric ?? 0))],
            MssClamp = settings.MssClamp is int clamp and > 0 ? clamp : null,
        };
    }

    static ConnectionConfiguration Connection(SiteDefinition site, ResolvedConnection connection, DeviceSettings settings)
    {
        // Who has no address to dial waits to be dialled, whatever the profile says.
        bool canDial = connection.RemoteAddress is not null || connection.RemoteName is not null;
        ImmutableArray<AlgorithmProposal> proposals = settings.Proposals!.Value;
        return new ConnectionConfiguration
        {
            Name = connection.Name,
            LocalAddress = connection.RemoteName is null ? site.Device.Address : null,
            RemoteAddress = connection.RemoteAddress,
            RemoteName = connection.RemoteName,
            Mobike = Mobike(settings),
            AcceptedRemoteAddresses = connection.AcceptedRemoteAddresses,
            RemoteIkePort = connection.RemoteIkePort,
            RemoteNatTraversalPort = connection.RemoteNatTraversalPort,
            LocalIdentity = connection.Credentials.LocalIdentity,
            RemoteIdentity = settings.RemoteIdentity,
            LocalAuthentication = connection.Credentials.Local,
            RemoteAuthentication = connection.Credentials.Remote,
            PostquantumKeys = connection.Definition.PostquantumKey is PostquantumDefinition ppk
                ? [new PostquantumKey { Identity = ppk.Identity, Key = ppk.Key.Clone() }]
                : [],
            RequiresPostquantumKey = connection.Definition.PostquantumKey?.IsRequired ?? false,
            ReauthenticationTime = settings.ReauthenticationTime,
            InitiatorProposals = proposals,
            ResponderProposals = proposals,
            Lifetime = settings.IkeLifetime!,
            MayInitiate = canDial,
            StartAction = canDial ? settings.StartAction!.Value : StartAction.None,
            StartDelay = connection.DialsSecond ? settings.RetryDelay!.Value : TimeSpan.Zero,
            DeadPeerDetectionDelay = settings.DeadPeerDetectionDelay!.Value,
            RetryDelay = settings.RetryDelay!.Value,
            MaximumRetryDelay = settings.MaximumRetryDelay ?? DefaultMaximumRetryDelay,
            CloseAction = settings.CloseAction ?? EndAction.AsStarted,
            DeadPeerAction = settings.DeadPeerAction ?? EndAction.AsStarted,
            Retransmission = settings.Retransmission ?? new RetransmissionPolicy(),
            ForceUdpEncapsulation = settings.ForceUdpEncapsulation ?? false,
            Fragmentation = settings.Fragmentation ?? FragmentationPolicy.Yes,
            FragmentSize = settings.FragmentSize ?? ConnectionConfiguration.DefaultFragmentSize,
            DuplicatePolicy = settings.DuplicatePolicy ?? DuplicatePolicy.Replace,
            VirtualIps = settings.VirtualIps ?? [],
            Pools = settings.Pools ?? [],
            Childless = settings.Childless ?? ChildlessPolicy.Allow,
            FollowRedirects = settings.FollowRedirects ?? true,
            RedirectTo = settings.RedirectTo,
            RedirectAt = settings.RedirectAt ?? RedirectMoment.Init,
            Children = Children(site, connection, settings),
        };
    }

    static MobikeOptions? Mobike(DeviceSettings settings) => settings.Mobike is not true ? null : new MobikeOptions
    {
        CheckReturnRoutability = settings.MobikeReturnRoutability ?? true,
        PeerAddresses = settings.MobikePeerAddresses ?? [],
    };

    static ImmutableArray<ChildConfiguration> Children(SiteDefinition site, ResolvedConnection connection, DeviceSettings settings) =>
        connection.Definition.Children.IsEmpty
            ? [Child(connection.Name, site, connection, settings)]
            : [.. connection.Definition.Children.Select(child => Child(child.Name, site, connection, child.Settings.Over(settings)))];

    static ChildConfiguration Child(string name, SiteDefinition site, ResolvedConnection connection, DeviceSettings settings)
    {
        ImmutableArray<AlgorithmProposal> proposals = settings.EspProposals!.Value;
        if (settings.ExtendedSequenceNumbers is ImmutableArray<bool> esn)
            proposals = [.. proposals.Select(proposal => proposal with { ExtendedSequenceNumbers = esn })];
        bool isTransport = settings.Mode == ChildMode.Transport;
        // Who is given an address speaks from that one; who gives addresses speaks to those.
        bool isLocalDynamic = settings.LocalSelectors is null && (isTransport || settings.VirtualIps is { IsEmpty: false });
        bool isRemoteDynamic = settings.RemoteSelectors is null && (isTransport || settings.Pools is { IsEmpty: false });
        ImmutableArray<TrafficSelector>? any = settings.IsRouteBased is true ? Any([.. site.Networks, .. connection.RemoteNetworks]) : null;
        return new ChildConfiguration
        {
            Name = name,
            Mode = settings.Mode ?? ChildMode.Tunnel,
            DynamicLocalSelectors = isLocalDynamic ? [DynamicSelector.Any] : settings.DynamicLocalSelectors ?? [],
            DynamicRemoteSelectors = isRemoteDynamic ? [DynamicSelector.Any] : settings.DynamicRemoteSelectors ?? [],
            InitiatorProposals = proposals,
            ResponderProposals = proposals,
            LocalSelectors = settings.LocalSelectors ?? (isLocalDynamic ? [] : Selectors(site.Networks, any)),
            RemoteSelectors = settings.RemoteSelectors ?? (isRemoteDynamic ? [] : Selectors(connection.RemoteNetworks, any)),
            Lifetime = settings.ChildLifetime!,
            InactivityTimeout = settings.InactivityTimeout,
            ReplayWindow = settings.ReplayWindow ?? 1024,
        };
    }

    static ImmutableArray<TrafficSelector> Selectors(ImmutableArray<IpPrefix> networks, ImmutableArray<TrafficSelector>? any) =>
        any ?? [.. networks.Select(TrafficSelector.From)];

    /// <summary>Everything of the families that are in use: a tunnel interface knows no networks.</summary>
    static ImmutableArray<TrafficSelector> Any(ImmutableArray<IpPrefix> networks) =>
    [
        .. networks.Any(network => network.Address.IsV4) ? [TrafficSelector.AnyV4] : ImmutableArray<TrafficSelector>.Empty,
        .. networks.Any(network => network.Address.IsV6) ? [TrafficSelector.AnyV6] : ImmutableArray<TrafficSelector>.Empty,
    ];

    /// <summary>The key is found by the peer's identity where one is demanded, else by its address, else it is for anybody (D10).</summary>
    static PresharedKey? Key(SiteDefinition site, ResolvedConnection connection)
    {
        DeviceSettings settings = connection.Definition.Settings.Over(site.Device.Settings);
        if (!settings.Credentials.NeedsPresharedKey || connection.SharedKey is not Secret shared)
            return null;
        Secret key = shared.Clone();
        if (settings.RemoteIdentity is Identity remote)
            return new PresharedKey { Key = key, LocalIdentity = connection.Credentials.LocalIdentity, RemoteIdentity = remote };
        return new PresharedKey { Key = key, RemoteAddress = connection.RemoteAddress };
    }
}
