using System.Buffers.Binary;
using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Azure.Instances;
using Ipsec.Crypto;
using Ipsec.Endpoint;
using Ipsec.Endpoint.Faults;
using Ipsec.Esp;
using Ipsec.Ike;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Network;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Run;

/// <summary>
/// One node of the lab: an <see cref="IpsecEndpoint"/> with its outer side on a wire and its inner side towards virtual hosts.
/// It does what a host process does, under virtual time and in one thread.
/// </summary>
sealed class LabNode : ILabNode, IDisposable
{
    readonly Scheduler _scheduler;
    readonly ILabNodeEvents _events;
    readonly INameResolver _names;
    readonly FragmentReassembler _reassembler = new();
    readonly NodeSas _sas = new();
    readonly Action<byte[]> _deliver;
    readonly Func<int, IRandomSource> _random;
    readonly LabOptions _options;
    readonly bool _emitsKeys;
    EndpointConfiguration _configuration;
    ImmutableArray<IpPrefix> _routes = [];
    TimeSpan? _timerAt;
    ushort _identification;
    bool _reportsPending;
    int _lives;

    /// <param name="deliver">Takes inner packets that the endpoint gives to its local side.</param>
    /// <param name="options">Its journals and what it does wrong.</param>
    /// <param name="random">The source of one life of the node, by its number; a restarted node must not draw the same again.</param>
    public LabNode(string label, NodeDefinition definition, Scheduler scheduler, LabOptions options, Func<int, IRandomSource> random, bool emitKeys,
        Action<byte[]> deliver,
        INameResolver names, ILabNodeEvents events)
    {
        Label = label;
        Definition = definition;
        _scheduler = scheduler;
        _deliver = deliver;
        _names = names;
        _events = events;
        _random = random;
        _options = options;
        _emitsKeys = emitKeys;
        _configuration = Configure(definition);
        OuterAddress = definition.OuterAddress;
        Machine = LifecycleOutput.NameOf(definition.Instance);
        Diagnostics = new InstanceDiagnostics(definition.Name);
        Endpoint = NewEndpoint();
    }

    /// <summary>The node's name, and its instance where its gateway has more than one.</summary>
    public string Label { get; }
    public NodeDefinition Definition { get; private set; }
    public IpsecEndpoint Endpoint { get; private set; }

    /// <summary>The address on the wire, which a fault may change.</summary>
    public IpAddress OuterAddress { get; private set; }

    /// <summary>Of a gateway: the machine that serves the address, as Azure's logs name it.</summary>
    public string Machine { get; set; }

    /// <summary>What Azure keeps about a gateway's address; of a device nobody asks.</summary>
    public InstanceDiagnostics Diagnostics { get; }

    /// <summary>The outer wire. Set once, before the start.</summary>
    public Wire? Wire { get; set; }

    /// <summary>After a shutdown: the endpoint has said goodbye to all of its peers.</summary>
    public bool IsClosed { get; private set; }

    public EndpointStatus Status => Endpoint.GetStatus(_scheduler.Instant);

    public void Start()
    {
        Diagnostics.Started(_configuration, Machine, _scheduler.Instant);
        Endpoint.Start(_scheduler.Instant);
        EndTurn();
    }

    /// <summary>Another address in place of the first one.</summary>
    public void ChangeAddress(IpAddress address)
    {
        OuterAddress = address;
        Endpoint.LocalAddressesChanged([address, .. Definition.AdditionalAddresses], _scheduler.Instant);
        EndTurn();
    }

    /// <summary>Power off: nobody is told, and nothing is kept.</summary>
    public void Stop()
    {
        IsOff = true;
        IsClosed = false;
        Diagnostics.Stopped(Status, Machine, _scheduler.Instant);
        Endpoint.Dispose();
        Endpoint = NewEndpoint();
        _sas.Clear();
        _timerAt = null;
        _reportsPending = false;
        TakeOutputs();
    }

    /// <summary>Power on again.</summary>
    public void Restart()
    {
        IsOff = false;
        if (OuterAddress != Definition.OuterAddress)
            Endpoint.LocalAddressesChanged([OuterAddress, .. Definition.AdditionalAddresses], _scheduler.Instant);
        Start();
    }

    public void Command(Func<IpsecEndpoint, Instant, CommandResult> command, Action<CommandResult> completed)
    {
        CommandResult result = IsOff ? CommandResult.Refused($"{Label} is switched off.") : command(Endpoint, _scheduler.Instant);
        EndTurn();
        completed(result);
    }

