using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Fuzz;

/// <summary>After everything that was done to it, the engine still makes a tunnel with an honest peer, in each role.</summary>
static class FreshHandshake
{
    /// <summary>Null where it does; otherwise what went wrong.</summary>
    public static string? Try(Target target) => Try(target, targetBegins: false) ?? Try(target, targetBegins: true);

    static string? Try(Target target, bool targetBegins)
    {
        var spis = new Spis();
        using var peer = new IkeEngine(PeerConfiguration, spis, new Dice(99));
        int installs = 0;
        target.Sent.Clear();
        if (targetBegins)
            target.Context.Connections.Initiate(target.Connection(Policy.Site), null, target.Now);
        else
            peer.Initiate("peer", null, target.Now);
        target.Drain();
        for (int round = 0; round < 20; round++)
        {
            foreach (ReadOnlyMemory<byte> sent in target.Sent.ToArray())
                peer.HandleDatagram(Strip(sent.Span), sent.Span is [0, 0, 0, 0, ..] ? Turned(Policy.NatPath) : Turned(Policy.Path), target.Now);
            target.Sent.Clear();
            while (peer.TryTakeOutput(out IkeOutput? output))
            {
                if (output is TransmitDatagram transmit)
                    target.Deliver(Strip(transmit.Datagram.Span), transmit.Path.Encapsulation == PathEncapsulation.UdpEncapsulated ? Policy.NatPath
                        : Policy.Path);
                if (output is InstallChildSa)
                    installs++;
            }
        }
        string? why = installs > 0 && target.Context.ChildSas.Count > 0 ? null
            : $"no fresh handshake, {(targetBegins ? "the engine" : "the peer")} begins: {installs} child SAs at the peer, {target.Context.ChildSas.Count} " +
                "here";
        return why ?? target.Settle(Farewell.None);
    }

    static ReadOnlySpan<byte> Strip(ReadOnlySpan<byte> datagram) => datagram is [0, 0, 0, 0, ..] ? datagram[4..] : datagram;

    static NetworkPath Turned(NetworkPath path) => new(path.Remote, path.Local, path.Encapsulation);

    static IkeEngineConfiguration PeerConfiguration { get; } = new()
    {
        Connections =
        [
            Policy.SiteConnection with
            {
                Name = "peer",
                RemoteAddress = Policy.TargetAddress,
                LocalIdentity = Policy.SiteIdentity,
                RemoteIdentity = Policy.TargetIdentity,
                Children = [.. Policy.SiteConnection.Children.Take(1).Select(Turned)],
            },
        ],
        PresharedKeys = [new PresharedKey { Key = Policy.Key }],
        LocalAddresses = [Policy.PeerAddress],
    };

    static ChildConfiguration Turned(ChildConfiguration child) => child with { LocalSelectors = child.RemoteSelectors, RemoteSelectors = child.LocalSelectors };

    sealed class Spis : ISpiAllocator
    {
        uint _next = 0x77000000;

        public bool TryAllocate(out uint spi)
        {
            spi = ++_next;
            return true;
        }

        public void Release(uint spi)
        {
        }
    }
}
