using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Swanctl;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.StrongSwan;

/// <summary>
/// What strongSwan with user-space ESP (kernel-libipsec) needs to play a node of a topology. A function of the file alone; the host writes the files and
/// starts the daemon. Its owner disposes it: it holds keys.
/// </summary>
public sealed record StrongSwanPlan : IDisposable
{
    /// <summary>swanctl.conf, with pre-shared keys in clear.</summary>
    public required string Configuration { get; init; }

    /// <summary>Certificates and keys beside it.</summary>
    public required ImmutableArray<SwanctlCredentialFile> Files { get; init; }

    /// <summary>The tunnels in the order of the file.</summary>
    public required ImmutableArray<StrongSwanTunnel> Tunnels { get; init; }

    /// <summary>Destinations behind the tunnels, each once.</summary>
    public required ImmutableArray<IpPrefix> Routes { get; init; }

    /// <summary>User-space ESP wants an address of the node within each local selector: one in each of those that hold none of its outer ones.</summary>
    public required ImmutableArray<IpAddress> SelectorAddresses { get; init; }

    /// <summary>The lowest one of the tunnels; null leaves TCP's segments alone.</summary>
    public int? MssClamp { get; init; }

    /// <summary>Whether a packet may go from one tunnel into another.</summary>
    public required bool Transit { get; init; }

    /// <summary>charon has one for all connections: that of the first one.</summary>
    public required RetransmissionPolicy Retransmission { get; init; }

    public required ushort IkePort { get; init; }
    public required ushort NatTraversalPort { get; init; }

    /// <summary>What the file asks of the node and strongSwan cannot give there, a sentence for each.</summary>
    public static ImmutableArray<string> WhyNot(NodeDefinition node) =>
    [
        .. from tunnel in node.Endpoint.Tunnels
           let what = WhatIsMissing(tunnel)
           where what is not null
           select $"{node.Name} cannot be played by strongSwan: its connection {tunnel.Connection.Name} {what}.",
    ];

    /// <param name="node">None that <see cref="WhyNot"/> refuses.</param>
    public static StrongSwanPlan Create(TopologyModel topology, NodeDefinition node)
    {
        ImmutableArray<TunnelConfiguration> tunnels = Adapt(node.Endpoint.Tunnels);
        SwanctlCredentials credentials = new();
        SettingsText text = new();
        text.Comment($"{node.Name} of {topology.Name}, played by strongSwan with kernel-libipsec.");
        SwanctlWriter.WriteSections(text, topology, node, tunnels, credentials, (_, _) => null);
        return new StrongSwanPlan
        {
            Configuration = text.ToString(),
            Files = [.. credentials.Files],
            Tunnels =
            [
                .. tunnels.Zip(node.Endpoint.Tunnels, (tunnel, asked) => new StrongSwanTunnel(
                    tunnel.Connection.Name,
                    SwanctlWriter.NameOf(tunnel.Connection.Name),
                    [.. SwanctlWriter.ChildrenOf(topology, tunnel.Connection, isRouteBased: false).Select(child => SwanctlWriter.NameOf(child.Name))],
                    Dials(asked),
                    tunnel.Connection)),
            ],
            Routes = [.. tunnels.SelectMany(Destinations).Distinct()],
            SelectorAddresses = SelectorAddressesOf(node, tunnels),
            MssClamp = tunnels.Select(tunnel => tunnel.MssClamp).Min(),
            Transit = node.Endpoint.Transit,
            Retransmission = tunnels.Select(tunnel => tunnel.Connection.Retransmission).FirstOrDefault() ?? new RetransmissionPolicy(),
            IkePort = node.Endpoint.IkePort,
            NatTraversalPort = node.Endpoint.NatTraversalPort,
        };
    }

    /// <summary>strongSwan would be told the same.</summary>
    internal bool IsSameAs(StrongSwanPlan other) => Configuration == other.Configuration && Routes.SequenceEqual(other.Routes) && Files.Length == other.Files.Length
        && Files.Zip(other.Files).All(pair => pair.First.Folder == pair.Second.Folder && pair.First.Content.Span.SequenceEqual(pair.Second.Content.Span));

    /// <summary>Clears the keys.</summary>
    public void Dispose()
    {
        foreach (SwanctlCredentialFile file in Files)
            file.Content.Dispose();
    }

