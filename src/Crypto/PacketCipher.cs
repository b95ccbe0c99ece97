namespace Ipsec.Crypto;

/// <summary>
/// The kept cipher context of one ESP association in one direction: native, not thread-safe, owned by one worker at a time.
/// Authenticates before it releases plaintext; works in place; allocates nothing.
/// </summary>
public abstract class PacketCipher : IDisposable
{
    /// <summary>Most packets of <see cref="SealRun"/> and <see cref="OpenRun"/>.</summary>
    public const int LongestRun = 16;

    /// <summary>Octets of explicit IV on the wire.</summary>
    public abstract int IvLength { get; }

    /// <summary>Octets of ICV on the wire.</summary>
    public abstract int IcvLength { get; }

    /// <summary>The payload is padded to a multiple of this (1 for AEAD; ESP itself asks for 4, RFC 4303 §2.4).</summary>
    public abstract int BlockLength { get; }

    /// <summary>
    /// Encrypts <paramref name="payload"/> in place and writes the ICV. <paramref name="header"/> is the ESP header (SPI and sequence number);
    /// with extended sequence numbers <paramref name="sequenceHigh"/> is their high half, authenticated but not sent (RFC 4303 §2.2.1).
    /// AEAD associates SPI | high | low (RFC 4106 §5); HMAC covers header | IV | ciphertext | high.
    /// </summary>
    /// <param name="iv">The explicit IV, already written: for GCM the counter that must never repeat, for CBC unpredictable.</param>
    public abstract void Seal(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload, Span<byte> icv);

    /// <summary>Checks the ICV, then decrypts in place. On false the payload's content is unspecified and must not be used.</summary>
    public abstract bool TryOpen(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload, ReadOnlySpan<byte> icv);

    /// <summary>
    /// ESP packets of one SA that are worth waiting for, because they are done side by side; 1 where one after the other is as fast. At most
    /// <see cref="LongestRun"/>.
    /// </summary>
    public virtual int PreferredRun => 1;

    /// <summary>
    /// Seals ESP packets that stand one behind the other, each complete but for what this does: header of eight octets, IV, padded payload, room for the ICV.
    /// </summary>
    /// <param name="packets">At most <see cref="LongestRun"/>.</param>
    /// <param name="packetLength">Octets of each of them; the last one may be shorter.</param>
    /// <param name="sequenceHighs">As in <see cref="Seal"/>, one for each packet; empty without extended sequence numbers.</param>
    public virtual void SealRun(Span<byte> packets, int packetLength, ReadOnlySpan<uint> sequenceHighs)
    {
        var run = new PacketRun(packets, packetLength, IvLength, IcvLength);
        for (int i = 0; i < run.Count; i++)
            Seal(run.Header(i), sequenceHighs.IsEmpty ? null : sequenceHighs[i], run.Iv(i), run.Payload(i), run.Icv(i));
    }

    /// <summary>Opens ESP packets that stand one behind the other, as <see cref="TryOpen"/>; what <see cref="SealRun"/> says of them holds here.</summary>
    /// <returns>A bit for each packet, the lowest one for the first: it is authentic, and decrypted.</returns>
    public virtual uint OpenRun(Span<byte> packets, int packetLength, ReadOnlySpan<uint> sequenceHighs)
    {
        var run = new PacketRun(packets, packetLength, IvLength, IcvLength);
        uint authentic = 0;
        for (int i = 0; i < run.Count; i++)
        {
            if (run.IsWhole(i) && TryOpen(run.Header(i), sequenceHighs.IsEmpty ? null : sequenceHighs[i], run.Iv(i), run.Payload(i), run.Icv(i)))
                authentic |= 1u << i;
        }
        return authentic;
    }

    public abstract void Dispose();
}
