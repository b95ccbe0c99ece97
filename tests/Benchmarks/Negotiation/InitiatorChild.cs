using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ipsec.Crypto;
using Ipsec.Endpoint;
using Ipsec.Ike.Outputs;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>
/// The initiators over real UDP sockets, in a process of their own inside a network namespace: sets up as many tunnels as each line of
/// standard input says, then answers with how many are up in all.
/// </summary>
static class InitiatorChild
{
    public const string Verb = "initiator-child";

    // A few at a time, as many peers that come at once: the responder never waits for us.
    const int Window = 8;
    const int MarkerLength = 4;

    /// <param name="arguments">IKE proposal, ESP proposal, the largest number of tunnels.</param>
    public static int Run(string[] arguments)
    {
        var suite = new NegotiationSuite("external", arguments[0], arguments[1]);
        int maximum = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        using var credentials = new Credentials(suite.Certificate);
        EndpointConfiguration configuration = Peers.Initiators(Addresses.Initiators, Addresses.Responder, suite, credentials, maximum);
        using var endpoint = new IpsecEndpoint(configuration, new SeededRandomSource((ulong)Environment.ProcessId));
        using Socket ike = Bind(configuration.IkePort);
        using Socket traversal = Bind(configuration.NatTraversalPort);
        endpoint.Start(Now());
        int begun = 0;
        int established = 0;
        byte[] datagram = new byte[65536];
        while (Console.ReadLine() is string line)
        {
            int target = begun + int.Parse(line, CultureInfo.InvariantCulture);
            while (established < target)
            {
                while (begun < target && begun - established < Window)
                    endpoint.Initiate(Peers.Name(begun++), null, Now());
                established += TakeOutputs(endpoint, ike, traversal);
                if (established == target)
                    break;
                Receive(endpoint, ike, traversal, datagram);
                endpoint.HandleTimeout(Now());
                established += TakeOutputs(endpoint, ike, traversal);
            }
            Console.WriteLine(established.ToString(CultureInfo.InvariantCulture));
        }
        return 0;
    }

    static Instant Now() => new(Stopwatch.GetElapsedTime(0), DateTimeOffset.UtcNow);

    static Socket Bind(ushort port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(Addresses.Initiators.ToIPAddress(), port));
        return socket;
    }

    static int TakeOutputs(IpsecEndpoint endpoint, Socket ike, Socket traversal)
    {
        int established = 0;
        while (endpoint.TryTakeOutput(out EndpointOutput? output))
        {
            switch (output)
            {
                case SendDatagram send:
                    Socket socket = send.Path.Encapsulation == PathEncapsulation.UdpEncapsulated ? traversal : ike;
                    socket.SendTo(send.Datagram.Span, new IPEndPoint(send.Path.Remote.Address.ToIPAddress(), send.Path.Remote.Port));
                    break;
                case EndpointEvent { Event: ChildSaEstablished }:
                    established++;
                    break;
                case EndpointEvent { Event: IkeSaClosed closed }:
                    Console.Error.WriteLine(closed.Reasons[0].Text);
                    break;
            }
        }
        return established;
    }

    static void Receive(IpsecEndpoint endpoint, Socket ike, Socket traversal, byte[] datagram)
    {
        List<Socket> ready = [ike, traversal];
        Socket.Select(ready, null, null, TimeSpan.FromMilliseconds(50));
        foreach (Socket socket in ready)
        {
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            int length = socket.ReceiveFrom(datagram, ref from);
            var remote = (IPEndPoint)from;
            var local = new TransportAddress(Addresses.Initiators, (ushort)((IPEndPoint)socket.LocalEndPoint!).Port);
            var path = new NetworkPath(local, new TransportAddress(IpAddress.From(remote.Address), (ushort)remote.Port),
                socket == traversal ? PathEncapsulation.UdpEncapsulated : PathEncapsulation.Ike);
            if (socket == ike)
                endpoint.HandleDatagram(datagram.AsSpan(0, length), path, Now());
            else if (length > MarkerLength && datagram.AsSpan(0, MarkerLength).IndexOfAnyExcept((byte)0) < 0)
                endpoint.HandleDatagram(datagram.AsSpan(MarkerLength, length - MarkerLength), path, Now());
        }
    }
}