    public void Reload(NodeDefinition definition)
    {
        ImmutableArray<string> renewed = definition.Kind == NodeKind.AzureGateway ? SharedKeyChange.Between(Definition.Endpoint, definition.Endpoint) : [];
        Definition = definition;
        _configuration = Configure(definition);
        // One that is off has an endpoint already, which does not run yet.
        Endpoint.Reload(_configuration, _scheduler.Instant);
        Diagnostics.Configured(_configuration, Machine, _scheduler.Instant);
        foreach (string tunnel in IsOff ? [] : renewed)
            ConnectionReset.Run(Endpoint, _configuration, tunnel, _scheduler.Instant);
        EndTurn();
    }

    public void Shutdown()
    {
        Endpoint.Shutdown(_scheduler.Instant);
        EndTurn();
    }

    /// <summary>Does what came of an input to the endpoint, a command from outside included.</summary>
    public void EndTurn()
    {
        TakeOutputs();
        while (_reportsPending)
        {
            _reportsPending = false;
            Endpoint.HandleReports(_scheduler.Instant);
            TakeOutputs();
        }
        Rearm();
    }

    /// <summary>Switched off by a fault.</summary>
    public bool IsOff { get; private set; }

    /// <summary>The length of the longest prefix for an address that leads into a tunnel, up or down; null where none does.</summary>
    public int? RouteLength(IpAddress destination) => _routes.Where(route => route.Contains(destination)).Select(route => (int?)route.Length).Max();

    /// <summary>A route-based tunnel for the address has a child SA.</summary>
    public bool IsUpFor(IpAddress destination) => !IsOff && Definition.Endpoint.Tunnels.Any(tunnel =>
        tunnel.Routes.Any(route => route.Prefix.Contains(destination)) && _sas.IsUp(tunnel.Connection.Name));

    /// <summary>The name of the connection whose child SA sends with this SPI; null for an unknown one.</summary>
    public string? ConnectionOf(uint outboundSpi) => _sas.ConnectionOf(outboundSpi);

    /// <summary>An inner packet from a host behind this node. The packet may be changed in place.</summary>
    public void SendInner(byte[] packet)
    {
        if (IsOff)
            return;
        byte[] original = packet.AsSpan().ToArray();
        var sink = new Sink();
        Endpoint.DataPath.AdvanceTo(_scheduler.Now);
        Endpoint.DataPath.Seal(new SuperPacket(packet), ref sink);
        EndTurn();
        CarryOut(sink, original);
    }

    /// <summary>An IP packet from the wire.</summary>
    public void ReceiveOuter(byte[] packet)
    {
        if (IsOff)
            return;
        byte[]? whole = _reassembler.Add(packet, _scheduler.Now);
        if (whole is null || !IpPacket.TryParse(whole, out IpPacket view) || !IsOwn(view.Destination))
            return;
        if (view.Protocol == IpProtocol.Esp)
            Open(whole.AsSpan(view.HeaderLength, view.Payload.Length), Path(view, 0, 0, PathEncapsulation.RawEsp), view.TrafficClass);
        else if (view.Protocol == IpProtocol.Udp && view.Payload.Length >= UdpHeaderLength && view.TryGetPorts(out ushort source, out ushort port))
            ReceiveUdp(whole.AsSpan(view.HeaderLength + UdpHeaderLength, view.Payload.Length - UdpHeaderLength), view, source, port);
    }

    public void Dispose() => Endpoint.Dispose();

    const int UdpHeaderLength = 8;

    void ReceiveUdp(Span<byte> payload, IpPacket packet, ushort source, ushort port)
    {
        if (port == Definition.Endpoint.IkePort)
        {
            NetworkPath path = Path(packet, source, port, PathEncapsulation.Ike);
            Endpoint.HandleDatagram(payload, path, _scheduler.Instant);
            EndTurn();
        }
        else if (port == Definition.Endpoint.NatTraversalPort)
        {
            Open(payload, Path(packet, source, port, PathEncapsulation.UdpEncapsulated), packet.TrafficClass);
        }
    }

    void Open(Span<byte> datagram, NetworkPath path, byte trafficClass)
    {
        var sink = new Sink();
        Endpoint.DataPath.AdvanceTo(_scheduler.Now);
        Endpoint.DataPath.Open(datagram, 0, path, trafficClass, ref sink);
        foreach ((byte[] message, NetworkPath from) in sink.IkeMessages)
            Endpoint.HandleDatagram(message, from, _scheduler.Instant);
        EndTurn();
        CarryOut(sink, inner: null);
    }

    static NetworkPath Path(IpPacket packet, ushort remotePort, ushort localPort, PathEncapsulation encapsulation) =>
        new(new TransportAddress(packet.Destination, localPort), new TransportAddress(packet.Source, remotePort), encapsulation);

    bool IsOwn(IpAddress address) => address == OuterAddress || Definition.AdditionalAddresses.Contains(address);

    EndpointConfiguration Configure(NodeDefinition definition) => definition.Endpoint with { Ike = definition.Endpoint.Ike with { EmitKeys = _emitsKeys } };

