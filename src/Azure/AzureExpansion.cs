using System.Collections.Immutable;
using Ipsec.Azure.Policies;
using Ipsec.Azure.Resources;
using Ipsec.Endpoint;
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
        IpAddress publicAddress = environment.PublicAddressOf(gateway, instance);
        GatewayConnection[] connections = [.. environment.Connections.Where(connection => connection.VirtualNetworkGateway1 == gateway.Name)];
        return new EndpointConfiguration
        {
            Name = gateway.Name,
            LocalAddresses = [publicAddress],
            IkePort = environment.Emulation.IkePort,
            NatTraversalPort = environment.Emulation.NatTraversalPort,
            LocalNetworks = network.AddressPrefixes,
            Tunnels = [.. connections.Select(connection => Tunnel(environment, gateway, network, connection, publicAddress))],
            PresharedKeys = [.. connections.Select(connection => Key(environment, connection))],
            // Microsoft's FAQ: fragmentation of packets inside the tunnel is not supported; the gateway does not answer ICMP either.
            Inner = new InnerOptions { Mtu = environment.Emulation.InnerMtu, SendPacketTooBig = false, FragmentInner = false },
        };
    }

    static TunnelConfiguration Tunnel(AzureEnvironment environment, VirtualNetworkGateway gateway, VirtualNetwork network,
        GatewayConnection connection, IpAddress publicAddress)
    {
        LocalNetworkGateway remote = environment.FindLocalNetworkGateway(connection.LocalNetworkGateway2)!;
        EmulationOptions emulation = environment.Emulation;
        IpsecPolicy? policy = connection.IpsecPolicies.FirstOrDefault();
        ImmutableArray<AlgorithmProposal> mainMode = PolicyProposals.MainMode(policy);
        VirtualNetworkGatewayConnectionMode mode = connection.ConnectionMode;
        var liveness = new LivenessTiming(connection.DpdTimeoutSeconds);
        return new TunnelConfiguration
        {
            Routes = remote.AddressPrefixes,
            MssClamp = emulation.MssClamp,
            Connection = new ConnectionConfiguration
            {
                Name = connection.Name,
                LocalAddress = publicAddress,
                RemoteAddress = remote.GatewayIpAddress,
                RemoteName = remote.Fqdn,
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
                StartDelay = mode == VirtualNetworkGatewayConnectionMode.Default ? emulation.RetryDelay : TimeSpan.Zero,
                RetryDelay = emulation.RetryDelay,
                DeadPeerDetectionDelay = liveness.IdleTime,
                Retransmission = liveness.Retransmission,
                Children = ChildSelectors.Children(network, remote, connection, emulation, new ChildConfiguration
                {
                    Name = connection.Name,
                    InitiatorProposals = PolicyProposals.QuickModeInitiator(policy),
                    ResponderProposals = PolicyProposals.QuickModeResponder(policy),
                    LocalSelectors = [],
                    RemoteSelectors = [],
                    AcceptAnySelectors = emulation.AcceptAnyTrafficSelectors,
                    Lifetime = Lifetimes.QuickMode(policy, emulation),
                    ReplayWindow = gateway.DisableIPSecReplayProtection ? 0 : 1024,
                }),
            },
        };
    }

    static PresharedKey Key(AzureEnvironment environment, GatewayConnection connection) => new()
    {
        Key = connection.SharedKey.Clone(),
        RemoteAddress = environment.FindLocalNetworkGateway(connection.LocalNetworkGateway2)!.GatewayIpAddress,
    };
}
