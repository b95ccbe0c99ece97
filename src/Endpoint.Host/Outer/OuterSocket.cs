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
    /// <summary>As many as a data path hands over at once.</summary>
    const int MaximumDatagrams = 64;

    readonly FileDescriptor _descriptor;
    readonly PathProbe _probe;
    readonly Lock _fragmenting = new();
    volatile bool _cutsInKernel;

    /// <param name="descriptor">A bound socket, which becomes this one's.</param>
    /// <param name="local">Port 0 with raw ESP.</param>
    public OuterSocket(FileDescriptor descriptor, TransportAddress local, PathEncapsulation encapsulation)
    {
        (_descriptor, _probe, Local, Encapsulation) = (descriptor, new PathProbe(local.Address), local, encapsulation);
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
    public bool ReceivesRuns { get; init; }

    /// <summary>Which of the workers receives here, and sends where there are several sockets of one address; null for a socket of IKE.</summary>
    public int? Worker { get; init; }

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
            SetDiscovery(_descriptor, Local.Address, isOn: false);
            int error = SendMany(remote, trafficClass, datagrams, segmentSize);
            SetDiscovery(_descriptor, Local.Address, isOn: true);
            return error;
        }
    }

    /// <summary>What the kernel knows of the path from here, in octets of a whole IP packet; null if it cannot say.</summary>
    public int? PathMtu(IpAddress remote) => _probe.PathMtu(remote);

    /// <summary>DF on what is sent from now on, and what the path carries learned; or neither.</summary>
    internal static void SetDiscovery(FileDescriptor descriptor, IpAddress local, bool isOn)
    {
        if (local.IsV6)
            LibC.SetSocketOption(descriptor, SocketConstants.LevelIpv6, SocketConstants.Ipv6MtuDiscover, isOn ? SocketConstants.MtuDiscoverDo : SocketConstants.MtuDiscoverDont);
        else
            LibC.SetSocketOption(descriptor, SocketConstants.LevelIp, SocketConstants.IpMtuDiscover, isOn ? SocketConstants.MtuDiscoverDo : SocketConstants.MtuDiscoverDont);
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
}
