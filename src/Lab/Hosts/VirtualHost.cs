using Ipsec.Lab.Fabric;
using Ipsec.Lab.Hosts.Http;
using Ipsec.Lab.Hosts.Tcp;
using Ipsec.Lab.Network;
using Ipsec.Net;

namespace Ipsec.Lab.Hosts;

/// <summary>
/// A host behind a node: answers echo requests, sends its own, speaks UDP and TCP, learns path MTUs from ICMP and fragments by them.
/// Its gateway is the node; <paramref name="send"/> hands a packet to it.
/// </summary>
sealed class VirtualHost(string name, IpAddress address, ushort identifier, Scheduler scheduler, Action<byte[]> send) : ILabHost
{
    /// <summary>The RFC 862 echo service, which every host runs.</summary>
    public const ushort EchoPort = 7;

    /// <summary>The MTU of the host's own interface, in octets.</summary>
    public const int InterfaceMtu = 1500;

    // RFC 791 §3.2 and RFC 8200 §5: no path has less; a smaller claim in an ICMP error is a fault or an attack.
    const int MinimumMtuV4 = 68;
    const int MinimumMtuV6 = 1280;

    readonly FragmentReassembler _reassembler = new();
    readonly SortedDictionary<IpAddress, int> _pathMtus = [];
    readonly SortedDictionary<ushort, PendingEcho> _pending = [];
    readonly SortedDictionary<ushort, Action<TransportAddress, byte[]>> _udpListeners = [];
    TcpStack? _tcp;
    ushort _sequence;
    uint _identification;

    public string Name => name;
    public IpAddress Address => address;

    /// <summary>Its TCP, with the HTTP service that every host runs.</summary>
    public TcpStack Tcp => _tcp ??= NewTcp();

    /// <summary>The largest packet that this host sends to a destination without fragmenting it.</summary>
    public int PathMtu(IpAddress destination) => _pathMtus.TryGetValue(destination, out int mtu) ? mtu : InterfaceMtu;

    /// <summary>The sequence number on the wire. <inheritdoc cref="ILabHost.Ping" path="/summary"/></summary>
    public ushort Ping(IpAddress destination, int dataLength, TimeSpan timeout, Action<EchoOutcome> completed)
    {
        ushort sequence = ++_sequence;
        byte[] data = new byte[dataLength];
        for (int i = 0; i < data.Length; i++)
            data[i] = (byte)i;
        var pending = new PendingEcho(destination, scheduler.Now, data, completed);
        _pending[sequence] = pending;
        scheduler.After(timeout, () =>
        {
            if (_pending.TryGetValue(sequence, out PendingEcho? current) && current == pending)
                Complete(sequence, new EchoOutcome(null, pending.TooBigMtu));
        });
        Send(destination, EchoMessage.ProtocolOf(address.IsV6), EchoMessage.Write(true, address, destination, identifier, sequence, data));
        return sequence;
    }

    public void Fetch(IpAddress destination, int octets, TimeSpan timeout, Action<FetchOutcome> completed) =>
        HttpFetch.Begin(Tcp, destination, octets, timeout, scheduler, completed);

    public void SendUdp(ushort sourcePort, TransportAddress destination, ReadOnlySpan<byte> payload)
    {
        byte[] packet = IpPacketWriter.Udp(new TransportAddress(address, sourcePort), destination, payload);
        Send(destination.Address, IpProtocol.Udp, packet.AsSpan(IpPacketWriter.HeaderLength(address.IsV6)));
    }

    public void ListenUdp(ushort port, Action<TransportAddress, byte[]> received) => _udpListeners[port] = received;

    /// <summary>A packet from the gateway.</summary>
    public void Receive(byte[] packet)
    {
        byte[]? whole = _reassembler.Add(packet, scheduler.Now);
        if (whole is null || !IpPacket.TryParse(whole, out IpPacket view) || view.Destination != address)
            return;
        if (view.Protocol == EchoMessage.ProtocolOf(view.IsV6))
            ReceiveIcmp(view);
        else if (view.Protocol == IpProtocol.Udp)
            ReceiveUdp(view);
        else if (view.Protocol == IpProtocol.Tcp)
            Tcp.Receive(view);
    }

