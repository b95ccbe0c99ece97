using System.Buffers.Binary;
using Ipsec.Endpoint;
using Ipsec.Esp;
using Ipsec.Ike;
using Ipsec.Ike.Outputs;
using Ipsec.Net;
using Ipsec.Simulation.Bugs;
using Ipsec.Simulation.Fabric;
using Ipsec.Simulation.Observation;
using Ipsec.Simulation.Report;

namespace Ipsec.Simulation.Cells;

/// <summary>One endpoint with the loop that its host would run. It can lose its state and begin again.</summary>
sealed class Node : IScheduled, IOuterReceiver
{
    static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    const double LostOperations = 0.02;

    readonly Cell _cell;
    EndpointConfiguration _configuration;
    readonly Dice _dice;
    readonly RecentMap<uint, KeyUse> _sealing = new(1024);
    readonly Queue<(byte[] Message, NetworkPath Path)> _ikeFromDataPath = new();
    readonly PlantedBug _bug;
    readonly IkeIvLedger _ikeIvs;
    IpsecEndpoint? _endpoint;
    TimeSpan? _wakeAt;
    bool _reportsPending;
    int _sealed;

    public Node(Cell cell, EndpointConfiguration configuration, Dice dice, PlantedBug bug)
    {
        _cell = cell;
        _configuration = configuration;
        _dice = dice;
        _bug = bug;
        _ikeIvs = new IkeIvLedger(configuration.Tunnels.All(tunnel => tunnel.Connection.InitiatorProposals.All(
            proposal => proposal.Encryption.All(encryption => encryption.IsCombinedMode))));
    }

    public string Name => _configuration.Name;

    public IpAddress Address => _configuration.LocalAddresses[0];

    /// <summary>In front of this node; null where there is none.</summary>
    public NatBox? Nat { get; set; }

    /// <summary>Counts the calls into the endpoint: what was sent before this one was under way when it came.</summary>
    public long Turn { get; private set; }

    /// <summary>How far the wall clock is off.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>What the hub gave this spoke; null while it has none.</summary>
    public IpAddress? VirtualAddress { get; private set; }

    public IpsecEndpoint? Endpoint => _endpoint;

    public Instant Now => new(_cell.Time.Now, Epoch + _cell.Time.Now + ClockOffset);

    public void Start()
    {
        if (_endpoint is not null)
            return;
        _cell.Trace(Name, "starts");
        _endpoint = new IpsecEndpoint(_configuration, _dice, journal: null, new MessageObserver(_cell, this, MessageBug.Of(_bug)));
        _endpoint.ReportsPending += () => _reportsPending = true;
        Do(endpoint => endpoint.Start(Now));
    }

    /// <summary>The process is gone, and everything that it knew.</summary>
    public void Kill()
    {
        if (_endpoint is null)
            return;
        _cell.Trace(Name, "loses its state");
        TakeStatistics();
        _endpoint.Dispose();
        _endpoint = null;
        _wakeAt = null;
        VirtualAddress = null;
        _ikeFromDataPath.Clear();
        _reportsPending = false;
        _cell.HandleKilled(this);
    }

    public void Do(Action<IpsecEndpoint> action)
    {
        if (_endpoint is null)
            return;
        Turn++;
        try
        {
            action(_endpoint);
            Settle();
        }
        catch (Exception thrown)
        {
            _cell.Violate(Name, $"threw {thrown}");
        }
        Wake();
    }

    public CommandResult Command(string what, Func<IpsecEndpoint, CommandResult> command)
    {
        CommandResult result = CommandResult.Refused("It is down.");
        _cell.Trace(Name, $"command: {what}");
        _cell.Statistics.Add(CountKind.Commands);
        Do(endpoint => result = command(endpoint));
        return result;
    }

    public void Fire(object? argument)
    {
        if (_wakeAt != _cell.Time.Now || _endpoint is null)
            return;
        _wakeAt = null;
        if (_endpoint.NextTimeout <= _cell.Time.Now)
            Do(endpoint => endpoint.HandleTimeout(Now));
        else
            Wake();
    }

    public void SendInner(byte[] packet) => Do(endpoint =>
    {
        Sink sink = new(this);
        endpoint.DataPath.Seal(new SuperPacket(packet), ref sink);
    });

    public void Receive(OuterPacket packet)
    {
        if (packet.IsRawEsp || packet.Target.Port == _configuration.NatTraversalPort)
        {
            NetworkPath path = new(packet.Target, packet.Source, packet.IsRawEsp ? PathEncapsulation.RawEsp : PathEncapsulation.UdpEncapsulated);
            Do(endpoint =>
            {
                Sink sink = new(this);
                endpoint.DataPath.Open(packet.Payload, 0, path, packet.TrafficClass, ref sink);
            });
        }
        else if (packet.Target.Port == _configuration.IkePort)
        {
            Do(endpoint => endpoint.HandleDatagram(packet.Payload, new NetworkPath(packet.Target, packet.Source, PathEncapsulation.Ike), Now));
        }
    }

