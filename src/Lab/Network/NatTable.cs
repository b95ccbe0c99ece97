using Ipsec.Net;

namespace Ipsec.Lab.Network;

/// <summary>
/// The mappings of a NAT: endpoint-independent mapping (RFC 4787 REQ-1), address-dependent filtering (REQ-8), refreshed by
/// packets from inside only (REQ-6).
/// </summary>
sealed class NatTable(NatOptions options)
{
    readonly SortedDictionary<ushort, Mapping> _byPublicPort = [];
    readonly Dictionary<TransportAddress, Mapping> _byInside = [];
    bool _preservesPorts = options.PreservesPorts;
    ushort _nextPort = options.FirstPort;

    public int Count => _byInside.Count;

    /// <summary>The public port for a packet from inside; made at need. False if every port is taken.</summary>
    public bool TryMapOutward(TransportAddress inside, IpAddress remote, TimeSpan now, out ushort publicPort)
    {
        if (_byInside.TryGetValue(inside, out Mapping? mapping) && mapping.Expires <= now)
        {
            Remove(mapping);
            mapping = null;
        }
        if (mapping is null)
        {
            if (!TryChoosePort(inside.Port, now, out publicPort))
                return false;
            mapping = new Mapping(inside, publicPort);
            _byInside.Add(inside, mapping);
            _byPublicPort.Add(publicPort, mapping);
        }
        mapping.Expires = now + options.MappingTimeout;
        mapping.Remotes.Add(remote);
        publicPort = mapping.PublicPort;
        return true;
    }

    /// <summary>Where a packet to a public port goes inside; false where the NAT lets nothing in.</summary>
    public bool TryMapInward(ushort publicPort, IpAddress remote, TimeSpan now, out TransportAddress inside)
    {
        inside = default;
        if (!_byPublicPort.TryGetValue(publicPort, out Mapping? mapping) || mapping.Expires <= now || !mapping.Remotes.Contains(remote))
            return false;
        inside = mapping.Inside;
        return true;
    }

    /// <summary>Forgets every mapping, as a restart does. New ones get other ports, preserved or not.</summary>
    public void Clear()
    {
        _preservesPorts = false;
        _byInside.Clear();
        _byPublicPort.Clear();
    }

    bool TryChoosePort(ushort insidePort, TimeSpan now, out ushort port)
    {
        port = insidePort;
        if (_preservesPorts && IsFree(port, now))
            return true;
        for (int tried = 0; tried <= ushort.MaxValue; tried++)
        {
            port = _nextPort;
            _nextPort = _nextPort == ushort.MaxValue ? options.FirstPort : (ushort)(_nextPort + 1);
            if (IsFree(port, now))
                return true;
        }
        return false;
    }

    bool IsFree(ushort port, TimeSpan now)
    {
        if (!_byPublicPort.TryGetValue(port, out Mapping? holder))
            return true;
        if (holder.Expires > now)
            return false;
        Remove(holder);
        return true;
    }

    void Remove(Mapping mapping)
    {
        _byInside.Remove(mapping.Inside);
        _byPublicPort.Remove(mapping.PublicPort);
    }

    sealed class Mapping(TransportAddress inside, ushort publicPort)
    {
        public TransportAddress Inside => inside;
        public ushort PublicPort => publicPort;
        public SortedSet<IpAddress> Remotes { get; } = [];
        public TimeSpan Expires { get; set; }
    }
}
