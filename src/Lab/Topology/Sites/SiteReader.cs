using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Endpoint;
using Ipsec.Ike;
using Ipsec.Lab.Profiles;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Reading;
using Ipsec.Lab.Topology.Yaml;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>Reads the <c>sites</c> part of a file.</summary>
sealed class SiteReader(SecretReader secrets, CredentialReader credentials, ErrorList errors)
{
    public SiteDefinition Read(string name, NodeReader site) =>
        new(name, site.Prefixes("networks") ?? [], ReadDevice(site.Child("device")!.Value), site.Source)
        {
            ExpressRouteCircuit = site.Text("expressRoute"),
            Lan = site.Text("lan"),
        };

    /// <summary>Gives a device that stands in the LAN of another site that site's networks.</summary>
    public SiteDefinition ResolveLan(SiteDefinition site, ImmutableArray<SiteDefinition> sites)
    {
        if (site.Lan is null == new NodeReader(site.Source).Find("networks") is null)
        {
            errors.Add(site.Source, "must have networks, or a lan in place of them");
            return site;
        }
        if (site.Lan is null)
            return site;
        string[] owners = [.. sites.Where(other => other != site && other.Lan is null).Select(other => other.Name)];
        if (!owners.Contains(site.Lan))
            errors.Add(site.Source, $"has the lan {site.Lan}, which is no other site with networks of its own; accepted: {string.Join(", ", owners)}");
        else if (site.ExpressRouteCircuit is not null)
            errors.Add(site.Source, $"has an expressRoute, which belongs to the site {site.Lan} that owns the LAN");
        return site with { Networks = sites.FirstOrDefault(other => other.Name == site.Lan)?.Networks ?? [] };
    }

    DeviceDefinition ReadDevice(NodeReader device)
    {
        DeviceProfile profile = device.Text("profile") is string name ? DeviceProfile.Find(name)! : DeviceProfile.Default;
        InnerOptions inner = new();
        return new DeviceDefinition
        {
            Program = device.Text("kind") == "strongswan" ? NodeProgram.StrongSwan : NodeProgram.Own,
            Profile = profile,
            Address = device.Address("address")!.Value,
            AdditionalAddresses = device.Addresses("additionalAddresses"),
            NatPublicAddress = device.Child("nat")?.Address("publicAddress"),
            IkePort = device.Port("ikePort") ?? 500,
            NatTraversalPort = device.Port("natTraversalPort") ?? 4500,
            Settings = (SettingsReader.Read(device, errors) with { Credentials = credentials.Read(device) }).Over(profile.Settings),
            Connections = [.. device.Items("connections").Select(ReadConnection)],
            Pools = PoolReader.Read(device, errors),
            QuickCrashDetectionSecret = device.Find("quickCrashDetectionSecret") is SourcedNode secret ? secrets.Read(secret) : null,
            Inner = inner with
            {
                Mtu = device.Integer("innerMtu") ?? inner.Mtu,
                FragmentInner = device.Flag("fragmentInner") ?? inner.FragmentInner,
                SendPacketTooBig = device.Flag("sendPacketTooBig") ?? inner.SendPacketTooBig,
                CopyDscp = device.Flag("copyDscp") ?? inner.CopyDscp,
            },
        };
    }

    DeviceConnection ReadConnection(SourcedNode node)
    {
        if (node.Node is ScalarNode name)
            return new DeviceConnection { Name = name.Text, Source = node };
        NodeReader connection = new(node);
        string? address = connection.Text("peerAddress");
        return new DeviceConnection
        {
            Name = connection.Text("name")!,
            Source = node,
            Peer = connection.Text("peer"),
            AnyPeerAddress = address == "any",
            PeerAddress = address is null or "any" ? null : IpPrefix.Parse(address),
            PeerName = connection.Text("peerName"),
            PeerIkePort = connection.Port("peerIkePort"),
            PeerNatTraversalPort = connection.Port("peerNatTraversalPort"),
            SharedKey = connection.Find("sharedKey") is SourcedNode key ? secrets.ReadSharedKey(key) : null,
            PostquantumKey = connection.Child("ppk") is NodeReader ppk
                ? new PostquantumDefinition(ppk.Text("id")!, secrets.Read(ppk.Find("key")!.Value), ppk.Flag("required") ?? false)
                : null,
            RemoteNetworks = connection.Prefixes("remoteNetworks"),
            Settings = SettingsReader.Read(connection, errors) with { Credentials = credentials.Read(connection) },
            Children = [.. connection.Named("children").Select(child => new DeviceChild(child.Name, SettingsReader.Read(child.Value, errors)))],
        };
    }
}
