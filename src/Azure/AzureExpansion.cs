using System.Collections.Immutable;
using Ipsec.Azure.Policies;
using Ipsec.Azure.Resources;
using Ipsec.Azure.Routing;
using Ipsec.Endpoint;
using Ipsec.Esp;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Azure;

/// <summary>Turns a gateway and its connections into the configuration of an endpoint. The environment has passed <see cref="Rules.AzureRules"/>.</summary>
public static class AzureExpansion
{
    /// <param name="instance">Index of the IP configuration: 0, or 1 in active-active mode.</param>
    public static EndpointConfiguration Expand(AzureEnvironment environment, VirtualNetworkGateway gateway, int instance)
    {
        VirtualNetwork network = environment.FindVirtualNetwork(gateway.VirtualNetwork)!;
        var routes = GatewayRoutingTable.Build(environment, gateway, GatewayRouteSources.None);
        IpAddress publicAddress = environment.PublicAddressOf(gateway, instance);
        (GatewayConnection Connection, RemoteEnd End)[] tunnels =
        [
            .. from connection in environment.ConnectionsOf(gateway)
               from end in RemoteEnd.Of(environment, connection)
               select (connection, end),
        ];
        return new EndpointConfiguration
        {
            Name = gateway.Name,
            LocalAddresses = [publicAddress],
            IkePort = environment.Emulation.IkePort,
            NatTraversalPort = environment.Emulation.NatTraversalPort,
            LocalNetworks = [.. routes.Routes.Where(route => route.IsOfAzure).Select(route => route.Prefix)],
            // Microsoft's FAQ: only BGP gives transit between connections.
            Transit = false,
            // The benchmark is the gateway's, whatever its tunnels are; here each of two instances has half of it.
            Shaper = environment.Emulation.LimitBandwidth && GatewaySku.Of(gateway) is GatewaySku sku
                ? new ShaperSettings(sku.AggregateMbps * 1_000_000L / gateway.IpConfigurations.Length, ShaperSettings.DefaultDepth)
                : null,
            Tunnels = [.. tunnels.Select(tunnel => Tunnel(environment, gateway, network, routes, tunnel.Connection, tunnel.End, instance))],
            PresharedKeys = [.. tunnels.Select(tunnel => Key(tunnel.Connection, tunnel.End))],
            Ike = new IkeEngineOptions { VendorIds = environment.Emulation.VendorIds ? VendorIds.Windows : [] },
            // Microsoft's FAQ: fragmentation of packets inside the tunnel is not supported; the gateway does not answer ICMP either.
            Inner = new InnerOptions { Mtu = environment.Emulation.InnerMtu, SendPacketTooBig = environment.Emulation.SendPacketTooBig, FragmentInner = false },
        };
    }

    static PresharedKey Key(GatewayConnection connection, RemoteEnd end) =>
        new() { Key = connection.SharedKey!.Clone(), RemoteAddress = end.Site.GatewayIpAddress };

    static TunnelConfiguration Tunnel(AzureEnvironment environment, VirtualNetworkGateway gateway, VirtualNetwork network, GatewayRoutingTable routes,
        GatewayConnection connection, RemoteEnd end, int instance)
    {
        IpAddress publicAddress = environment.PublicAddressOf(gateway, instance);
        LocalNetworkGateway remote = end.Site;
        EmulationOptions emulation = environment.Emulation;
        IpsecPolicy? policy = connection.IpsecPolicies.FirstOrDefault();
        ImmutableArray<AlgorithmProposal> mainMode = PolicyProposals.MainMode(policy);
        VirtualNetworkGatewayConnectionMode mode = connection.ConnectionMode;
        var liveness = new LivenessTiming(connection.DpdTimeoutSeconds);
        return new TunnelConfiguration
        {
            Routes = Routes(routes, gateway, connection, instance),
            Nat = ConnectionNat.Of(gateway, connection, instance),
            MssClamp = emulation.MssClamp,
            Connection = new ConnectionConfiguration
            {
                Name = end.TunnelName,
                LocalAddress = publicAddress,
                RemoteAddress = remote.GatewayIpAddress,
                RemoteName = remote.Fqdn,
                RemoteIkePort = end.IkePort,
                RemoteNatTraversalPort = end.NatTraversalPort,
                AcceptedRemoteAddresses = remote.GatewayIpAddress is IpAddress address ? [IpPrefix.Host(address)] : [],
                // Seen on the wire: the gateway identifies itself by its public address.
                LocalIdentity = Identity.From(publicAddress),
                RemoteIdentity = emulation.RequireAddressIdentity && remote.GatewayIpAddress is IpAddress demanded ? Identity.From(demanded) : null,
                InitiatorProposals = mainMode,
                ResponderProposals = mainMode,
                Lifetime = Lifetimes.MainMode(emulation),
                MayInitiate = mode != VirtualNetworkGatewayConnectionMode.ResponderOnly,
                MayRespond = mode != VirtualNetworkGatewayConnectionMode.InitiatorOnly,
                StartAction = mode == VirtualNetworkGatewayConnectionMode.ResponderOnly ? StartAction.None : StartAction.Start,
                // Default mode takes whoever dials; only an initiator has no reason to wait.
                StartDelay = mode == VirtualNetworkGatewayConnectionMode.Default
                    ? emulation.RetryDelay * (RemoteEnd.DialsSecond(environment, connection, remote) ? 2 : 1)
                    : TimeSpan.Zero,
                // The reference, §4.1: a failing tunnel is tried every few seconds, without an end and without longer pauses.
                RetryDelay = emulation.RetryDelay,
                MaximumRetryDelay = emulation.RetryDelay,
                DeadPeerDetectionDelay = liveness.IdleTime,
                Retransmission = liveness.Retransmission,
                Children = ChildSelectors.Children(network, ConnectionPrefixes.Offered(environment, connection, instance), remote, connection, emulation,
                    new ChildConfiguration
                    {
                        Name = end.TunnelName,
                        InitiatorProposals = PolicyProposals.QuickModeInitiator(policy),
                        ResponderProposals = PolicyProposals.QuickModeResponder(policy, emulation.AcceptObsoleteAlgorithms),
                        LocalSelectors = [],
                        RemoteSelectors = [],
                        AcceptAnySelectors = emulation.AcceptAnyTrafficSelectors,
                        Lifetime = Lifetimes.QuickMode(policy, emulation),
                        ReplayWindow = gateway.DisableIPSecReplayProtection ? 0 : 1024,
                    }),
            },
        };
    }

    /// <summary>
    /// Equal routes of several connections are shared, flow by flow; less preferred ones wait until the others are down. Where the site's addresses are those
    /// of the other instance's NAT rule, that instance has the route.
    /// </summary>
    static ImmutableArray<TunnelRoute> Routes(GatewayRoutingTable routes, VirtualNetworkGateway gateway, GatewayConnection connection, int instance)
    {
        IpPrefix[] elsewhere = [.. ConnectionNat.IngressElsewhere(gateway, connection, instance)];
        return
        [
            .. from route in routes.Routes
               where route.NextHop == new GatewayNextHop.Connection(connection.Name) && !elsewhere.Any(external => external.Contains(route.Prefix))
               select new TunnelRoute(route.Prefix, routes.Rank(route)),
        ];
    }
}
