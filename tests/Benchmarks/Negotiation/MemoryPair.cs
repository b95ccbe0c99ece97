using Ipsec.Endpoint;
using Ipsec.Ike.Outputs;
using Ipsec.Net;
using Ipsec.Tests.Support;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>Two endpoints in one process whose datagrams are handed over at once, without a clock that runs.</summary>
sealed class MemoryPair : IDisposable
{
    /// <summary>The only moment that there is.</summary>
    public static readonly Instant Now = new(TimeSpan.FromSeconds(1), CertificateOptions.Now);

    readonly Queue<(IpsecEndpoint To, NetworkPath Path, ReadOnlyMemory<byte> Datagram)> _wire = new();
    readonly Credentials _credentials;
    readonly IpsecEndpoint _initiator;
    readonly IpsecEndpoint _responder;
    int _next;

    public MemoryPair(NegotiationSuite suite, int count)
    {
        _credentials = new Credentials(suite.Certificate);
        _initiator = new IpsecEndpoint(Peers.Initiators(Addresses.Initiators, Addresses.Responder, suite, _credentials, count), new SeededRandomSource(1));
        _responder = new IpsecEndpoint(Peers.Responder(Addresses.Responder, suite, _credentials), new SeededRandomSource(2));
        _initiator.Start(Now);
        _responder.Start(Now);
        Settle();
    }

    /// <summary>Child SAs that the responder has installed.</summary>
    public int Established { get; private set; }

    /// <summary>IKE_SA_INIT, IKE_AUTH and the child SA of the next initiator.</summary>
    public void Handshake()
    {
        _initiator.Initiate(Peers.Name(_next++), null, Now);
        Settle();
    }

    public void Dispose()
    {
        _initiator.Dispose();
        _responder.Dispose();
        _credentials.Dispose();
    }

    void Settle()
    {
        do
        {
            Take(_initiator, _responder, counts: false);
            Take(_responder, _initiator, counts: true);
            while (_wire.TryDequeue(out (IpsecEndpoint To, NetworkPath Path, ReadOnlyMemory<byte> Datagram) one))
                one.To.HandleDatagram(one.Datagram.Span, one.Path, Now);
        }
        while (Take(_initiator, _responder, counts: false) | Take(_responder, _initiator, counts: true));
    }

    bool Take(IpsecEndpoint from, IpsecEndpoint to, bool counts)
    {
        bool sent = false;
        while (from.TryTakeOutput(out EndpointOutput? output))
        {
            if (output is SendDatagram send)
            {
                sent = true;
                _wire.Enqueue((to, new NetworkPath(send.Path.Remote, send.Path.Local, send.Path.Encapsulation), send.Datagram));
            }
            else if (output is EndpointOperation { Operation: { Input: SignOperation sign } asked })
            {
                from.HandleCompletion(asked.Id, sign.Execute(), Now);
            }
            else if (counts && output is EndpointEvent { Event: ChildSaEstablished })
            {
                Established++;
            }
        }
        return sent;
    }
}
