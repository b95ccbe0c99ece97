using Ipsec.EndpointHost.Native;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Outer;

/// <summary>A socket that sends nothing and asks the kernel's route cache what a path carries. It is in the network namespace where it was made.</summary>
sealed unsafe class PathProbe : IDisposable
{
    const ushort ProbedPort = 4500;

    readonly Lock _lock = new();
    readonly FileDescriptor _descriptor;

    public PathProbe(IpAddress local)
    {
        _descriptor = LibC.Socket(SocketAddress.FamilyOf(local), SocketConstants.Datagram | SocketConstants.CloseOnExec, 0);
        byte* name = stackalloc byte[SocketAddress.MaximumLength];
        if (!_descriptor.IsInvalid)
            LibC.Bind(_descriptor, name, (uint)SocketAddress.Write(new Span<byte>(name, SocketAddress.MaximumLength), new TransportAddress(local, 0)));
    }

    /// <summary>What the kernel knows of the path from here, in octets of a whole IP packet; null if it cannot say.</summary>
    public int? PathMtu(IpAddress remote)
    {
        lock (_lock)
        {
            byte* name = stackalloc byte[SocketAddress.MaximumLength];
            // The port means nothing: a datagram socket that is connected has looked up its route, and sends nothing.
            int nameLength = SocketAddress.Write(new Span<byte>(name, SocketAddress.MaximumLength), new TransportAddress(remote, ProbedPort));
            int mtu;
            uint length = sizeof(int);
            int level = remote.IsV6 ? SocketConstants.LevelIpv6 : SocketConstants.LevelIp;
            int option = remote.IsV6 ? SocketConstants.Ipv6Mtu : SocketConstants.IpMtu;
            return !_descriptor.IsInvalid && LibC.Connect(_descriptor, name, (uint)nameLength) == 0 && LibC.GetSocketOption(_descriptor, level, option, &mtu, &length) == 0
                ? mtu : null;
        }
    }

    public void Dispose() => _descriptor.Dispose();
}
