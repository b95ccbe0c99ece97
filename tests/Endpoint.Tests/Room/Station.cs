using System.Collections.Immutable;
using Ipsec.Esp;
using Ipsec.Ike;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint.Tests.Room;

/// <summary>One endpoint in a room, with the loop that its host would run.</summary>
sealed class Station : IDisposable
{
    readonly VirtualRoom _room;
    readonly Queue<(byte[] Message, NetworkPath Path)> _ikeFromDataPath = new();
    bool _reportsPending;

    public Station(VirtualRoom room, IpsecEndpoint endpoint, EndpointConfiguration configuration)
    {
        _room = room;
        Endpoint = endpoint;
        Configuration = configuration;
        endpoint.ReportsPending += () => _reportsPending = true;
        TakeOutputs();
    }

    public IpsecEndpoint Endpoint { get; }
    public EndpointConfiguration Configuration { get; set; }

    /// <summary>Inner packets that reached the local side.</summary>
    public List<byte[]> Delivered { get; } = [];
    public List<IkeEvent> Events { get; } = [];
    public List<byte[]> Signatures { get; } = [];
    public List<EspKeysInstalled> Keys { get; } = [];
    public ImmutableArray<IpPrefix> InnerRoutes { get; private set; } = [];
    public int InnerRoutesOutputs { get; private set; }
    public bool IsClosed { get; private set; }

    public EndpointStatus Status => Endpoint.GetStatus(_room.Now);

    public TunnelStatus Tunnel(string connection) => Assert.Single(Status.Tunnels, tunnel => tunnel.Connection == connection);

    public void Start() => Do(now => Endpoint.Start(now));

    public void HandleTimeout() => Do(now => Endpoint.HandleTimeout(now));

    public CommandResult Command(Func<IpsecEndpoint, Instant, CommandResult> command)
    {
        CommandResult result = default;
        Do(now => result = command(Endpoint, now));
        return result;
    }

    public CommandResult Reload(EndpointConfiguration configuration)
    {
        CommandResult result = Command((endpoint, now) => endpoint.Reload(configuration, now));
        if (result.IsAccepted)
            Configuration = configuration;
        return result;
    }

    public void Shutdown() => Do(now => Endpoint.Shutdown(now));

    /// <summary>What the inner side hands over, as a TUN would.</summary>
    public void SendInner(byte[] packet)
    {
        Sink sink = new(this);
        Endpoint.DataPath.Seal(new SuperPacket((byte[])packet.Clone()), ref sink);
        Settle();
    }

    public void Receive(Packet packet)
    {
        NetworkPath path = new(packet.Target, packet.Source, packet.IsRawEsp ? PathEncapsulation.RawEsp
            : packet.Target.Port == Configuration.IkePort ? PathEncapsulation.Ike : PathEncapsulation.UdpEncapsulated);
        if (path.Encapsulation == PathEncapsulation.Ike)
        {
            Do(now => Endpoint.HandleDatagram(packet.Payload, path, now));
            return;
        }
        Sink sink = new(this);
        Endpoint.DataPath.Open((byte[])packet.Payload.Clone(), 0, path, packet.TrafficClass, ref sink);
        Settle();
    }

    public void Dispose() => Endpoint.Dispose();

    void Do(Action<Instant> action)
    {
        action(_room.Now);
        TakeOutputs();
        Settle();
    }

    void Settle()
    {
        while (_ikeFromDataPath.TryDequeue(out (byte[] Message, NetworkPath Path) ike))
        {
            Endpoint.HandleDatagram(ike.Message, ike.Path, _room.Now);
            TakeOutputs();
        }
        if (!_reportsPending)
            return;
        _reportsPending = false;
        Endpoint.HandleReports(_room.Now);
        TakeOutputs();
    }

    void TakeOutputs()
    {
        while (Endpoint.TryTakeOutput(out EndpointOutput? output))
        {
            switch (output)
            {
                case SendDatagram send:
                    _room.Send(new Packet(send.Path.Local, send.Path.Remote, send.Datagram.ToArray()));
                    break;
                case EndpointEvent occurred:
                    Events.Add(occurred.Event);
                    break;
                case InnerRoutesChanged changed:
                    InnerRoutes = changed.Routes;
                    InnerRoutesOutputs++;
                    break;
                case EspKeysInstalled keys:
                    Keys.Add(keys);
                    break;
                case EndpointOperation { Operation: OperationRequested { Input: SignOperation sign } operation }:
                    Signatures.Add(sign.Key.Sign(sign.Method, sign.Octets.Span));
                    Endpoint.HandleCompletion(operation.Id, new Signed(Signatures[^1]), _room.Now);
                    break;
                case EndpointClosed:
                    IsClosed = true;
                    break;
            }
        }
    }

    readonly struct Sink(Station station) : IDataPathSink
    {
        public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
        {
            for (int offset = 0; offset < datagrams.Length; offset += segmentSize)
            {
                ReadOnlySpan<byte> datagram = datagrams.Slice(offset, Math.Min(segmentSize, datagrams.Length - offset));
                station._room.Send(new Packet(path.Local, path.Remote, datagram.ToArray(), trafficClass));
            }
        }

        public void Deliver(Span<byte> innerPacket) => station.Delivered.Add(innerPacket.ToArray());

        public void Ike(ReadOnlySpan<byte> message, in NetworkPath path) => station._ikeFromDataPath.Enqueue((message.ToArray(), path));
    }
}
