using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Profiles;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>An on-premises site as the file says it, before anything is looked up.</summary>
sealed record SiteDefinition(string Name, ImmutableArray<IpPrefix> Networks, DeviceDefinition Device, SourcedNode Source)
{
    /// <summary>The circuit that connects it to Azure beside its device.</summary>
    public string? ExpressRouteCircuit { get; init; }

    /// <summary>The site in whose LAN this device stands beside the other one; null where it has networks of its own.</summary>
    public string? Lan { get; init; }
}

/// <summary>The VPN device of a site. <see cref="Settings"/> already stand over its profile's.</summary>
sealed record DeviceDefinition
{
    public NodeProgram Program { get; init; }
    public required DeviceProfile Profile { get; init; }
    public required IpAddress Address { get; init; }

    /// <summary>Other outer addresses that it has from the start.</summary>
    public ImmutableArray<IpAddress> AdditionalAddresses { get; init; } = [];
    public IpAddress? NatPublicAddress { get; init; }
    public ushort IkePort { get; init; } = 500;
    public ushort NatTraversalPort { get; init; } = 4500;
    public required DeviceSettings Settings { get; init; }
    public required ImmutableArray<DeviceConnection> Connections { get; init; }
    public ImmutableArray<AddressPool> Pools { get; init; } = [];

    /// <summary>Borrowed from the reader of secrets.</summary>
    public Secret? QuickCrashDetectionSecret { get; init; }
    public Endpoint.InnerOptions Inner { get; init; } = new();

    /// <summary>Where peers reach it.</summary>
    public IpAddress PublicAddress => NatPublicAddress ?? Address;
}

/// <summary>One connection of a device: to an Azure connection of the same name, to another site, or to a peer outside the file.</summary>
sealed record DeviceConnection
{
    public required string Name { get; init; }
    public required SourcedNode Source { get; init; }

    /// <summary>Another site of the file.</summary>
    public string? Peer { get; init; }

    /// <summary>Null: the peer's own address. Unspecified values never stand here: "any" is <see cref="AnyPeerAddress"/>.</summary>
    public IpPrefix? PeerAddress { get; init; }
    public bool AnyPeerAddress { get; init; }

    /// <summary>The peer's DNS name, in place of an address.</summary>
    public string? PeerName { get; init; }
    public ushort? PeerIkePort { get; init; }
    public ushort? PeerNatTraversalPort { get; init; }

    /// <summary>Null: the Azure connection's, or the other site's.</summary>
    public Secret? SharedKey { get; init; }

    /// <summary>Null: none.</summary>
    public PostquantumDefinition? PostquantumKey { get; init; }
    public ImmutableArray<IpPrefix>? RemoteNetworks { get; init; }
    public DeviceSettings Settings { get; init; } = new();
    public ImmutableArray<DeviceChild> Children { get; init; } = [];
}

/// <summary>A post-quantum preshared key (RFC 8784).</summary>
/// <param name="Key">Borrowed.</param>
/// <param name="IsRequired">Without it there is no IKE SA.</param>
sealed record PostquantumDefinition(string Identity, Secret Key, bool IsRequired);

/// <summary>One of several child SAs of a connection.</summary>
sealed record DeviceChild(string Name, DeviceSettings Settings);
