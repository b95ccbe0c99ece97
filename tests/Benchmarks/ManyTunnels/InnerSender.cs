using Ipsec.EndpointHost.Outer;
using Ipsec.Net;

namespace Ipsec.Benchmarks.ManyTunnels;

/// <summary>A host behind the endpoint: a thread that sends UDP through the TUN, each time to the network of a tunnel that is drawn anew.</summary>
sealed class InnerSender(OuterSocket socket)
{
    /// <summary>Octets of UDP payload that make an inner packet of the hub's MTU.</summary>
    public const int PayloadLength = Hub.Mtu - 28;

    const ushort Port = 9;

    readonly Random _random = new(1);
    readonly byte[] _payload = GC.AllocateArray<byte>(64 * PayloadLength, pinned: true);
    Thread? _thread;
    volatile bool _stops;
    long _sent;
    long _taken;

    /// <summary>So many packets were read from the TUN. Called by the thread that reads.</summary>
    public void Taken(int count) => Volatile.Write(ref _taken, _taken + count);

    /// <summary>Until so many packets wait in the TUN.</summary>
    public void WaitForPackets(int count)
    {
        while (Volatile.Read(ref _sent) - _taken < count)
            Thread.Yield();
    }

    /// <param name="datagrams">In each super-packet; 1 for packets that go by themselves.</param>
    /// <param name="ahead">So many of them may wait in the TUN.</param>
    public void Start(int tunnels, int datagrams, int ahead)
    {
        _stops = false;
        _sent = _taken = 0;
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
        while (!_stops)
        {
            while (_sent - Volatile.Read(ref _taken) >= ahead && !_stops)
                Thread.Yield();
            socket.Send(new TransportAddress(Hub.Host(_random.Next(1, tunnels + 1)), Port), 0, payload, PayloadLength);
            Volatile.Write(ref _sent, _sent + 1);
        }
    }
}
