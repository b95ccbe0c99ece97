using System.Collections.Immutable;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Native;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Outer;

/// <summary>
/// One socket towards the outer network: a UDP port of one local address, or IP protocol 50 of one local address. Bound to
/// that address and never to the wildcard, so that nobody else can hold it at the same time.
/// </summary>
/// <remarks>
/// A socket that ESP leaves by sets DF and learns from the kernel what the path carries; one that IKE leaves by does not: a message may be longer than a link's
/// MTU. UDP_ENCAP stays off: with it the kernel takes the ESP packets for itself and drops them.
/// </remarks>
sealed unsafe class OuterSocket : IDisposable
{
    const int BufferOctets = 8 << 20;

    /// <summary>As many as a data path hands over at once.</summary>
    const int MaximumDatagrams = 64;

    const ushort ProbedPort = 4500;

    readonly FileDescriptor _descriptor;

    // Opened with the other one, because that may be in another network namespace than the threads that ask.
    readonly FileDescriptor _probe;
    readonly Lock _fragmenting = new();
    volatile bool _cutsInKernel;

    OuterSocket(FileDescriptor descriptor, TransportAddress local, PathEncapsulation encapsulation)
    {
        (_descriptor, _probe, Local, Encapsulation) = (descriptor, OpenProbe(local.Address), local, encapsulation);
        // Setting what is the default already asks whether the kernel knows it.
        _cutsInKernel = encapsulation == PathEncapsulation.UdpEncapsulated
            && LibC.SetSocketOption(descriptor, SocketConstants.LevelUdp, SocketConstants.UdpSegment, 0);
    }

    /// <summary>Port 0 with raw ESP.</summary>
    public TransportAddress Local { get; }
    public PathEncapsulation Encapsulation { get; }
    public FileDescriptor Descriptor => _descriptor;

    /// <summary>The kernel cuts what is sent into datagrams (UDP_SEGMENT); without it there is one system call for several (sendmmsg).</summary>
    public bool SendsRuns => _cutsInKernel;

    /// <summary>The kernel hands over several datagrams as one (UDP_GRO).</summary>
    public bool ReceivesRuns { get; private init; }

    /// <summary>Which of the workers receives here, and sends where there are several sockets of one address; null for a socket of IKE.</summary>
    public int? Worker { get; private init; }

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

    /// <summary>Sends one datagram, or several side by side; 0 or an error number. May wait for room in the socket's send buffer.</summary>
    /// <param name="segmentSize">Length of each datagram, the last one may be shorter.</param>
    public int Send(TransportAddress remote, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
        if (datagrams.Length <= segmentSize)
            return SendWhole(remote, trafficClass, datagrams, segmentSize: 0);
        if (!_cutsInKernel)
            return SendMany(remote, trafficClass, datagrams, segmentSize);
        int error = SendWhole(remote, trafficClass, datagrams, segmentSize);
        if (error is not (ErrorNumber.InputOutput or ErrorNumber.Invalid or ErrorNumber.ProtocolOptionUnknown))
            return error;
        // Older kernels say the same of datagrams that are too long for the path. If not, the route's device computes no checksums, or the kernel is older than 4.18.
        error = SendMany(remote, trafficClass, datagrams, segmentSize);
        _cutsInKernel = error != 0;
        return error;
    }

    /// <summary>Sends datagrams that are longer than the path carries, each in fragments; 0 or an error number.</summary>
    public int SendInFragments(TransportAddress remote, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
        // What another thread sends meanwhile leaves without DF, which does no harm; a run that the kernel is to cut must fit the path even then.
        lock (_fragmenting)
        {
            SetDiscovery(_descriptor, Local.Address, SocketConstants.MtuDiscoverDont);
            int error = SendMany(remote, trafficClass, datagrams, segmentSize);
            SetDiscovery(_descriptor, Local.Address, SocketConstants.MtuDiscoverDo);
            return error;
        }
    }

    /// <summary>What the kernel knows of the path from here, in octets of a whole IP packet; null if it cannot say.</summary>
    public int? PathMtu(IpAddress remote)
    {
        lock (_probe)
        {
            byte* name = stackalloc byte[SocketAddress.MaximumLength];
            // The port means nothing: a datagram socket that is connected has looked up its route, and sends nothing.
            int nameLength = SocketAddress.Write(new Span<byte>(name, SocketAddress.MaximumLength), new TransportAddress(remote, ProbedPort));
            int mtu;
            uint length = sizeof(int);
            int level = remote.IsV6 ? SocketConstants.LevelIpv6 : SocketConstants.LevelIp;
            int option = remote.IsV6 ? SocketConstants.Ipv6Mtu : SocketConstants.IpMtu;
            return !_probe.IsInvalid && LibC.Connect(_probe, name, (uint)nameLength) == 0 && LibC.GetSocketOption(_probe, level, option, &mtu, &length) == 0
                ? mtu : null;
        }
    }

