using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Ike.Mobility;

/// <summary>The paths that an IKE SA could take: our addresses with those of the peer, each family with its own.</summary>
static class AddressPairs
{
    /// <summary>Paths that are tried at once; a bound of ours.</summary>
    public const int MaximumPaths = 8;

    /// <summary>In order of preference: the peer's present address first, then its others; ours in the order in which the host has them.</summary>
    public static ImmutableArray<NetworkPath> All(IkeSa sa, ConnectionConfiguration connection, ImmutableArray<IpAddress> peerAddresses)
    {
        IpAddress configured = connection.RemoteAddress ?? sa.Path.Remote.Address;
        IEnumerable<IpAddress> remotes = [sa.Path.Remote.Address, .. peerAddresses.Where(address => connection.Mobike?.Accepts(address) ?? true), configured];
        return
        [
            .. from remote in remotes.Distinct()
               from local in sa.Context.LocalAddresses
               where local.IsV6 == remote.IsV6
               select Between(sa.Path, local, remote, connection),
        ];
    }

    /// <summary>The same ports; a peer at another address listens on those that it is configured with.</summary>
    static NetworkPath Between(NetworkPath path, IpAddress local, IpAddress remote, ConnectionConfiguration connection)
    {
        ushort port = remote == path.Remote.Address ? path.Remote.Port
            : path.Encapsulation == PathEncapsulation.UdpEncapsulated ? connection.RemoteNatTraversalPort : connection.RemoteIkePort;
        return path with { Local = path.Local with { Address = local }, Remote = new TransportAddress(remote, port) };
    }
}
