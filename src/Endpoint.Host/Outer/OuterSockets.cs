using System.Collections.Immutable;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Outer;

/// <summary>All sockets of one endpoint: per local address the IKE port, the NAT traversal port and IP protocol 50.</summary>
sealed class OuterSockets : IDisposable
{
    readonly ushort _ikePort;
    readonly ushort _natTraversalPort;
    readonly int _workers;

    // Replaced as a whole, because workers read it.
    volatile OuterSocket[] _sockets;

    OuterSockets(IEnumerable<OuterSocket> sockets, ImmutableArray<string> rawEspRefusals, ushort ikePort, ushort natTraversalPort, int workers)
    {
        _sockets = [.. sockets];
        (RawEspRefusals, _ikePort, _natTraversalPort, _workers) = (rawEspRefusals, ikePort, natTraversalPort, workers);
    }

    public ImmutableArray<OuterSocket> All => [.. _sockets];

    /// <summary>Why ESP cannot travel without UDP; empty where it can.</summary>
    public ImmutableArray<string> RawEspRefusals { get; }

    /// <summary>How ESP leaves and arrives, in words.</summary>
    public string Description
    {
        get
        {
            OuterSocket[] data = [.. _sockets.Where(socket => socket.Encapsulation == PathEncapsulation.UdpEncapsulated && socket.Worker is not null)];
            string sending = data.All(socket => socket.SendsRuns) ? "UDP_SEGMENT" : "sendmmsg";
            string receiving = data.All(socket => socket.ReceivesRuns) ? "UDP_GRO" : "recvmmsg";
            string ike = _sockets.Any(socket => socket.Encapsulation == PathEncapsulation.UdpEncapsulated && socket.Worker is null) ? "beside IKE" : "together with IKE";
            string raw = _sockets.Any(socket => socket.Encapsulation == PathEncapsulation.RawEsp) ? ", protocol 50 by sendmmsg and recvmmsg" : "";
            return $"ESP in UDP {ike} by {sending} and {receiving}{raw}";
        }
    }

    /// <summary>Claims everything or nothing.</summary>
    /// <param name="workers">Threads that receive on the NAT traversal port, at least 1.</param>
    /// <exception cref="UserErrorException">A port is in use or not allowed, an address is not ours.</exception>
    public static OuterSockets Open(IEnumerable<IpAddress> addresses, ushort ikePort, ushort natTraversalPort, int workers)
    {
        ImmutableArray<OuterSocket>.Builder sockets = ImmutableArray.CreateBuilder<OuterSocket>();
        ImmutableArray<string>.Builder refusals = ImmutableArray.CreateBuilder<string>();
        try
        {
            foreach (IpAddress address in addresses)
            {
                sockets.Add(OuterSocketFactory.OpenUdp(new TransportAddress(address, ikePort), PathEncapsulation.Ike));
                sockets.AddRange(OuterSocketFactory.OpenNatTraversal(new TransportAddress(address, natTraversalPort), workers));
                if (OuterSocketFactory.TryOpenRawEsp(address, out string? refusal) is OuterSocket raw)
                    sockets.Add(raw);
                else
                    refusals.Add(refusal!);
            }
            return new OuterSockets(sockets, refusals.ToImmutable(), ikePort, natTraversalPort, workers);
        }
        catch
        {
            foreach (OuterSocket socket in sockets)
                socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Claims the ports of one more address; nothing if they are claimed already. They stay claimed when the address goes: it may come back.
    /// </summary>
    /// <exception cref="UserErrorException">A port is in use, or the address is gone again.</exception>
    public ImmutableArray<OuterSocket> Add(IpAddress address)
    {
        if (_sockets.Any(socket => socket.Local.Address == address))
            return [];
        OuterSockets added = Open([address], _ikePort, _natTraversalPort, _workers);
        _sockets = [.. _sockets, .. added._sockets];
        return added.All;
    }

    /// <summary>The socket from which a path is served; null if the path is none of ours.</summary>
    /// <param name="worker">Who sends ESP, by its own socket where it has one; null for what is no ESP: it leaves by the socket that has nothing else to do.</param>
    public OuterSocket? For(in NetworkPath path, int? worker)
    {
        OuterSocket? found = null;
        foreach (OuterSocket socket in _sockets)
        {
            if (socket.Encapsulation == path.Encapsulation && socket.Local.Address == path.Local.Address
                && (path.Encapsulation == PathEncapsulation.RawEsp || socket.Local.Port == path.Local.Port))
            {
                found = socket;
                if (socket.Worker == worker)
                    break;
            }
        }
        return found;
    }

    public void Dispose()
    {
        foreach (OuterSocket socket in _sockets)
            socket.Dispose();
    }
}
