using Ipsec.Net;

namespace Ipsec.Endpoint.Tests.Room;

/// <summary>Hides one address behind another and gives every port a new one; a mapping that is idle for too long is forgotten.</summary>
sealed class NatBox(IpAddress inside, IpAddress outside)
{
    readonly Dictionary<ushort, (ushort Inner, TimeSpan LastUse)> _mappings = [];
    ushort _nextPort = 20000;

    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public IpAddress Outside { get; private set; } = outside;

    /// <summary>Forgets every mapping, as after a restart; the next packet out gets another port.</summary>
    public void Forget() => _mappings.Clear();

    /// <summary>From now on another public address, as with a changing lease.</summary>
    public void MoveTo(IpAddress newOutside)
    {
        Forget();
        Outside = newOutside;
    }

    /// <summary>The packet as it leaves or enters, null if it is dropped; packets of others pass as they are.</summary>
    public Packet? Translate(Packet packet, TimeSpan now)
    {
        if (packet.Source.Address == inside)
        {
            ushort port = packet.IsRawEsp ? (ushort)0 : OuterPort(packet.Source.Port, now);
            return packet with { Source = new TransportAddress(Outside, port) };
        }
        if (packet.Target.Address != Outside)
            return packet.Target.Address == inside ? null : packet;
        if (!_mappings.TryGetValue(packet.Target.Port, out (ushort Inner, TimeSpan LastUse) mapping) || now - mapping.LastUse > IdleTimeout)
            return null;
        // Only what leaves refreshes a mapping (RFC 4787 REQ-6).
        return packet with { Target = new TransportAddress(inside, mapping.Inner) };
    }

    ushort OuterPort(ushort inner, TimeSpan now)
    {
        foreach ((ushort outer, (ushort mappedInner, TimeSpan lastUse)) in _mappings)
        {
            if (mappedInner == inner && now - lastUse <= IdleTimeout)
            {
                _mappings[outer] = (inner, now);
                return outer;
            }
        }
        _mappings[_nextPort] = (inner, now);
        return _nextPort++;
    }
}
