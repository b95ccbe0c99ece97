using Ipsec.Endpoint.Faults;
using Ipsec.Net;

namespace Ipsec.Endpoint;

/// <summary>The last step of what the engine sends: through the datagram hooks, if there are any, at once or later.</summary>
sealed class DatagramSender(IDatagramHooks? hooks, EndpointTimers timers, Action<EndpointOutput> emit)
{
    readonly Dictionary<ulong, SendDatagram> _late = [];
    ulong _lastLate;

    public void Send(NetworkPath path, ReadOnlyMemory<byte> datagram, Instant now)
    {
        if (hooks is null)
        {
            emit(new SendDatagram(path, datagram));
            return;
        }
        foreach ((ReadOnlyMemory<byte> changed, TimeSpan delay) in hooks.OutgoingDatagram(path, datagram))
        {
            if (delay <= TimeSpan.Zero)
            {
                emit(new SendDatagram(path, changed));
                continue;
            }
            _late.Add(++_lastLate, new SendDatagram(path, changed));
            timers.Set(new EndpointTimer(EndpointTimerKind.LateDatagram, _lastLate), delay, now);
        }
    }

    public void SendLate(ulong number)
    {
        if (_late.Remove(number, out SendDatagram? datagram))
            emit(datagram);
    }
}
