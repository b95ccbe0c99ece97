using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Native;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Outer;

/// <summary>
/// One socket towards the outer network: a UDP port of one local address, or IP protocol 50 of one local address. Bound to
/// that address and never to the wildcard, and without SO_REUSEADDR, so that nobody else can hold it at the same time.
/// </summary>
/// <remarks>
/// DF is never set on outer packets: an IKE message may be longer than a link's MTU, and a forged ICMP error cannot shrink
/// the path. UDP_ENCAP stays off: with it the kernel takes the ESP packets for itself and drops them.
/// </remarks>
sealed unsafe class OuterSocket : IDisposable
{
    const int ReceiveBufferOctets = 4 << 20;

    readonly FileDescriptor _descriptor;

    OuterSocket(FileDescriptor descriptor, TransportAddress local, PathEncapsulation encapsulation) =>
        (_descriptor, Local, Encapsulation) = (descriptor, local, encapsulation);

    /// <summary>Port 0 with raw ESP.</summary>
    public TransportAddress Local { get; }
    public PathEncapsulation Encapsulation { get; }
    public FileDescriptor Descriptor => _descriptor;

    /// <exception cref="UserErrorException">The port is in use, the address is not ours, or the permission is missing.</exception>
    public static OuterSocket OpenUdp(TransportAddress local, PathEncapsulation encapsulation)
    {
        FileDescriptor descriptor = LibC.Socket(SocketAddress.FamilyOf(local.Address), SocketConstants.Datagram | SocketConstants.CloseOnExec, 0);
        int error = descriptor.IsInvalid ? LibC.LastError : ConfigureAndBind(descriptor, local);
        if (error == 0)
            return new OuterSocket(descriptor, local, encapsulation);
        descriptor.Dispose();
        throw new UserErrorException(error switch
        {
            ErrorNumber.AddressInUse => $"UDP {local} is already in use by another program or another copy of this one.",
            ErrorNumber.AddressNotAvailable => $"{local.Address} is not an address of this machine; add it to an interface or name another one with --local.",
            ErrorNumber.PermissionDenied => $"No permission for UDP {local}; run as root or with CAP_NET_BIND_SERVICE, or use ports above 1023.",
            _ => $"UDP {local} cannot be opened: {LibC.Describe(error)}.",
        });
    }

    /// <summary>IP protocol 50 of one address. Null where the permission is missing: <paramref name="refusal"/> says so.</summary>
    public static OuterSocket? TryOpenRawEsp(IpAddress local, out string? refusal)
    {
        var address = new TransportAddress(local, 0);
        FileDescriptor descriptor = LibC.Socket(SocketAddress.FamilyOf(local), SocketConstants.Raw | SocketConstants.CloseOnExec, IpProtocol.Esp);
        int error = descriptor.IsInvalid ? LibC.LastError : ConfigureAndBind(descriptor, address);
        refusal = null;
        if (error == 0)
            return new OuterSocket(descriptor, address, PathEncapsulation.RawEsp);
        descriptor.Dispose();
        refusal = error is ErrorNumber.OperationNotPermitted or ErrorNumber.PermissionDenied
            ? $"No permission for IP protocol 50 on {local} (CAP_NET_RAW)"
            : $"IP protocol 50 cannot be opened on {local} ({LibC.Describe(error)})";
        return null;
    }

    /// <summary>Sends one datagram; 0 or an error number. May wait for room in the socket's send buffer.</summary>
    public int Send(TransportAddress remote, byte trafficClass, ReadOnlySpan<byte> datagram)
    {
        byte* name = stackalloc byte[SocketAddress.MaximumLength];
        bool isRaw = Encapsulation == PathEncapsulation.RawEsp;
        // A raw IPv6 socket refuses a destination whose "port" is neither 0 nor its protocol number.
        int nameLength = SocketAddress.Write(new Span<byte>(name, SocketAddress.MaximumLength), isRaw ? remote with { Port = 0 } : remote);
        byte* control = stackalloc byte[ControlMessage.TrafficClassLength];
        int controlLength = ControlMessage.WriteTrafficClass(new Span<byte>(control, ControlMessage.TrafficClassLength), Local.Address.IsV6, trafficClass);
        fixed (byte* start = datagram)
        {
            var segment = new BufferSegment { Base = start, Length = datagram.Length };
            var message = new MessageHeader
            {
                Name = name,
                NameLength = (uint)nameLength,
                Segments = &segment,
                SegmentCount = 1,
                Control = control,
                ControlLength = controlLength,
            };
            while (LibC.SendMessage(_descriptor, &message, 0) < 0)
            {
                int error = LibC.LastError;
                if (error != ErrorNumber.Interrupted)
                    return error;
            }
        }
        return 0;
    }

    public void Dispose() => _descriptor.Dispose();

    static int ConfigureAndBind(FileDescriptor descriptor, TransportAddress local)
    {
        if (!LibC.SetSocketOption(descriptor, SocketConstants.LevelSocket, SocketConstants.ReceiveBufferForce, ReceiveBufferOctets))
            LibC.SetSocketOption(descriptor, SocketConstants.LevelSocket, SocketConstants.ReceiveBuffer, ReceiveBufferOctets);
        if (local.Address.IsV6)
        {
            LibC.SetSocketOption(descriptor, SocketConstants.LevelIpv6, SocketConstants.Ipv6Only, 1);
            LibC.SetSocketOption(descriptor, SocketConstants.LevelIpv6, SocketConstants.Ipv6MtuDiscover, SocketConstants.MtuDiscoverDont);
            LibC.SetSocketOption(descriptor, SocketConstants.LevelIpv6, SocketConstants.Ipv6ReceiveTrafficClass, 1);
        }
        else
        {
            LibC.SetSocketOption(descriptor, SocketConstants.LevelIp, SocketConstants.IpMtuDiscover, SocketConstants.MtuDiscoverDont);
            LibC.SetSocketOption(descriptor, SocketConstants.LevelIp, SocketConstants.IpReceiveTypeOfService, 1);
        }
        byte* name = stackalloc byte[SocketAddress.MaximumLength];
        int length = SocketAddress.Write(new Span<byte>(name, SocketAddress.MaximumLength), local);
        return LibC.Bind(descriptor, name, (uint)length) == 0 ? 0 : LibC.LastError;
    }
}