    int SendWhole(TransportAddress remote, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
        byte* name = stackalloc byte[SocketAddress.MaximumLength];
        byte* control = stackalloc byte[2 * ControlMessage.EntryLength];
        fixed (byte* start = datagrams)
        {
            var segment = new BufferSegment { Base = start, Length = datagrams.Length };
            MessageHeader message = Address(remote, trafficClass, name, control);
            message.Segments = &segment;
            message.SegmentCount = 1;
            if (segmentSize > 0)
            {
                ControlMessage.WriteSegmentSize(new Span<byte>(control + ControlMessage.EntryLength, ControlMessage.EntryLength), segmentSize);
                message.ControlLength += ControlMessage.EntryLength;
            }
            while (LibC.SendMessage(_descriptor, &message, 0) < 0)
            {
                int error = LibC.LastError;
                if (error != ErrorNumber.Interrupted)
                    return error;
            }
        }
        return 0;
    }

    /// <summary>Each datagram by itself, several per system call (sendmmsg): IP protocol 50 knows no segments.</summary>
    int SendMany(TransportAddress remote, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
        byte* name = stackalloc byte[SocketAddress.MaximumLength];
        byte* control = stackalloc byte[2 * ControlMessage.EntryLength];
        BufferSegment* segments = stackalloc BufferSegment[MaximumDatagrams];
        BatchedMessage* messages = stackalloc BatchedMessage[MaximumDatagrams];
        MessageHeader header = Address(remote, trafficClass, name, control);
        fixed (byte* start = datagrams)
        {
            int count = 0;
            for (int offset = 0; offset < datagrams.Length && count < MaximumDatagrams; offset += segmentSize, count++)
            {
                segments[count] = new BufferSegment { Base = start + offset, Length = Math.Min(segmentSize, datagrams.Length - offset) };
                header.Segments = segments + count;
                header.SegmentCount = 1;
                messages[count].Header = header;
            }
            int failure = 0;
            for (int sent = 0; sent < count;)
            {
                int taken = LibC.SendMessages(_descriptor, messages + sent, (uint)(count - sent), 0);
                int error = taken < 0 ? LibC.LastError : 0;
                if (error == ErrorNumber.Interrupted)
                    continue;
                // What fails is the first one that was not taken; those behind it may still go.
                sent += error == 0 ? taken : 1;
                failure = error == 0 ? failure : error;
            }
            return failure;
        }
    }

    /// <summary>Where to, and the traffic class.</summary>
    MessageHeader Address(TransportAddress remote, byte trafficClass, byte* name, byte* control)
    {
        bool isRaw = Encapsulation == PathEncapsulation.RawEsp;
        // A raw IPv6 socket refuses a destination whose "port" is neither 0 nor its protocol number.
        int nameLength = SocketAddress.Write(new Span<byte>(name, SocketAddress.MaximumLength), isRaw ? remote with { Port = 0 } : remote);
        ControlMessage.WriteTrafficClass(new Span<byte>(control, ControlMessage.EntryLength), Local.Address.IsV6, trafficClass);
        return new MessageHeader { Name = name, NameLength = (uint)nameLength, Control = control, ControlLength = ControlMessage.EntryLength };
    }

    public void Dispose()
    {
        _descriptor.Dispose();
        _probe.Dispose();
    }

    static FileDescriptor OpenProbe(IpAddress local)
    {
        FileDescriptor probe = LibC.Socket(SocketAddress.FamilyOf(local), SocketConstants.Datagram | SocketConstants.CloseOnExec, 0);
        byte* name = stackalloc byte[SocketAddress.MaximumLength];
        if (!probe.IsInvalid)
            LibC.Bind(probe, name, (uint)SocketAddress.Write(new Span<byte>(name, SocketAddress.MaximumLength), new TransportAddress(local, 0)));
        return probe;
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
        SetDiscovery(descriptor, local.Address, isForData ? SocketConstants.MtuDiscoverDo : SocketConstants.MtuDiscoverDont);
        byte* name = stackalloc byte[SocketAddress.MaximumLength];
        int length = SocketAddress.Write(new Span<byte>(name, SocketAddress.MaximumLength), local);
        return LibC.Bind(descriptor, name, (uint)length) == 0 ? 0 : LibC.LastError;
    }

    static void SetDiscovery(FileDescriptor descriptor, IpAddress local, int discovery)
    {
        if (local.IsV6)
            LibC.SetSocketOption(descriptor, SocketConstants.LevelIpv6, SocketConstants.Ipv6MtuDiscover, discovery);
        else
            LibC.SetSocketOption(descriptor, SocketConstants.LevelIp, SocketConstants.IpMtuDiscover, discovery);
    }
}
