using System.Collections.Immutable;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Outer;

/// <summary>All sockets of one endpoint: per local address the IKE port, the NAT traversal port and IP protocol 50.</summary>
sealed class OuterSockets : IDisposable
{
    readonly ushort _ikePort;
    readonly ushort _natTraversalPort;

    // Replaced as a whole, because workers read it.
    volatile OuterSocket[] _sockets;

    OuterSockets(IEnumerable<OuterSocket> sockets, ImmutableArray<string> rawEspRefusals, ushort ikePort, ushort natTraversalPort)
    {
        _sockets = [.. sockets];
        (RawEspRefusals, _ikePort, _natTraversalPort) = (rawEspRefusals, ikePort, natTraversalPort);
    }

    public ImmutableArray<OuterSocket> All => [.. _sockets];

    /// <summary>Why ESP cannot travel without UDP; empty where it can.</summary>
    public ImmutableArray<string> RawEspRefusals { get; }

    /// <summary>Claims everything or nothing.</summary>
    /// <exception cref="UserErrorException">A port is in use or not allowed, an address is not ours.</exception>
    public static OuterSockets Open(IEnumerable<IpAddress> addresses, ushort ikePort, ushort natTraversalPort)
    {
        ImmutableArray<OuterSocket>.Builder sockets = ImmutableArray.CreateBuilder<OuterSocket>();
        ImmutableArray<string>.Builder refusals = ImmutableArray.CreateBuilder<string>();
        try
        {
            foreach (IpAddress address in addresses)
            {
                sockets.Add(OuterSocket.OpenUdp(new TransportAddress(address, ikePort), PathEncapsulation.Ike));
                sockets.AddRange(OuterSocket.OpenNatTraversal(new TransportAddress(address, natTraversalPort)));
                if (OuterSocket.TryOpenRawEsp(address, out string? refusal) is OuterSocket raw)
                    sockets.Add(raw);
                else
                    refusals.Add(refusal!);
            }
            return new OuterSockets(sockets, refusals.ToImmutable(), ikePort, natTraversalPort);
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
        OuterSockets added = Open([address], _ikePort, _natTraversalPort);
        _sockets = [.. _sockets, .. added._sockets];
        return added.All;
    }

    /// <summary>The socket from which a path is served; null if the path is none of ours.</summary>
    /// <param name="isIke">What is sent is no ESP: it leaves by the socket that has nothing else to do.</param>
    public OuterSocket? For(in NetworkPath path, bool isIke)
    {
        OuterSocket? found = null;
        foreach (OuterSocket socket in _sockets)
        {
            if (socket.Encapsulation == path.Encapsulation && socket.Local.Address == path.Local.Address
                && (path.Encapsulation == PathEncapsulation.RawEsp || socket.Local.Port == path.Local.Port))
            {
                found = socket;
                if (socket.IsForIke == isIke)
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
