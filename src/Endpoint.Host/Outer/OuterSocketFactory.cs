using System.Collections.Immutable;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Native;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Outer;

/// <summary>Binds sockets towards the outer network: a UDP port of one local address, or IP protocol 50 of one local address.</summary>
static unsafe class OuterSocketFactory
{
    const int BufferOctets = 8 << 20;

    /// <exception cref="UserErrorException">The port is in use, the address is not ours, or the permission is missing.</exception>
    public static OuterSocket OpenUdp(TransportAddress local, PathEncapsulation encapsulation)
    {
        FileDescriptor descriptor = Bind(local, isShared: false, isForData: false, out int error);
        if (error == 0)
            return Receiver(descriptor, local, encapsulation, encapsulation == PathEncapsulation.Ike ? null : 0);
        descriptor.Dispose();
        throw Failure(local, error);
    }

    /// <summary>
    /// The NAT traversal port, several times: what begins with the non-ESP marker (RFC 3948 §2.2) and what is too short for ESP comes to the first socket, so that IKE
    /// does not wait behind data, and everything else to one of the others, always the same for one peer. Where the kernel cannot tell them apart there is one for all.
    /// </summary>
    /// <param name="workers">How many receive ESP.</param>
    /// <exception cref="UserErrorException">The port is in use, the address is not ours, or the permission is missing.</exception>
    public static ImmutableArray<OuterSocket> OpenNatTraversal(TransportAddress local, int workers)
    {
        // Sockets that share a port are bound beside those of another process of the same user without a word: whoever is there already is found by one that does not share.
        using PortClaim claim = PortClaim.Take();
        OpenUdp(local, PathEncapsulation.UdpEncapsulated).Dispose();
        ImmutableArray<OuterSocket>.Builder sockets = ImmutableArray.CreateBuilder<OuterSocket>();
        // The filter counts them in the order in which they were bound.
        for (int number = 0; number <= workers; number++)
        {
            int? worker = number == 0 ? null : number - 1;
            FileDescriptor descriptor = Bind(local, isShared: true, isForData: worker is not null, out int error);
            sockets.Add(Receiver(descriptor, local, PathEncapsulation.UdpEncapsulated, worker));
            if (error == 0 && (number > 0 || PortFilter.TryAttach(descriptor, workers, local.Address.IsV6)))
                continue;
            foreach (OuterSocket socket in sockets)
                socket.Dispose();
            return [OpenUdp(local, PathEncapsulation.UdpEncapsulated)];
        }
        return sockets.ToImmutable();
    }

    static OuterSocket Receiver(FileDescriptor descriptor, TransportAddress local, PathEncapsulation encapsulation, int? worker)
    {
        // A kernel without it hands over one datagram at a time. Of sockets that share a port all have it: the kernel looks at any of them.
        bool receivesRuns = encapsulation == PathEncapsulation.UdpEncapsulated
            && LibC.SetSocketOption(descriptor, SocketConstants.LevelUdp, SocketConstants.UdpGenericReceiveOffload, 1);
        return new OuterSocket(descriptor, local, encapsulation) { Worker = worker, ReceivesRuns = receivesRuns };
    }

    static FileDescriptor Bind(TransportAddress local, bool isShared, bool isForData, out int error)
    {
        FileDescriptor descriptor = LibC.Socket(SocketAddress.FamilyOf(local.Address), SocketConstants.Datagram | SocketConstants.CloseOnExec, 0);
        error = descriptor.IsInvalid ? LibC.LastError : 0;
        if (error == 0 && isShared && !LibC.SetSocketOption(descriptor, SocketConstants.LevelSocket, SocketConstants.ReusePort, 1))
            error = LibC.LastError;
        if (error == 0)
            error = ConfigureAndBind(descriptor, local, isForData);
        return descriptor;
    }

    static UserErrorException Failure(TransportAddress local, int error) => new(error switch
    {
        ErrorNumber.AddressInUse => $"UDP {local} is already in use by another program or another copy of this one.",
        ErrorNumber.AddressNotAvailable => $"{local.Address} is not an address of this machine; add it to an interface or name another one with --local.",
        ErrorNumber.PermissionDenied => $"No permission for UDP {local}; run as root or with CAP_NET_BIND_SERVICE, or use ports above 1023.",
        _ => $"UDP {local} cannot be opened: {LibC.Describe(error)}.",
    });

    /// <summary>IP protocol 50 of one address. Null where the permission is missing: <paramref name="refusal"/> says so.</summary>
    public static OuterSocket? TryOpenRawEsp(IpAddress local, out string? refusal)
    {
        var address = new TransportAddress(local, 0);
        FileDescriptor descriptor = LibC.Socket(SocketAddress.FamilyOf(local), SocketConstants.Raw | SocketConstants.CloseOnExec, IpProtocol.Esp);
        int error = descriptor.IsInvalid ? LibC.LastError : ConfigureAndBind(descriptor, address, isForData: true);
        refusal = null;
        if (error == 0)
            return new OuterSocket(descriptor, address, PathEncapsulation.RawEsp) { Worker = 0 };
        descriptor.Dispose();
        refusal = error is ErrorNumber.OperationNotPermitted or ErrorNumber.PermissionDenied
            ? $"No permission for IP protocol 50 on {local} (CAP_NET_RAW)"
            : $"IP protocol 50 cannot be opened on {local} ({LibC.Describe(error)})";
        return null;
    }

    static int ConfigureAndBind(FileDescriptor descriptor, TransportAddress local, bool isForData)
    {
        // Beyond the machine's limit it takes CAP_NET_ADMIN.
        if (!LibC.SetSocketOption(descriptor, SocketConstants.LevelSocket, SocketConstants.ReceiveBufferForce, BufferOctets))
            LibC.SetSocketOption(descriptor, SocketConstants.LevelSocket, SocketConstants.ReceiveBuffer, BufferOctets);
        if (!LibC.SetSocketOption(descriptor, SocketConstants.LevelSocket, SocketConstants.SendBufferForce, BufferOctets))
            LibC.SetSocketOption(descriptor, SocketConstants.LevelSocket, SocketConstants.SendBuffer, BufferOctets);
        if (local.Address.IsV6)
        {
            LibC.SetSocketOption(descriptor, SocketConstants.LevelIpv6, SocketConstants.Ipv6Only, 1);
            LibC.SetSocketOption(descriptor, SocketConstants.LevelIpv6, SocketConstants.Ipv6ReceiveTrafficClass, 1);
        }
        else
        {
            LibC.SetSocketOption(descriptor, SocketConstants.LevelIp, SocketConstants.IpReceiveTypeOfService, 1);
        }
        OuterSocket.SetDiscovery(descriptor, local.Address, isForData);
        byte* name = stackalloc byte[SocketAddress.MaximumLength];
        int length = SocketAddress.Write(new Span<byte>(name, SocketAddress.MaximumLength), local);
        return LibC.Bind(descriptor, name, (uint)length) == 0 ? 0 : LibC.LastError;
    }
}
