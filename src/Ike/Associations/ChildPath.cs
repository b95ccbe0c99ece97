using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Ike.Associations;

/// <summary>Where the ESP of an IKE SA goes.</summary>
static class ChildPath
{
    /// <summary>Protocol 50 between the two addresses; through a NAT the UDP path that IKE uses (RFC 7296 §2.23, RFC 3948 §2.1).</summary>
    public static NetworkPath Of(IkeSa sa, ConnectionConfiguration connection)
    {
        if (!sa.Nat.UsesUdpEncapsulation)
            return new NetworkPath(new TransportAddress(sa.Path.Local.Address, 0), new TransportAddress(sa.Path.Remote.Address, 0), PathEncapsulation.RawEsp);
        if (sa.Path.Encapsulation == PathEncapsulation.UdpEncapsulated)
            return sa.Path;
        // The peer did not move to port 4500 although it must; its ESP can only be meant for there.
        return new NetworkPath(new TransportAddress(sa.Path.Local.Address, sa.Context.Configuration.NatTraversalPort),
            new TransportAddress(sa.Path.Remote.Address, connection.RemoteNatTraversalPort), PathEncapsulation.UdpEncapsulated);
    }
}
