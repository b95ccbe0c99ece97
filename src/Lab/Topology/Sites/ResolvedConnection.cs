using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>A device's connection with everything that other parts of the file say about its peer.</summary>
sealed record ResolvedConnection
{
    /// <summary>The definition's name; "/1" behind it for the second instance of an active-active gateway.</summary>
    public required string Name { get; init; }
    public required DeviceConnection Definition { get; init; }
    public required IpAddress? RemoteAddress { get; init; }

    /// <summary>The peer's DNS name; then there is no address.</summary>
    public string? RemoteName { get; init; }
    public required ImmutableArray<IpPrefix> AcceptedRemoteAddresses { get; init; }
    public required ushort RemoteIkePort { get; init; }
    public required ushort RemoteNatTraversalPort { get; init; }
    public required ImmutableArray<IpPrefix> RemoteNetworks { get; init; }

    /// <summary>Borrowed from the definition or from the Azure connection; null where neither side authenticates with one.</summary>
    public required Secret? SharedKey { get; init; }

    public required ResolvedCredentials Credentials { get; init; }

    /// <summary>The peer is in the file too and dials first.</summary>
    public bool DialsSecond { get; init; }
}