    /// <summary>Counters of the data path die with it.</summary>
    public void TakeStatistics()
    {
        if (_endpoint is null)
            return;
        _cell.Statistics.Add(CountKind.RefusedReplays, (long)_endpoint.DataPath.GetCounter(DataPathCounter.Replay));
        _cell.Statistics.Add(CountKind.RefusedForeign, (long)_endpoint.DataPath.GetCounter(DataPathCounter.SelectorMismatch));
    }

    /// <summary>The address that it had is gone, it has another one.</summary>
    public void MoveTo(IpAddress address)
    {
        _cell.Network.Detach(Address);
        _cell.Network.Attach(address, this);
        _configuration = _configuration with { LocalAddresses = [address] };
        Do(endpoint => endpoint.LocalAddressesChanged([address], Now));
    }

    public KeyUse? FindKey(uint outboundSpi) => _sealing.TryGet(outboundSpi, out KeyUse? use) ? use : null;

    void Settle()
    {
        TakeOutputs();
        while (true)
        {
            if (_ikeFromDataPath.TryDequeue(out (byte[] Message, NetworkPath Path) ike))
                _endpoint!.HandleDatagram(ike.Message, ike.Path, Now);
            else if (_reportsPending)
            {
                _reportsPending = false;
                _endpoint!.HandleReports(Now);
            }
            else
                return;
            TakeOutputs();
        }
    }

    void TakeOutputs()
    {
        while (_endpoint!.TryTakeOutput(out EndpointOutput? output))
        {
            switch (output)
            {
                case SendDatagram send:
                    if (_ikeIvs.Check(send.Path, send.Datagram.Span) is string fault)
                        _cell.Violate(Name, fault);
                    _cell.Wire.Send(this, new OuterPacket(send.Path.Local, send.Path.Remote, send.Datagram.ToArray(), 0));
                    break;
                case EndpointEvent { Event: IkeKeysDerived keys }:
                    keys.EncryptionInitiator.Dispose();
                    keys.EncryptionResponder.Dispose();
                    keys.IntegrityInitiator.Dispose();
                    keys.IntegrityResponder.Dispose();
                    break;
                case EndpointEvent occurred:
                    _cell.Observer.Handle(this, occurred.Event);
                    break;
                case EndpointOperation { Operation: var operation }:
                    Begin(operation);
                    break;
                case InnerAddressesChanged changed:
                    VirtualAddress = changed.Addresses is [.., { Configuration.Addresses: [var first, ..] }] ? first.Address : null;
                    break;
                case EspKeysInstalled installed:
                    HandleKeys(installed);
                    break;
            }
        }
    }

    /// <summary>It is done elsewhere and takes a while; now and then nobody answers at all.</summary>
    void Begin(OperationRequested operation)
    {
        if (operation.Input is not SignOperation sign)
        {
            _cell.Violate(Name, $"asks for {operation.Input.GetType().Name}");
            return;
        }
        if (!_cell.Wire.IsCalm && _cell.TrafficDice.Chance(LostOperations))
            return;
        IpsecEndpoint asking = _endpoint!;
        _cell.Time.After(_cell.TrafficDice.LogBetween(TimeSpan.FromMilliseconds(0.1), TimeSpan.FromSeconds(2)), new Once(() =>
        {
            if (_endpoint == asking)
                Do(endpoint => endpoint.HandleCompletion(operation.Id, sign.Execute(), Now));
        }));
    }

    void HandleKeys(EspKeysInstalled installed)
    {
        _sealing.Set(installed.OutboundSpi, _cell.Sequences.Add(installed));
        installed.InboundEncryptionKey.Dispose();
        installed.InboundIntegrityKey.Dispose();
        installed.OutboundEncryptionKey.Dispose();
        installed.OutboundIntegrityKey.Dispose();
    }

    void Wake()
    {
        if (_endpoint?.NextTimeout is not TimeSpan next || _wakeAt <= next)
            return;
        _wakeAt = next > _cell.Time.Now ? next : _cell.Time.Now;
        _cell.Time.At(_wakeAt.Value, this);
    }

    void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagram)
    {
        byte[] esp = datagram.ToArray();
        uint spi = BinaryPrimitives.ReadUInt32BigEndian(esp);
        if (_bug == PlantedBug.ReusedSequenceNumber && ++_sealed % 20 == 0 && BinaryPrimitives.ReadUInt32BigEndian(esp.AsSpan(4)) is > 1 and uint sequence)
            FindKey(spi)?.TryForge(esp, sequence - 1, null);
        _cell.Statistics.Add(CountKind.SequenceNumbersChecked);
        if (SequenceLedger.Check(FindKey(spi), esp) is string fault)
            _cell.Violate(Name, fault);
        _cell.Wire.Send(this, new OuterPacket(path.Local, path.Remote, esp, trafficClass));
    }

    readonly struct Sink(Node node) : IDataPathSink
    {
        public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
        {
            for (int offset = 0; offset < datagrams.Length; offset += segmentSize)
                node.Transmit(path, trafficClass, datagrams.Slice(offset, Math.Min(segmentSize, datagrams.Length - offset)));
        }

        public void Deliver(Span<byte> innerPacket) => node._cell.Deliver(node, innerPacket);

        public void Ike(ReadOnlySpan<byte> message, in NetworkPath path) => node._ikeFromDataPath.Enqueue((message.ToArray(), path));
    }
}
