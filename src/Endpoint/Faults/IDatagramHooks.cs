using Ipsec.Ike;
using Ipsec.Net;

namespace Ipsec.Endpoint.Faults;

/// <summary>A datagram and how long it is held back.</summary>
public readonly record struct LateDatagram(ReadOnlyMemory<byte> Datagram, TimeSpan Delay);

/// <summary>
/// Message hooks that also see what leaves for the wire. Hooks given to an <see cref="IpsecEndpoint"/> may implement this too:
/// faults of a network and of a wrong header cannot be said in a message that is still a value.
/// </summary>
public interface IDatagramHooks : IMessageHooks
{
    /// <summary>What is sent in place of a datagram of the engine, retransmissions and keepalives included: none, one or more.</summary>
    IEnumerable<LateDatagram> OutgoingDatagram(NetworkPath path, ReadOnlyMemory<byte> datagram);
}
