using System.Buffers.Binary;
using Ipsec.Endpoint;
using Ipsec.Ike.Outputs;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>
/// The responder in a process of its own, so that its memory can be read off: datagrams come and go over standard input and output, each
/// behind its length; a length of 0 asks for the memory after a collection.
/// </summary>
static class ResponderChild
{
    public const string Verb = "responder-child";

    /// <summary>Sent back behind everything that a datagram caused: the number of child SAs so far.</summary>
    public const int EndOfTurn = -1;

    static readonly NetworkPath Path = new(new TransportAddress(Addresses.Responder, 500), new TransportAddress(Addresses.Initiators, 500),
        PathEncapsulation.Ike);

    public static int Run()
    {
        using Stream input = Console.OpenStandardInput();
        using Stream output = Console.OpenStandardOutput();
        using var credentials = new Credentials(NegotiationSuite.Scale.Certificate);
        EndpointConfiguration configuration = Peers.Responder(Addresses.Responder, NegotiationSuite.Scale, credentials);
        using var endpoint = new IpsecEndpoint(configuration, new SeededRandomSource(2));
        Instant now = MemoryPair.Now;
        endpoint.Start(now);
        byte[] length = new byte[4];
        byte[] datagram = new byte[65536];
        int established = 0;
        while (input.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) == length.Length)
        {
            int size = BinaryPrimitives.ReadInt32BigEndian(length);
            if (size == 0)
            {
                byte[] answer = new byte[8];
                BinaryPrimitives.WriteInt64BigEndian(answer, ProcessMemory.AfterCollection());
                output.Write(answer);
                output.Flush();
                continue;
            }
            input.ReadExactly(datagram, 0, size);
            endpoint.HandleDatagram(datagram.AsSpan(0, size), Path, now);
            while (endpoint.TryTakeOutput(out EndpointOutput? one))
            {
                if (one is SendDatagram send)
                    Write(output, send.Datagram.Span);
                else if (one is EndpointEvent { Event: ChildSaEstablished })
                    established++;
            }
            BinaryPrimitives.WriteInt32BigEndian(length, EndOfTurn);
            output.Write(length);
            BinaryPrimitives.WriteInt32BigEndian(length, established);
            output.Write(length);
            output.Flush();
        }
        return 0;
    }

    public static void Write(Stream stream, ReadOnlySpan<byte> datagram)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, datagram.Length);
        stream.Write(length);
        stream.Write(datagram);
    }
}
