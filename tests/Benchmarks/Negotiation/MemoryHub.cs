using Ipsec.Endpoint;
using Ipsec.Ike.Outputs;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>A hub and any number of endpoints with one tunnel to it, all in this process, on a network that delivers in order and at once.</summary>
sealed class MemoryHub : IDisposable
{
    // So many begin before the first answer: fewer than would make the hub ask for cookies.
    const int AtOnce = 32;
    const uint FirstAddress = 0x6440_0000; // 100.64.0.0/10, RFC 6598

    readonly Dictionary<IpAddress, IpsecEndpoint> _byAddress = [];
    readonly Queue<SendDatagram> _wire = new();
    readonly Credentials _credentials;
    readonly IpsecEndpoint _hub;
    readonly IpsecEndpoint[] _spokes;

    public MemoryHub(NegotiationSuite suite, int count)
    {
        _credentials = new Credentials(suite.Certificate);
        _byAddress[Addresses.Responder] = _hub = new IpsecEndpoint(Peers.Responder(Addresses.Responder, suite, _credentials), new SeededRandomSource(0));
        _spokes = new IpsecEndpoint[count];
        for (int number = 0; number < count; number++)
        {
            IpAddress address = IpAddress.V4(FirstAddress + (uint)number);
            EndpointConfiguration configuration = Peers.Initiator(address, Addresses.Responder, suite, _credentials, number);
            _byAddress[address] = _spokes[number] = new IpsecEndpoint(configuration, new SeededRandomSource((ulong)number + 1));
        }
    }

    /// <summary>Child SAs that the hub has installed.</summary>
    public int Established { get; private set; }

    /// <summary>Starts every endpoint and brings every tunnel up.</summary>
    public void BringUp()
    {
        _hub.Start(MemoryPair.Now);
        for (int number = 0; number < _spokes.Length; number++)
        {
            IpsecEndpoint spoke = _spokes[number];
            spoke.Start(MemoryPair.Now);
            spoke.Initiate(Peers.Name(number), null, MemoryPair.Now);
            Take(spoke);
            if (number % AtOnce == AtOnce - 1 || number == _spokes.Length - 1)
                Deliver();
        }
    }

    public void Dispose()
    {
        _hub.Dispose();
        foreach (IpsecEndpoint spoke in _spokes)
            spoke.Dispose();
        _credentials.Dispose();
    }

    void Deliver()
    {
        while (_wire.TryDequeue(out SendDatagram? sent))
        {
            IpsecEndpoint to = _byAddress[sent.Path.Remote.Address];
            to.HandleDatagram(sent.Datagram.Span, new NetworkPath(sent.Path.Remote, sent.Path.Local, sent.Path.Encapsulation), MemoryPair.Now);
            Take(to);
        }
    }

    void Take(IpsecEndpoint from)
    {
        while (from.TryTakeOutput(out EndpointOutput? output))
        {
            if (output is SendDatagram send)
                _wire.Enqueue(send);
            else if (from == _hub && output is EndpointEvent { Event: ChildSaEstablished })
                Established++;
        }
    }
}