    IpsecEndpoint NewEndpoint()
    {
        string life = _lives == 0 ? Label : $"{Label}-{_lives}";
        Misbehaviour? misbehaviour = null;
        if (_options.Misbehaviours.TryGetValue(Label, out string? name) && !MisbehaviourCatalogue.TryCreate(name, out misbehaviour, out string? error))
            throw new ArgumentException(error);
        var endpoint = new IpsecEndpoint(misbehaviour?.Configure(_configuration) ?? _configuration, _random(_lives++), _options.Journal?.Invoke(life),
            misbehaviour);
        endpoint.ReportsPending += () => _reportsPending = true;
        return endpoint;
    }

    /// <summary>What the data path had to send and to deliver; done after its call, which may not be entered twice.</summary>
    void CarryOut(Sink sink, byte[]? inner)
    {
        foreach ((NetworkPath path, byte trafficClass, byte[] datagram) in sink.Datagrams)
        {
            uint spi = BinaryPrimitives.ReadUInt32BigEndian(datagram);
            if (inner is not null)
                _events.InnerPacketSealed(this, inner, spi, BinaryPrimitives.ReadUInt32BigEndian(datagram.AsSpan(4)));
            Transmit(path, trafficClass, datagram);
        }
        foreach (byte[] packet in sink.Delivered)
            _deliver(packet);
    }

    void TakeOutputs()
    {
        while (Endpoint.TryTakeOutput(out EndpointOutput? output))
        {
            if (Definition.Kind == NodeKind.AzureGateway)
                Diagnostics.Follow(output, Machine, _scheduler.Instant);
            switch (output)
            {
                case SendDatagram send:
                    Transmit(send.Path, 0, send.Datagram.ToArray());
                    break;
                case InnerRoutesChanged routes:
                    _routes = routes.Routes;
                    break;
                case EspKeysInstalled keys:
                    _events.EspKeys(this, keys);
                    break;
                case EndpointEvent { Event: IkeKeysDerived keys }:
                    _events.IkeKeys(this, keys);
                    break;
                case EndpointEvent occurred:
                    _sas.Occurred(occurred.Event);
                    _events.Occurred(this, occurred.Event);
                    break;
                case EndpointOperation { Operation: OperationRequested operation }:
                    Endpoint.HandleCompletion(operation.Id, LabOperations.Run(operation.Input, _names), _scheduler.Instant);
                    break;
                case EndpointClosed:
                    IsClosed = true;
                    break;
            }
        }
    }

    void Transmit(NetworkPath path, byte trafficClass, byte[] payload)
    {
        // As the kernel does with an address that is gone.
        if (!IsOwn(path.Local.Address))
            return;
        ushort identification = ++_identification;
        // RFC 3948 §2.1: encapsulated ESP over IPv4 carries no UDP checksum; IKE does, on either port. The two differ in their first word.
        bool isEsp = path.Encapsulation == PathEncapsulation.UdpEncapsulated && payload.Length >= 4 && BinaryPrimitives.ReadUInt32BigEndian(payload) != 0;
        Wire!.SendFromNear(path.Encapsulation == PathEncapsulation.RawEsp
            ? IpPacketWriter.Packet(path.Local.Address, path.Remote.Address, IpProtocol.Esp, payload, trafficClass, identification: identification)
            : IpPacketWriter.Udp(path.Local, path.Remote, payload, trafficClass, identification: identification, withChecksum: !isEsp));
    }

    void Rearm()
    {
        if (Endpoint.NextTimeout is not TimeSpan due || due >= _timerAt)
            return;
        _timerAt = due;
        _scheduler.At(due, () =>
        {
            if (_timerAt != due)
                return;
            _timerAt = null;
            Endpoint.HandleTimeout(_scheduler.Instant);
            EndTurn();
        });
    }

    /// <summary>Collects what a call of the data path produces; the spans end with the call.</summary>
    sealed class Sink : IDataPathSink
    {
        public List<(NetworkPath Path, byte TrafficClass, byte[] Datagram)> Datagrams { get; } = [];
        public List<byte[]> Delivered { get; } = [];
        public List<(byte[] Message, NetworkPath Path)> IkeMessages { get; } = [];

        public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
        {
            for (int offset = 0; offset < datagrams.Length; offset += segmentSize)
                Datagrams.Add((path, trafficClass, datagrams.Slice(offset, Math.Min(segmentSize, datagrams.Length - offset)).ToArray()));
        }

        public void Deliver(Span<byte> innerPacket) => Delivered.Add(innerPacket.ToArray());

        public void Ike(ReadOnlySpan<byte> message, in NetworkPath path) => IkeMessages.Add((message.ToArray(), path));
    }
}
