using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Endpoint.Faults;

/// <summary>
/// One thing that an endpoint does wrong on purpose, attached from outside: made by <see cref="MisbehaviourCatalogue"/>, applied to the
/// configuration with <see cref="Configure"/> and given to the endpoint as its hooks. It counts, so each endpoint needs its own.
/// </summary>
public sealed class Misbehaviour : IDatagramHooks
{
    /// <summary>SPIs, versions, exchange, flags, message ID and length (RFC 7296 §3.1): anything shorter is a keepalive.</summary>
    const int IkeHeaderLength = 28;
    const int NonEspMarkerLength = 4;

    readonly MisbehaviourEntry _entry;
    readonly int? _number;
    int _messages;
    int _datagrams;
    int _opened;

    internal Misbehaviour(MisbehaviourEntry entry, int? number) => (_entry, _number) = (entry, number);

    /// <summary>As it was asked for: "drop:2".</summary>
    public string Name => _number is int number ? $"{_entry.Name}:{number}" : _entry.Name;

    /// <summary>The configuration with what this misbehaviour needs changed in it; most need nothing.</summary>
    public EndpointConfiguration Configure(EndpointConfiguration configuration) => _entry.Configuration?.Invoke(configuration) ?? configuration;

    /// <inheritdoc/>
    public IkeMessage? Outgoing(IkeMessage message) =>
        _entry.Message is not null && Applies(++_messages) ? _entry.Message(message) : message;

    /// <inheritdoc/>
    public void Incoming(Span<byte> payloads)
    {
        if (_entry.Payloads is not null && Applies(++_opened))
            _entry.Payloads(payloads);
    }

    /// <inheritdoc/>
    public IEnumerable<LateDatagram> OutgoingDatagram(NetworkPath path, ReadOnlyMemory<byte> datagram)
    {
        int marker = path.Encapsulation == PathEncapsulation.UdpEncapsulated ? NonEspMarkerLength : 0;
        if (_entry.Datagram is null || datagram.Length < marker + IkeHeaderLength || !Applies(++_datagrams))
            return [new LateDatagram(datagram, TimeSpan.Zero)];
        return _entry.Datagram(datagram.ToArray(), marker);
    }

    bool Applies(int count) => _number is null || count == _number;
}
