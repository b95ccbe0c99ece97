using System.Buffers.Binary;
using Ipsec.Lab.Network;
using Ipsec.Net;

namespace Ipsec.Lab.Hosts.Tcp;

/// <summary>The TCP of one virtual host: its connections, who listens, and the answer to what belongs to neither (RFC 9293).</summary>
sealed class TcpStack : ITcpNetwork
{
    const int FirstEphemeralPort = 49152;

    // A bound of ours on what other hosts can open.
    const int MostConnections = 1024;

    readonly IpAddress _address;
    readonly Scheduler _scheduler;
    readonly Func<IpAddress, int> _pathMtu;
    readonly Action<IpAddress, byte[]> _send;
    readonly SortedDictionary<(TransportAddress Remote, ushort Port),
        TcpConnection> _connections = new(Comparer<(TransportAddress Remote, ushort Port)>.Create(Compare));
    readonly SortedDictionary<ushort, Func<ITcpOwner>> _listeners = [];
    int _opened;

    /// <param name="pathMtu">Octets of the largest packet to an address, as far as it is known.</param>
    /// <param name="send">Sends an IP payload to an address.</param>
    public TcpStack(IpAddress address, Scheduler scheduler, Func<IpAddress, int> pathMtu, Action<IpAddress, byte[]> send)
    {
        _address = address;
        _scheduler = scheduler;
        _pathMtu = pathMtu;
        _send = send;
    }

    /// <summary>Connections that are not over.</summary>
    public int Count => _connections.Count;

    /// <param name="accept">Makes the owner of each connection.</param>
    public void Listen(ushort port, Func<ITcpOwner> accept) => _listeners[port] = accept;

    public TcpConnection Connect(TransportAddress remote, ITcpOwner owner)
    {
        ushort port;
        do
            port = (ushort)(FirstEphemeralPort + _opened++ % (ushort.MaxValue - FirstEphemeralPort + 1));
        while (_connections.ContainsKey((remote, port)));
        TcpConnection connection = Create(port, remote, owner);
        connection.Connect();
        return connection;
    }

    public void Receive(in IpPacket packet)
    {
        if (TcpSegment.TryParse(packet) is not TcpSegment segment)
            return;
        var remote = new TransportAddress(packet.Source, segment.SourcePort);
        if (_connections.TryGetValue((remote, segment.DestinationPort), out TcpConnection? connection))
            connection.Handle(segment);
        else if (segment.Has(TcpFlags.Syn) && !segment.Has(TcpFlags.Ack) && !segment.Has(TcpFlags.Rst)
            && _listeners.TryGetValue(segment.DestinationPort, out Func<ITcpOwner>? accept) && _connections.Count < MostConnections)
            Create(segment.DestinationPort, remote, accept()).Accept(segment);
        else if (!segment.Has(TcpFlags.Rst))
            Refuse(segment, remote);
    }

    /// <summary>A router on the way takes smaller packets only.</summary>
    public void HandlePathMtu(IpAddress destination)
    {
        foreach (TcpConnection connection in _connections.Values.Where(connection => connection.Remote.Address == destination).ToArray())
            connection.LimitPath(SegmentSize(destination));
    }

    int SegmentSize(IpAddress destination) => _pathMtu(destination) - IpPacketWriter.HeaderLength(_address.IsV6) - TcpSegment.HeaderLength;

    TcpConnection Create(ushort port, TransportAddress remote, ITcpOwner owner)
    {
        var announced = (ushort)(VirtualHost.InterfaceMtu - IpPacketWriter.HeaderLength(_address.IsV6) - TcpSegment.HeaderLength);
        var local = new TransportAddress(_address, port);
        var connection = new TcpConnection(local, remote, owner, _scheduler, InitialSequence(local, remote), SegmentSize(remote.Address), announced, this);
        _connections[(remote, port)] = connection;
        return connection;
    }

    void ITcpNetwork.Transmit(TcpConnection connection, TcpSegment segment) =>
        _send(connection.Remote.Address, segment.Write(_address, connection.Remote.Address));

    void ITcpNetwork.Forget(TcpConnection connection) => _connections.Remove((connection.Remote, connection.Local.Port));

    /// <summary>RFC 9293 §3.10.7.1.</summary>
    void Refuse(TcpSegment segment, TransportAddress remote)
    {
        TcpSegment reset = segment.Has(TcpFlags.Ack)
            ? new TcpSegment(segment.DestinationPort, segment.SourcePort, segment.Acknowledgment, default, TcpFlags.Rst, 0, default)
            : new TcpSegment(segment.DestinationPort, segment.SourcePort, default, segment.Sequence + segment.Length, TcpFlags.Rst | TcpFlags.Ack, 0, default);
        _send(remote.Address, reset.Write(_address, remote.Address));
    }

    /// <summary>
    /// A clock of four microseconds, and something of the addresses and ports (RFC 9293 §3.4.1). Nobody guesses in a lab, so it needs no secret.
    /// </summary>
    SequenceNumber InitialSequence(TransportAddress local, TransportAddress remote)
    {
        const uint OffsetBasis = 2166136261;
        const uint Prime = 16777619;
        Span<byte> octets = stackalloc byte[36];
        int length = local.Address.WriteTo(octets);
        length += remote.Address.WriteTo(octets[length..]);
        BinaryPrimitives.WriteUInt16BigEndian(octets[length..], local.Port);
        BinaryPrimitives.WriteUInt16BigEndian(octets[(length + 2)..], remote.Port);
        uint hash = OffsetBasis;
        foreach (byte octet in octets[..(length + 4)])
            hash = unchecked((hash ^ octet) * Prime);
        return new SequenceNumber(unchecked(hash + (uint)(_scheduler.Now.Ticks / (4 * TimeSpan.TicksPerMicrosecond))));
    }

    static int Compare((TransportAddress Remote, ushort Port) left, (TransportAddress Remote, ushort Port) right)
    {
        int order = left.Remote.Address.CompareTo(right.Remote.Address);
        order = order != 0 ? order : left.Remote.Port.CompareTo(right.Remote.Port);
        return order != 0 ? order : left.Port.CompareTo(right.Port);
    }
}
