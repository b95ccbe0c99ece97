using System.Numerics;
using Ipsec.Crypto;
using Ipsec.Esp.Associations;
using Ipsec.Esp.Packets;
using Ipsec.Esp.Routing;
using Ipsec.Net;

namespace Ipsec.Esp.Workers;

/// <summary>
/// Opens consecutive packets of one SA together, where its cipher gains by it. Each of them goes through the steps of RFC 4303 §3.4 as if it came alone:
/// one that is there twice is authenticated twice and accepted once.
/// </summary>
static class RunOpener
{
    /// <summary>Returns how many octets of the batch are done.</summary>
    /// <param name="batch">Begins with a packet of the SA.</param>
    /// <param name="step">Octets of each datagram of the batch; the last one may be shorter.</param>
    public static int Open<TSink>(DataPathWorker worker, RouteSnapshot routes, InboundAssociation association, Span<byte> batch, int step,
        in NetworkPath path, byte outerTrafficClass, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        Span<ulong> sequences = stackalloc ulong[PacketCipher.LongestRun];
        int count = Admit(worker, association, batch, step, path.Encapsulation, sequences, out int done);
        Span<byte> packets = batch[..Math.Min(count * step, batch.Length)];
        uint authentic = count > 0 ? Authenticate(worker, association, packets, step, sequences[..count]) : 0;
        for (int i = 0; i < count; i++)
        {
            if ((authentic >> i & 1) == 0)
                continue;
            Span<byte> packet = packets[(i * step)..];
            OpenWorker.Receive(worker, routes, association, sequences[i], packet[..Math.Min(step, packet.Length)], path, outerTrafficClass, ref sink);
        }
        return done;
    }

    /// <summary>Takes packets until one is another SA's or is refused, which is done with then; returns how many were admitted.</summary>
    static int Admit(DataPathWorker worker, InboundAssociation association, Span<byte> batch, int step, PathEncapsulation encapsulation,
        Span<ulong> sequences, out int done)
    {
        done = 0;
        for (int count = 0; ; count++)
        {
            ReadOnlySpan<byte> packet = batch[done..];
            packet = packet[..Math.Min(step, packet.Length)];
            if (count == sequences.Length || DatagramClassifier.Classify(packet, encapsulation) != DatagramKind.Esp
                || !EspHeader.TryParse(packet, out uint spi, out uint sequenceLow) || spi != association.Spi)
                return count;
            done += packet.Length;
            if (!OpenWorker.TryAdmit(worker, association, packet, sequenceLow, out ulong sequence))
                return count;
            sequences[count] = sequence;
        }
    }

    /// <summary>Returns a bit for each packet, the lowest one for the first; what is not authentic is counted.</summary>
    static uint Authenticate(DataPathWorker worker, InboundAssociation association, Span<byte> packets, int step, ReadOnlySpan<ulong> sequences)
    {
        InboundCiphers ciphers = association.Ciphers;
        if (ciphers.Rent() is not PacketCipher cipher)
        {
            worker.Counters.Add(DataPathCounter.UnknownSpi, sequences.Length);
            return 0;
        }
        uint authentic;
        try
        {
            Span<uint> sequenceHighs = stackalloc uint[PacketCipher.LongestRun];
            sequenceHighs = sequenceHighs[..(association.IsExtended ? sequences.Length : 0)];
            for (int i = 0; i < sequenceHighs.Length; i++)
                sequenceHighs[i] = (uint)(sequences[i] >> 32);
            authentic = cipher.OpenRun(packets, step, sequenceHighs);
        }
        finally
        {
            ciphers.Return(cipher);
        }
        worker.Counters.Add(DataPathCounter.Integrity, sequences.Length - BitOperations.PopCount(authentic));
        return authentic;
    }
}