    TcpStack NewTcp()
    {
        var tcp = new TcpStack(address, scheduler, PathMtu, (destination, segment) => Send(destination, IpProtocol.Tcp, segment));
        tcp.Listen(OctetRequest.Port, () => new HttpService());
        return tcp;
    }

    void ReceiveIcmp(IpPacket packet)
    {
        if (EchoMessage.TryParse(packet, out EchoMessage echo))
        {
            if (echo.IsRequest)
                Send(packet.Source, packet.Protocol, EchoMessage.Write(false, address, packet.Source, echo.Identifier, echo.Sequence, echo.Data));
            else if (echo.Identifier == identifier && _pending.TryGetValue(echo.Sequence, out PendingEcho? pending)
                     && pending.Destination == packet.Source && echo.Data.SequenceEqual(pending.Data))
                Complete(echo.Sequence, new EchoOutcome(scheduler.Now - pending.Sent, null));
        }
        else if (IcmpError.TryReadTooBig(packet, out IpAddress destination, out int mtu))
        {
            LearnPathMtu(destination, mtu);
        }
    }

    void ReceiveUdp(IpPacket packet)
    {
        if (!packet.TryGetPorts(out ushort sourcePort, out ushort port) || packet.Payload.Length < 8)
            return;
        // RFC 768: zero is "no checksum", which RFC 8200 §8.1 does not allow for IPv6.
        bool hasChecksum = packet.Payload[6] != 0 || packet.Payload[7] != 0 || packet.IsV6;
        uint pseudo = InternetChecksum.PseudoHeader(packet.Source, packet.Destination, IpProtocol.Udp, packet.Payload.Length);
        if (hasChecksum && !InternetChecksum.IsValid(packet.Payload, pseudo))
            return;
        var sender = new TransportAddress(packet.Source, sourcePort);
        if (port == EchoPort && sourcePort == EchoPort)
            return; // two echo services would keep each other busy for ever
        if (port == EchoPort)
            SendUdp(EchoPort, sender, packet.Payload[8..]);
        else if (_udpListeners.TryGetValue(port, out Action<TransportAddress, byte[]>? received))
            received(sender, packet.Payload[8..].ToArray());
        else
            Send(packet.Source, EchoMessage.ProtocolOf(packet.IsV6), IcmpError.PortUnreachable(packet));
    }

    void LearnPathMtu(IpAddress destination, int mtu)
    {
        mtu = Math.Max(mtu, destination.IsV6 ? MinimumMtuV6 : MinimumMtuV4);
        if (mtu >= PathMtu(destination))
            return;
        _pathMtus[destination] = mtu;
        foreach (PendingEcho pending in _pending.Values)
        {
            if (pending.Destination == destination)
                pending.TooBigMtu = mtu;
        }
        _tcp?.HandlePathMtu(destination);
    }

    /// <summary>
    /// Packets within the path MTU carry DF, so that the path is discovered (RFC 1191 §3); larger ones are fragmented here
    /// and must be free to be fragmented further.
    /// </summary>
    void Send(IpAddress destination, byte protocol, ReadOnlySpan<byte> payload)
    {
        int mtu = PathMtu(destination);
        uint identification = ++_identification;
        bool fits = IpPacketWriter.HeaderLength(address.IsV6) + payload.Length <= mtu;
        byte[] packet = IpPacketWriter.Packet(address, destination, protocol, payload, dontFragment: fits, identification: (ushort)identification);
        IReadOnlyList<byte[]> pieces = [packet];
        if (!fits && address.IsV6)
            pieces = IpFragmentation.FragmentV6(packet, mtu, identification);
        else if (!fits)
            IpFragmentation.TryFragmentV4(packet, mtu, out pieces);
        foreach (byte[] piece in pieces)
            send(piece);
    }

    void Complete(ushort sequence, EchoOutcome outcome)
    {
        if (_pending.Remove(sequence, out PendingEcho? pending))
            pending.Completed(outcome);
    }

    sealed class PendingEcho(IpAddress destination, TimeSpan sent, byte[] data, Action<EchoOutcome> completed)
    {
        public IpAddress Destination => destination;
        public TimeSpan Sent => sent;
        public ReadOnlySpan<byte> Data => data;
        public Action<EchoOutcome> Completed => completed;
        public int? TooBigMtu { get; set; }
    }
}
