using Ipsec.Net;

namespace Ipsec.Simulation.Fabric;

/// <summary>
/// Hides one node behind one address: endpoint-independent mapping, anybody may answer to it (RFC 4787), UDP only. A mapping that nothing
/// leaves through is forgotten.
/// </summary>
sealed class NatBox(OuterNetwork network, EventQueue time, IOuterReceiver inside, IpAddress insideAddress, IpAddress outside, TimeSpan idle) : IOuterReceiver
{
    readonly Dictionary<ushort, Mapping> _byInner = [];
    readonly Dictionary<ushort, Mapping> _byOuter = [];
    ushort _nextPort = 20000;

    public IpAddress Outside { get; private set; } = outside;

    public void Attach() => network.Attach(Outside, this);

    /// <summary>Forgets every mapping, as after a restart: the next packet out gets another port.</summary>
    public void Rebind()
    {
        _byInner.Clear();
        _byOuter.Clear();
    }

    /// <summary>Another public address from now on.</summary>
    public void MoveTo(IpAddress address)
    {
        network.Detach(Outside);
        Rebind();
        Outside = address;
        Attach();
    }

    /// <summary>The packet as it leaves; null where it cannot (raw ESP has no ports to map).</summary>
    public OuterPacket? Leave(OuterPacket packet)
    {
        if (packet.IsRawEsp)
            return null;
        if (!_byInner.TryGetValue(packet.Source.Port, out Mapping? mapping) || time.Now - mapping.LastUse > idle)
        {
            if (mapping is not null)
                _byOuter.Remove(mapping.Outer);
            do
                _nextPort = _nextPort == ushort.MaxValue ? (ushort)20000 : (ushort)(_nextPort + 1);
            while (_byOuter.ContainsKey(_nextPort));
            mapping = new Mapping(packet.Source.Port, _nextPort);
            _byInner[mapping.Inner] = mapping;
            _byOuter[mapping.Outer] = mapping;
        }
        mapping.LastUse = time.Now;
        return packet with { Source = new TransportAddress(Outside, mapping.Outer) };
    }

    public void Receive(OuterPacket packet)
    {
        if (_byOuter.TryGetValue(packet.Target.Port, out Mapping? mapping) && time.Now - mapping.LastUse <= idle)
            inside.Receive(packet with { Target = new TransportAddress(insideAddress, mapping.Inner) });
    }

    sealed class Mapping(ushort inner, ushort outer)
    {
        public ushort Inner => inner;
        public ushort Outer => outer;
        public TimeSpan LastUse { get; set; }
    }
}
