using Ipsec.Endpoint;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>
/// <c>scale</c>: what the process of a responder holds for one established IKE SA with a child: the difference of the whole process after a
/// collection, native memory included; and the time to bring as many tunnels up between a hub and as many endpoints, all in this process.
/// </summary>
static class ScaleCommand
{
    const int WarmUp = 500;

    /// <param name="count">Tunnels; in the measurement of memory after the warm-up.</param>
    public static int Run(int count, bool asJson)
    {
        var report = new Report("scale", asJson);
        NegotiationSuite suite = NegotiationSuite.Scale;
        report.Add(Memory(suite, count));
        report.Add(BringUp(suite, count));
        report.Print();
        return 0;
    }

    static Row Memory(NegotiationSuite suite, int count)
    {
        using var responder = new ResponderProcess();
        using var credentials = new Credentials(suite.Certificate);
        using var initiators = new IpsecEndpoint(
            Peers.Initiators(Addresses.Initiators, Addresses.Responder, suite, credentials, count + WarmUp), new SeededRandomSource(1));
        Instant now = MemoryPair.Now;
        initiators.Start(now);
        for (int number = 0; number < WarmUp; number++)
            Handshake(initiators, responder, number, now);
        long before = responder.Memory;
        for (int number = WarmUp; number < WarmUp + count; number++)
            Handshake(initiators, responder, number, now);
        long after = responder.Memory;
        if (responder.Established != count + WarmUp)
            throw new InvalidOperationException($"{responder.Established} of {count + WarmUp} child SAs came up.");
        return new Row($"{suite.Name}, {count} IKE SAs with one child each", ("octets of memory per IKE SA with its child", (after - before) / (double)count),
            ("MB of the responder process", after / (double)(1 << 20)));
    }

    static Row BringUp(NegotiationSuite suite, int count)
    {
        using var hub = new MemoryHub(suite, count);
        ProcessorTime time = ProcessorTime.Of(hub.BringUp);
        if (hub.Established != count)
            throw new InvalidOperationException($"{hub.Established} of {count} tunnels came up.");
        return new Row($"{suite.Name}, one hub and {count} endpoints in one process", ("seconds until every tunnel is up", time.Wall.TotalSeconds),
            ("CPU seconds until every tunnel is up", time.Used.TotalSeconds), ("tunnels per CPU second, both ends", count / time.Used.TotalSeconds));
    }

    static void Handshake(IpsecEndpoint initiators, ResponderProcess responder, int number, Instant now)
    {
        initiators.Initiate(Peers.Name(number), null, now);
        bool sent;
        do
        {
            sent = false;
            while (initiators.TryTakeOutput(out EndpointOutput? output))
            {
                if (output is not SendDatagram send)
                    continue;
                sent = true;
                foreach (byte[] answer in responder.Exchange(send.Datagram.Span))
                    initiators.HandleDatagram(answer, send.Path, now);
            }
        }
        while (sent);
    }
}
