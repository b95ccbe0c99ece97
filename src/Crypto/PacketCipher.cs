namespace Ipsec.Crypto;

/// <summary>
/// The kept cipher context of one ESP association in one direction: native, not thread-safe, owned by one worker at a time.
/// Authenticates before it releases plaintext; works in place; allocates nothing.
/// </summary>
public abstract class PacketCipher : IDisposable
{
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

    public abstract void Dispose();
}
