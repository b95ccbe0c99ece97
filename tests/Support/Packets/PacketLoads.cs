using Ipsec.Crypto;
using Ipsec.Crypto.Registry;
using Ipsec.Esp;
using Ipsec.Esp.Coalescing;
using Ipsec.Net;

namespace Ipsec.Tests.Support.Packets;

/// <summary>Everything that may happen to a packet, so that what it costs can be measured.</summary>
public static class PacketLoads
{
    const int Batch = 8;
    const int Length = 1000;
    const int Window = 1024;

    /// <summary>Every encryption algorithm that this machine has with one of integrity, and every one of integrity with AES-CBC.</summary>
    public static IEnumerable<EspTransforms> AllSuites()
    {
        foreach (EncryptionEntry entry in AlgorithmRegistry.Encryptions.Where(PacketCiphers.IsAvailable))
            yield return new EspTransforms(entry.Transform, entry.IsCombinedMode ? IntegrityAlgorithm.None : IntegrityAlgorithm.HmacSha256_128, false);
        foreach (IntegrityEntry entry in AlgorithmRegistry.Integrities.Where(PacketCiphers.IsAvailable))
            yield return new EspTransforms(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256), entry.Algorithm, false);
    }

    /// <summary>What is different from suite to suite.</summary>
    public static IEnumerable<PacketLoad> OfSuite(EspTransforms transforms)
    {
        yield return Seal(transforms);
        yield return Open(transforms, "open, coalesce", 0, _ => { }, tunnel => tunnel.Receiver.GetCounter(DataPathCounter.Delivered));
        yield return Open(transforms, "forged", 0, datagram => datagram[^1] ^= 1, tunnel => tunnel.Receiver.GetCounter(DataPathCounter.Integrity));
        yield return Open(transforms, "replayed", Window, _ => { }, tunnel => tunnel.Receiver.GetCounter(DataPathCounter.Replay));
    }

    /// <summary>What is the same whatever the suite is.</summary>
    public static IEnumerable<PacketLoad> OfEverySuite(EspTransforms transforms) =>
    [
        .. PacketPaths.RoundTrips(transforms),
        Open(transforms, "too short", 0, datagram => datagram.AsSpan()[..8].Fill(0x7F), tunnel => tunnel.Receiver.GetCounter(DataPathCounter.MalformedEsp), 7),
        Open(transforms, "unknown SPI", 0, datagram => datagram[0] ^= 1, tunnel => tunnel.Receiver.GetCounter(DataPathCounter.UnknownSpi)),
        Open(transforms, "outside the selectors", 0, _ => { }, tunnel => tunnel.Receiver.GetCounter(DataPathCounter.SelectorMismatch),
            shape: new TunnelShape { ReceiverSelector = TrafficSelector.From(IpPrefix.Parse("10.2.0.6/32")) }),
        Open(transforms, "hop limit used up, answered through the tunnel", 0, _ => { }, tunnel => tunnel.Receiver.GetCounter(DataPathCounter.HopLimitExceeded),
            packet: Tunnel.Packet(Length, destination: "10.3.0.5", hopLimit: 1), sender: "10.3.0.0/16"),
        Refuse(transforms, "no route", Tunnel.Packet(Length, destination: "172.16.0.1"), DataPathCounter.NoRoute),
        Refuse(transforms, "no SA", Tunnel.Packet(Length, destination: "10.4.0.1"), DataPathCounter.NoSa),
        Refuse(transforms, "IPv4 too big, answered", Tunnel.Packet(1500, dontFragment: true), DataPathCounter.IcmpErrors),
        Refuse(transforms, "IPv6 too big, answered", Tunnel.Packet(1500, isV6: true), DataPathCounter.IcmpErrors),
        Refuse(transforms, "no IP packet", new byte[Length], DataPathCounter.MalformedInner),
    ];

    static PacketLoad Seal(EspTransforms transforms)
    {
        var tunnel = new Tunnel(transforms);
        DataPathWorker worker = tunnel.Sender.CreateWorker();
        byte[] packet = Tunnel.Packet(Length);
        return new PacketLoad("seal", tunnel, Batch, Step, () => tunnel.Sender.GetCounter(DataPathCounter.Sealed));

        void Step(int number)
        {
            var sink = default(DiscardingSink);
            for (int i = 0; i < Batch; i++)
                worker.Seal(new SuperPacket(packet), ref sink);
            if (number % 4 == 0)
                worker.Flush(ref sink);
        }
    }

    /// <summary>A coalesced read of copies of one datagram, as it was sealed or changed, or cut into pieces.</summary>
    static PacketLoad Open(EspTransforms transforms, string name, int replayWindow, Action<byte[]> change, Func<Tunnel, ulong> done, int segmentSize = 0,
        TunnelShape? shape = null, byte[]? packet = null, string? sender = null)
    {
        var tunnel = new Tunnel(transforms, (shape ?? new TunnelShape()) with { ReplayWindow = replayWindow });
        if (sender is not null)
            tunnel.Sender.SetRoutes(new RouteTable([new Route(IpPrefix.Parse(sender), RouteTarget.Into(Tunnel.Number))]));
        DataPathWorker worker = tunnel.Receiver.CreateWorker();
        byte[] datagram = tunnel.Seal(packet ?? Tunnel.Packet(Length));
        if (replayWindow > 0)
        {
            var first = default(DiscardingSink);
            tunnel.Receiver.Open([.. datagram], 0, tunnel.PathBack, 0, ref first);
        }
        change(datagram);
        byte[] batch = [.. Enumerable.Repeat(segmentSize > 0 ? datagram[..segmentSize] : datagram, Batch).SelectMany(octets => octets)];
        byte[] memory = new byte[batch.Length];
        var coalescer = new PacketCoalescer();
        return new PacketLoad(name, tunnel, Batch, Step, () => done(tunnel));

        void Step(int number)
        {
            var sink = new CoalescingSink(coalescer, memory);
            batch.CopyTo(memory, 0);
            worker.Open(memory, memory.Length / Batch, tunnel.PathBack, 0, ref sink);
            worker.Flush(ref sink);
            sink.Flush();
        }
    }

    /// <summary>From the inner side, and not into the tunnel.</summary>
    static PacketLoad Refuse(EspTransforms transforms, string name, byte[] packet, DataPathCounter counter)
    {
        var tunnel = new Tunnel(transforms, new TunnelShape { Mtu = 1400 });
        DataPathWorker worker = tunnel.Sender.CreateWorker();
        byte[] memory = new byte[packet.Length];
        return new PacketLoad(name, tunnel, 1, Step, () => tunnel.Sender.GetCounter(counter));

        void Step(int number)
        {
            var sink = default(DiscardingSink);
            packet.CopyTo(memory, 0);
            worker.Seal(new SuperPacket(memory), ref sink);
            worker.Flush(ref sink);
        }
    }
}
