using Ipsec.EndpointHost.Outer;
using Ipsec.Net;

namespace Ipsec.Benchmarks.ManyTunnels;

/// <summary>A host behind the endpoint: a thread that sends UDP through the TUN, each time to the network of a tunnel that is drawn anew.</summary>
sealed class InnerSender(OuterSocket socket)
{
    /// <summary>Octets of UDP payload that make an inner packet of the hub's MTU.</summary>
    public const int PayloadLength = Hub.Mtu - 28;

    const ushort Port = 9;
    const long Patience = 20;

    readonly Random _random = new(1);
    readonly byte[] _payload = GC.AllocateArray<byte>(64 * PayloadLength, pinned: true);
    Thread? _thread;
    volatile bool _stops;
    long _taken;

    /// <summary>Another packet was read from the TUN. Called by the thread that reads.</summary>
    public void Taken() => Volatile.Write(ref _taken, _taken + 1);

    /// <param name="datagrams">In each super-packet; 1 for packets that go by themselves.</param>
    /// <param name="ahead">So many of them may wait in the TUN.</param>
    public void Start(int tunnels, int datagrams, int ahead)
    {
        _stops = false;
        _taken = 0;
        _thread = new Thread(() => Send(tunnels, datagrams, ahead)) { IsBackground = true, Name = "inner sender" };
        _thread.Start();
    }

    public void Stop()
    {
        _stops = true;
        _thread?.Join();
    }

    void Send(int tunnels, int datagrams, int ahead)
    {
        ReadOnlySpan<byte> payload = _payload.AsSpan(0, datagrams * PayloadLength);
        long sent = 0;
        while (!_stops)
        {
            long waitsSince = Environment.TickCount64;
            while (sent - Volatile.Read(ref _taken) >= ahead && !_stops)
            {
                // What the TUN dropped is never taken.
                if (Environment.TickCount64 - waitsSince > Patience)
                    sent = Volatile.Read(ref _taken);
                Thread.SpinWait(20);
            }
            socket.Send(new TransportAddress(Hub.Host(_random.Next(1, tunnels + 1)), Port), 0, payload, PayloadLength);
            sent++;
        }
    }
}
