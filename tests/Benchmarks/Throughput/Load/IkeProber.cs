using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ipsec.Benchmarks.Negotiation;
using Ipsec.Crypto;
using Ipsec.Endpoint;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Benchmarks.Throughput.Load;

/// <summary>
/// Asks a responder's NAT traversal port again and again, in a process of its own inside a network namespace: each line of standard input is a number
/// of requests, the answer how long each of them waited, in microseconds. Every request is an IKE_SA_INIT of its own whose key is of a group that the
/// responder does not want: every responder reads it, chooses a proposal and answers INVALID_KE_PAYLOAD (RFC 7296 §1.3) without keeping
/// anything, so that neither its key exchange nor its limit of half-open IKE SAs is measured.
/// </summary>
sealed class IkeProber : IDisposable
{
    public const string Verb = "ike-prober";

    const long Interval = 10_000_000; // ns

    const long Patience = (long)(1000 * Turn.Unanswered); // ns

    const ushort NatTraversalPort = 4500;
    const int MarkerLength = 4; // RFC 3948 §2.2
    const int SpiLength = 8;
    const int NotifyTypeOffset = 28 + 6; // the IKE header, and in the Notify payload its header, protocol and SPI size
    const ushort InvalidKePayload = 17;
    const int MostRequests = 1200;

    readonly byte[][] _requests;
    readonly Dictionary<ulong, int> _numbers;
    readonly long[] _sentAt = new long[MostRequests];
    readonly long[] _answeredAt = new long[MostRequests];
    readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    int _sent;
    volatile bool _isOver;

    IkeProber(IpAddress local, IpAddress remote)
    {
        _requests = [.. Requests(local, remote)];
        _numbers = Enumerable.Range(0, MostRequests).ToDictionary(number => Spi(_requests[number]));
        _socket.Bind(new IPEndPoint(local.ToIPAddress(), 0));
        _socket.Connect(new IPEndPoint(remote.ToIPAddress(), NatTraversalPort));
    }

    /// <param name="arguments">Local and remote address.</param>
    public static int Run(string[] arguments)
    {
        using var prober = new IkeProber(IpAddress.Parse(arguments[0]), IpAddress.Parse(arguments[1]));
        new Thread(prober.Receive) { IsBackground = true }.Start();
        MonotonicSleep.WithoutSlack();
        while (Console.ReadLine() is string line)
        {
            IEnumerable<long> times = prober.Ask(int.Parse(line, CultureInfo.InvariantCulture));
            Console.WriteLine(string.Join(' ', times.Select(one => one.ToString(CultureInfo.InvariantCulture))));
        }
        return 0;
    }

    public void Dispose()
    {
        _isOver = true;
        _socket.Dispose();
    }

    /// <summary>Nobody waits for an answer before the next request leaves.</summary>
    IEnumerable<long> Ask(int count)
    {
        int first = _sent;
        long start = MonotonicSleep.Now;
        for (; _sent < first + count; _sent++)
        {
            MonotonicSleep.Until(start + (_sent - first) * Interval);
            Volatile.Write(ref _sentAt[_sent], MonotonicSleep.Now);
            _socket.Send(_requests[_sent]);
        }
        long end = MonotonicSleep.Now + Patience;
        while (MonotonicSleep.Now < end && Enumerable.Range(first, count).Any(number => Volatile.Read(ref _answeredAt[number]) == 0))
            MonotonicSleep.Until(MonotonicSleep.Now + Interval);
        return Enumerable.Range(first, count).Select(number =>
            Volatile.Read(ref _answeredAt[number]) is > 0 and long answered ? Math.Min(answered - _sentAt[number], Patience) / 1000 : Patience / 1000);
    }

    void Receive()
    {
        byte[] answer = new byte[2048];
        try
        {
            while (true)
                Take(answer, _socket.Receive(answer));
        }
        catch (Exception exception) when (_isOver && exception is (SocketException or ObjectDisposedException))
        {
            // Nothing is waited for any more.
        }
    }

    void Take(byte[] answer, int length)
    {
        long now = MonotonicSleep.Now;
        if (length < MarkerLength + NotifyTypeOffset + 2 || !_numbers.TryGetValue(Spi(answer), out int number))
            return;
        ushort notify = BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(MarkerLength + NotifyTypeOffset));
        if (notify != InvalidKePayload)
            throw new InvalidOperationException($"A responder answers with {notify} instead of INVALID_KE_PAYLOAD: what it does for that is not compared.");
        Volatile.Write(ref _answeredAt[number], now);
    }

    static ulong Spi(byte[] datagram) => BinaryPrimitives.ReadUInt64BigEndian(datagram.AsSpan(MarkerLength, SpiLength));

    /// <summary>As our own initiator writes them, behind the non-ESP marker.</summary>
    static IEnumerable<byte[]> Requests(IpAddress local, IpAddress remote)
    {
        var suite = new NegotiationSuite("probe", "aes256-sha256-curve25519-ecp256", "aes256gcm16");
        using var credentials = new Credentials(suite.Certificate);
        EndpointConfiguration configuration = Peers.Initiators(local, remote, suite, credentials, MostRequests);
        using var endpoint = new IpsecEndpoint(configuration, new SeededRandomSource((ulong)Environment.ProcessId));
        Instant now = MemoryPair.Now;
        endpoint.Start(now);
        for (int number = 0; number < MostRequests; number++)
        {
            endpoint.Initiate(Peers.Name(number), null, now);
            while (endpoint.TryTakeOutput(out EndpointOutput? output))
            {
                if (output is SendDatagram send)
                    yield return [.. new byte[MarkerLength], .. send.Datagram.Span];
            }
        }
    }
}