    static string? WhatIsMissing(TunnelConfiguration tunnel)
    {
        ConnectionConfiguration connection = tunnel.Connection;
        RemoteAuthentication remote = connection.RemoteAuthentication;
        int ways = (remote.AllowsPresharedKey ? 1 : 0) + (remote.Trust is null ? 0 : 1) + (remote.TrustedKeys.IsEmpty ? 0 : 1);
        return !tunnel.Nat.IsEmpty ? "has NAT rules, which strongSwan does not have"
            : !connection.PostquantumKeys.IsEmpty ? "has a post-quantum preshared key, which is not written to a swanctl.conf"
            : !connection.Pools.IsEmpty ? "gives its peers addresses from pools, which is not written to a swanctl.conf"
            : connection.RedirectTo is not null ? "redirects its peers, which is not written to a swanctl.conf"
            : ways > 1 ? "accepts its peer in more than one way, which is not written to a swanctl.conf"
            : !remote.AcceptedMethods.IsEmpty ? "has remoteSignatures, which are not written to a swanctl.conf"
            : connection.Children.Any(child => child.Mode == ChildMode.Transport) ? "has transport mode, which user-space ESP of strongSwan does not have"
            : null;
    }

    /// <summary>
    /// User-space ESP has no interface for each tunnel, so that selectors alone tell tunnels apart: a route-based tunnel beside others has its routes in place
    /// of any address. It has no traps either, so that what waits for a packet dials as the others do. When that is, the host decides: charon would dial
    /// all of them at once.
    /// </summary>
    static ImmutableArray<TunnelConfiguration> Adapt(ImmutableArray<TunnelConfiguration> tunnels)
    {
        bool haveEqualRoutes = tunnels.Select(RoutesOf).Distinct().Count() <= 1;
        return
        [
            .. tunnels.Select(tunnel => tunnel with
            {
                Connection = tunnel.Connection with
                {
                    StartAction = StartAction.None,
                    CloseAction = After(tunnel.Connection.CloseAction, Dials(tunnel)),
                    DeadPeerAction = After(tunnel.Connection.DeadPeerAction, Dials(tunnel)),
                    Children = haveEqualRoutes || tunnel.Routes.IsEmpty
                        ? tunnel.Connection.Children
                        : [.. tunnel.Connection.Children.Select(child => Narrow(child, tunnel))],
                },
            }),
        ];
    }

    static string RoutesOf(TunnelConfiguration tunnel) => string.Join(' ', tunnel.Routes.Select(route => $"{route.Prefix}").Order(StringComparer.Ordinal));

    static bool Dials(TunnelConfiguration tunnel) => tunnel.Connection is { MayInitiate: true, StartAction: StartAction.Start or StartAction.Traffic };

    static EndAction After(EndAction action, bool dials) => action switch
    {
        EndAction.Trap => EndAction.Start,
        EndAction.AsStarted => dials ? EndAction.Start : EndAction.None,
        _ => action,
    };

    static ChildConfiguration Narrow(ChildConfiguration child, TunnelConfiguration tunnel) => child with
    {
        RemoteSelectors =
        [
            .. child.RemoteSelectors.SelectMany(selector => selector != TrafficSelector.AnyV4 && selector != TrafficSelector.AnyV6 ? [selector]
                : tunnel.Routes.Where(route => route.Prefix.Address.IsV6 == selector.Addresses.First.IsV6).Select(route => TrafficSelector.From(route.Prefix))),
        ],
    };

    static ImmutableArray<IpAddress> SelectorAddressesOf(NodeDefinition node, ImmutableArray<TunnelConfiguration> tunnels) =>
    [
        .. from selector in tunnels.SelectMany(tunnel => tunnel.Connection.Children).SelectMany(child => child.LocalSelectors).Distinct()
           where !selector.Addresses.Contains(node.OuterAddress) && !node.AdditionalAddresses.Any(selector.Addresses.Contains)
           let isAny = selector == TrafficSelector.AnyV4 || selector == TrafficSelector.AnyV6
           let range = isAny ? node.InnerNetworks.FirstOrDefault(network => network.Address.IsV6 == selector.Addresses.First.IsV6).Range : selector.Addresses
           select range.First,
    ];

    /// <summary>Of a route-based tunnel its routes, of a policy-based one its selectors.</summary>
    static IEnumerable<IpPrefix> Destinations(TunnelConfiguration tunnel) => tunnel.Routes.IsEmpty
        ? tunnel.Connection.Children.SelectMany(child => child.RemoteSelectors).SelectMany(selector => selector.Addresses.ToPrefixes())
        : tunnel.Routes.Select(route => route.Prefix);
}

/// <summary>A tunnel and what it and its child SAs are called in swanctl.conf.</summary>
/// <param name="Dials">To be brought up whenever it is down, the first time after the connection's start delay.</param>
public sealed record StrongSwanTunnel(string Connection, string Section, ImmutableArray<string> Children, bool Dials, ConnectionConfiguration Configuration);
