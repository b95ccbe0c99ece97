using System.Collections.Immutable;
using Ipsec.Azure;
using Ipsec.Azure.Resources;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Topology.Reading;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>Finds a device connection's peer in the rest of the file and takes from there what the connection does not say itself.</summary>
sealed class ConnectionResolver(AzureEnvironment azure, ImmutableArray<SiteDefinition> sites, ErrorList errors)
{
    readonly CredentialResolver _credentials = new(errors);

    /// <summary>One for each instance of an Azure gateway, otherwise one; none after an error.</summary>
    public IEnumerable<ResolvedConnection> Resolve(SiteDefinition site, DeviceConnection connection)
    {
        DeviceSettings settings = connection.Settings.Over(site.Device.Settings);
        ImmutableArray<ResolvedConnection> resolved = [.. Find(site, connection, settings, _credentials.Resolve(settings, connection.Source))];
        bool hasSelectors = settings.RemoteSelectors is not null || settings.Pools is { IsEmpty: false } || settings.Mode == ChildMode.Transport
            || (!connection.Children.IsEmpty && connection.Children.All(child => child.Settings.RemoteSelectors is not null));
        if (!hasSelectors && resolved.Any(connection => connection.RemoteNetworks.IsEmpty))
            errors.Add(connection.Source, "must have remoteNetworks or remoteSelectors; nothing else in the file says what is behind the peer");
        return resolved;
    }

    IEnumerable<ResolvedConnection> Find(SiteDefinition site, DeviceConnection connection, DeviceSettings settings, ResolvedCredentials credentials)
    {
        bool needsKey = settings.Credentials.NeedsPresharedKey;
        if (connection.Peer is not null)
            return ToSite(site, connection, credentials, needsKey);
        if (azure.FindConnection(connection.Name) is { ConnectionType: VirtualNetworkGatewayConnectionType.IPsec } cloud)
            return ToGateway(connection, cloud, settings, credentials);
        return ToOutside(connection, credentials, needsKey);
    }

    IEnumerable<ResolvedConnection> ToGateway(DeviceConnection connection, GatewayConnection cloud, DeviceSettings settings, ResolvedCredentials credentials)
    {
        if (settings.Credentials is not { LocalWay: AuthenticationWay.PresharedKey, RemoteWays: [AuthenticationWay.PresharedKey] })
        {
            errors.Add(connection.Source, "is a connection to an Azure gateway, which authenticates with its sharedKey here; it needs localAuthentication: " +
                "psk and remoteAuthentication: psk");
        }
        VirtualNetworkGateway gateway = azure.FindGateway(cloud.VirtualNetworkGateway1)!;
        for (int instance = 0; instance < gateway.IpConfigurations.Length; instance++)
        {
            yield return Complete(connection, azure.PublicAddressOf(gateway, instance), ConnectionPrefixes.Offered(azure, cloud, instance), cloud.SharedKey,
                credentials,
                azure.Emulation.IkePort, azure.Emulation.NatTraversalPort) with
            {
                Name = instance == 0 ? connection.Name : $"{connection.Name}/{instance}",
            };
        }
    }

    IEnumerable<ResolvedConnection> ToSite(SiteDefinition site, DeviceConnection connection, ResolvedCredentials credentials, bool needsKey)
    {
        int index = sites.IndexOf(sites.FirstOrDefault(candidate => candidate.Name == connection.Peer && candidate != site)!);
        if (index < 0)
        {
            errors.Add(connection.Source, $"names the peer {connection.Peer}, which is no other site; " +
                $"{Choice("sites", sites.Where(other => other != site).Select(other => other.Name))}");
            return [];
        }
        SiteDefinition peer = sites[index];
        DeviceConnection? opposite = peer.Device.Connections.FirstOrDefault(other => other.Name == connection.Name && other.Peer == site.Name);
        if (needsKey && connection.SharedKey is null && opposite?.SharedKey is null)
        {
            errors.Add(connection.Source, $"has no sharedKey, and neither has a connection {connection.Name} of the site {peer.Name}");
            return [];
        }
        return
        [
            Complete(connection, peer.Device.PublicAddress, peer.Networks, opposite?.SharedKey ?? connection.SharedKey, credentials,
                peer.Device.IkePort, peer.Device.NatTraversalPort) with { DialsSecond = opposite is not null && index < sites.IndexOf(site) },
        ];
    }

    IEnumerable<ResolvedConnection> ToOutside(DeviceConnection connection, ResolvedCredentials credentials, bool needsKey)
    {
        if (connection.PeerAddress is null && !connection.AnyPeerAddress && connection.PeerName is null)
        {
            IEnumerable<string> known = azure.Connections.Where(other => other.ConnectionType == VirtualNetworkGatewayConnectionType.IPsec)
                .Select(other => other.Name);
            errors.Add(connection.Source, $"is {connection.Name}, which is no connection of azure ({Choice("connections", known)}); "
                + "a connection to another site has the key peer, one to a device outside this file the key peerAddress or peerName");
            return [];
        }
        if (needsKey && connection.SharedKey is null)
        {
            errors.Add(connection.Source, "has no sharedKey; a connection to a device outside this file must have one, or certificates for both sides");
            return [];
        }
        return [Complete(connection, null, [], connection.SharedKey, credentials, 500, 4500)];
    }

    static ResolvedConnection Complete(DeviceConnection connection, IpAddress? peerAddress, ImmutableArray<IpPrefix> peerNetworks, Secret? peerKey,
        ResolvedCredentials credentials, ushort peerIkePort, ushort peerNatTraversalPort)
    {
        IpPrefix? accepted = connection.AnyPeerAddress || connection.PeerName is not null ? null : connection.PeerAddress
            ?? (peerAddress is IpAddress known ? IpPrefix.Host(known) : null);
        return new ResolvedConnection
        {
            Name = connection.Name,
            Definition = connection,
            RemoteName = connection.PeerName,
            // A whole network can be accepted but not dialled.
            RemoteAddress = accepted is IpPrefix prefix && prefix.Length == prefix.Address.BitLength ? prefix.Address : null,
            AcceptedRemoteAddresses = accepted is IpPrefix only ? [only] : [],
            RemoteIkePort = connection.PeerIkePort ?? peerIkePort,
            RemoteNatTraversalPort = connection.PeerNatTraversalPort ?? peerNatTraversalPort,
            RemoteNetworks = connection.RemoteNetworks ?? peerNetworks,
            SharedKey = connection.SharedKey ?? peerKey,
            Credentials = credentials,
        };
    }

    static string Choice(string what, IEnumerable<string> names)
    {
        string list = string.Join(", ", names);
        return list.Length == 0 ? $"there are no {what}" : $"accepted: {list}";
    }
}
