using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Reading;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>What must hold for one site by itself.</summary>
static class SiteRules
{
    public static void Check(SiteDefinition site, ErrorList errors)
    {
        NodeReader reader = new(site.Source);
        NodeReader device = reader.Child("device")!.Value;
        if (reader.Find("networks") is SourcedNode networks)
            CheckNetworks(site.Networks, networks, errors);
        if (site.Device.NatPublicAddress is IpAddress nat && nat.IsV6 != site.Device.Address.IsV6)
            errors.Add(device.Find("nat")!.Value, $"must have a publicAddress of the same family as address, {site.Device.Address}");
        if (site.Device.IkePort == site.Device.NatTraversalPort)
            errors.Add(device.Source, $"must have an ikePort and a natTraversalPort that differ, not {site.Device.IkePort} twice");
        if (site.Device.NatPublicAddress is not null && !site.Device.AdditionalAddresses.IsEmpty)
            errors.Add(device.Find("additionalAddresses")!.Value, "must be empty where a NAT stands in front of the device");
        CheckPools(site, device, errors);
        HashSet<string> names = [];
        foreach (DeviceConnection connection in site.Device.Connections)
        {
            if (!names.Add(connection.Name))
                errors.Add(connection.Source, $"must have a name of its own, not {connection.Name} again");
            if (connection.PeerName is not null && (connection.PeerAddress is not null || connection.AnyPeerAddress))
                errors.Add(connection.Source, "must have a peerName or a peerAddress, not both");
            if (connection.PeerAddress is IpPrefix peer && peer.Address.IsV6 != site.Device.Address.IsV6)
                errors.Add(connection.Source, $"must have a peerAddress of the same family as the device's address {site.Device.Address}, not {peer}");
        }
        CheckPostquantumKeys(site.Device, errors);
    }

    /// <summary>RFC 8784 §3, §5.1: a responder finds the key by its identity and by the peer's; nothing else tells two of them apart.</summary>
    static void CheckPostquantumKeys(DeviceDefinition device, ErrorList errors)
    {
        foreach ((int index, DeviceConnection connection) in device.Connections.Index())
        {
            if (connection.PostquantumKey is { } own && device.Connections.Take(index).FirstOrDefault(earlier => IsFor(earlier, connection)
                && earlier.PostquantumKey is { } other && other.Identity == own.Identity && !other.Key.Span.SequenceEqual(own.Key.Span)) is { } same)
                errors.Add(connection.Source, $"must have another ppk id than {own.Identity}, or another remoteIdentity: {same.Name} has another key of " +
                    "that id for the same peer");
        }

        bool IsFor(DeviceConnection earlier, DeviceConnection later) =>
            (earlier.Peer, earlier.PeerAddress, earlier.AnyPeerAddress, earlier.PeerName) == (later.Peer, later.PeerAddress, later.AnyPeerAddress,
                later.PeerName)
            && Equals(earlier.Settings.Over(device.Settings).RemoteIdentity, later.Settings.Over(device.Settings).RemoteIdentity);
    }

    static void CheckPools(SiteDefinition site, NodeReader device, ErrorList errors)
    {
        string[] known = [.. site.Device.Pools.Select(pool => pool.Name)];
        foreach (DeviceConnection connection in site.Device.Connections)
        {
            foreach (string name in connection.Settings.Pools?.Where(name => !known.Contains(name)) ?? [])
                errors.Add(connection.Source, $"names the pool {name}, which the device does not have; " +
                    $"{(known.Length == 0 ? "it has none" : $"accepted: {string.Join(", ", known)}")}");
            CheckMode(connection.Name, connection.Settings.Over(site.Device.Settings), connection.Source, errors);
            foreach (DeviceChild child in connection.Children)
                CheckMode(child.Name, child.Settings.Over(connection.Settings.Over(site.Device.Settings)), connection.Source, errors);
        }
    }

    /// <summary>RFC 7296 §2.23.1: transport mode is between the two ends, whatever addresses these have.</summary>
    static void CheckMode(string name, DeviceSettings settings, SourcedNode source, ErrorList errors)
    {
        if (settings.Mode == ChildMode.Transport && (settings.LocalSelectors is { IsEmpty: false } || settings.RemoteSelectors is { IsEmpty: false }))
            errors.Add(source, $"must have no selectors but dynamic ones for {name}, such as dynamic[tcp/443]: transport mode carries what the two ends " +
                "send each other");
    }

    static void CheckNetworks(ImmutableArray<IpPrefix> networks, SourcedNode source, ErrorList errors)
    {
        if (networks.IsEmpty)
            errors.Add(source, "must have at least one network in CIDR form");
        foreach ((int index, IpPrefix network) in networks.Index())
        {
            if (networks.Take(index).Where(network.Overlaps).Cast<IpPrefix?>().FirstOrDefault() is IpPrefix other)
                errors.Add(source, $"must not overlap: {network} and {other} do");
        }
    }
}
