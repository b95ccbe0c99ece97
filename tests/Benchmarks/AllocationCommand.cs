using Ipsec.Crypto;
using Ipsec.Crypto.Registry;
using Ipsec.Esp;
using Ipsec.Esp.Coalescing;

namespace Ipsec.Benchmarks;

/// <summary>
/// Many packets of every suite through both directions, as many of them forged, replayed or unknown, and then the managed bytes and the collections that they cost: 0 and 0.
/// </summary>
static class AllocationCommand
{
    const int PacketLength = 1000;
    const int WarmUp = 2_000;

    /// <summary>0 if nothing was allocated.</summary>
    public static int Run(int packets)
    {
        bool isClean = true;
        foreach (EspTransforms transforms in AllSuites())
            isClean &= Measure(transforms, packets);
        return isClean ? 0 : 1;
    }

    static bool Measure(EspTransforms transforms, int packets)
    {
        using var tunnel = new Tunnel(transforms);
        byte[] packet = Tunnel.Packet(PacketLength);
        byte[] sealedPacket = tunnel.Seal(packet);
        byte[] memory = new byte[8 * sealedPacket.Length];
        DataPathWorker sealer = tunnel.Sender.CreateWorker(), opener = tunnel.Receiver.CreateWorker();
        var coalescer = new PacketCoalescer();
        (long bytes, int collections) seal = Cost(packets, Seal), open = Cost(packets, Open), drop = Cost(packets, Drop);
        string suite = $"{transforms.Encryption.Algorithm} {transforms.Encryption.KeyBits} {transforms.Integrity}";
        Console.WriteLine($"{suite,-40} {packets} packets each; bytes (collections): seal {seal.bytes} ({seal.collections}), open {open.bytes} ({open.collections}), "
            + $"drop {drop.bytes} ({drop.collections})");
        return seal == default && open == default && drop == default;

        void Seal(int i)
        {
            var sink = default(DiscardingSink);
            sealer.Seal(new SuperPacket(packet), ref sink);
            if (i % 32 == 0)
                sealer.Flush(ref sink);
        }

        void Open(int i)
        {
            var sink = new CoalescingSink(coalescer, memory);
            Span<byte> place = memory.AsSpan(i % 8 * sealedPacket.Length, sealedPacket.Length);
            sealedPacket.CopyTo(place);
            opener.Open(place, 0, Tunnel.Path, 0, ref sink);
            if (i % 8 == 7)
                coalescer.Flush(memory, ref sink.Local);
        }

        void Drop(int i)
        {
            var sink = default(DiscardingSink);
            Span<byte> place = memory.AsSpan(0, sealedPacket.Length);
            sealedPacket.CopyTo(place);
            // In turns: an SPI that nobody has, a packet that was changed, and one that is too short.
            place[i % 3 == 0 ? 0 : ^1] ^= 1;
            opener.Open(i % 3 == 2 ? place[..12] : place, 0, Tunnel.Path, 0, ref sink);
            opener.Flush(ref sink);
        }
    }

    /// <summary>The less costly of two runs: during the first one the runtime may still compile what it runs, which costs a few octets once.</summary>
    static (long Bytes, int Collections) Cost(int packets, Action<int> work)
    {
        for (int i = 0; i < WarmUp; i++)
            work(i);
        (long Bytes, int Collections) first = Once(packets, work);
        (long Bytes, int Collections) second = first == default ? first : Once(packets, work);
        return first.Bytes < second.Bytes ? first : second;
    }

    static (long Bytes, int Collections) Once(int packets, Action<int> work)
    {
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        int collections = GC.CollectionCount(0);
        for (int i = 0; i < packets; i++)
            work(i);
        return (GC.GetAllocatedBytesForCurrentThread() - bytes, GC.CollectionCount(0) - collections);
    }

    static IEnumerable<EspTransforms> AllSuites()
    {
        foreach (EncryptionEntry entry in AlgorithmRegistry.Encryptions.Where(PacketCiphers.IsAvailable))
            yield return new EspTransforms(entry.Transform, entry.IsCombinedMode ? IntegrityAlgorithm.None : IntegrityAlgorithm.HmacSha256_128, false);
        foreach (IntegrityEntry entry in AlgorithmRegistry.Integrities.Where(PacketCiphers.IsAvailable))
            yield return new EspTransforms(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256), entry.Algorithm, false);
    }

    /// <summary>What a TUN device's writer does, without the device.</summary>
    struct CoalescingSink(PacketCoalescer coalescer, byte[] memory) : IDataPathSink
    {
        public LocalSink Local;

        public readonly void Transmit(in Net.NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
        {
        }

        public void Deliver(Span<byte> innerPacket) => coalescer.Add(memory, innerPacket, ref Local);

        public readonly void Ike(ReadOnlySpan<byte> message, in Net.NetworkPath path)
        {
        }
    }

    struct LocalSink : ICoalescedSink
    {
        public int Count { get; private set; }

        public void Deliver(in CoalescedPacket packet) => Count++;
    }
}
