using System.Buffers.Binary;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Hosts;
using Ipsec.Lab.Network;
using Ipsec.Net;

namespace Ipsec.Lab.Run;

/// <summary>Tells of every ping, and through which SA its request went.</summary>
sealed class PingLog(Scheduler scheduler, Action<LabEvent> tell)
{
    const int MaximumHops = 1024;

    readonly Dictionary<(IpAddress Source, ushort Sequence), EspHop> _hops = [];

    /// <summary>Remembers an echo request that went into a tunnel; later pieces of a fragmented one do not show what they are.</summary>
    public void Sealed(byte[] inner, EspHop hop)
    {
        if (!IpPacket.TryParse(inner, out IpPacket view) || view.FragmentOffset != 0 || view.Payload.Length < EchoMessage.HeaderLength
            || view.Protocol != EchoMessage.ProtocolOf(view.IsV6) || view.Payload[0] != EchoMessage.RequestType(view.IsV6))
            return;
        if (_hops.Count >= MaximumHops)
            _hops.Clear();
        _hops[(view.Source, BinaryPrimitives.ReadUInt16BigEndian(view.Payload[6..]))] = hop;
    }

    public void Completed(ILabHost from, string fromName, string toName, ushort sequence, int size, EchoOutcome outcome)
    {
        _hops.Remove((from.Address, sequence), out EspHop? hop);
        tell(new PingCompleted(scheduler.Now, fromName, toName, sequence, size + EchoMessage.HeaderLength, outcome.RoundTripTime, outcome.TooBigMtu, hop));
    }
}
