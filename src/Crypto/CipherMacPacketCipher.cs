using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Ipsec.Crypto.PayloadCiphers;
using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto;

/// <summary>
/// A cipher that chains blocks (RFC 3602, RFC 2451, RFC 5529), counts (RFC 3686) or does nothing (RFC 2410), with an integrity algorithm
/// over header | IV | ciphertext | high half of the sequence number (RFC 4303 §2.8): encrypt, then authenticate; check, then decrypt.
/// </summary>
sealed class CipherMacPacketCipher : PacketCipher
{
    readonly PayloadCipher? _cipher;
    readonly MacContext _mac;

    internal CipherMacPacketCipher(EncryptionEntry encryption, ReadOnlySpan<byte> keyMaterial,
        IntegrityEntry integrity, ReadOnlySpan<byte> integrityKey, bool forSealing)
        : this(encryption, integrity, encryption.Mode == EncryptionMode.Null ? null : PayloadCipher.Create(encryption, keyMaterial, forSealing),
            Macs.Create(integrity, integrityKey))
    {
    }

    /// <param name="cipher">Becomes this object's, as <paramref name="mac"/> does.</param>
    internal CipherMacPacketCipher(EncryptionEntry encryption, IntegrityEntry integrity, PayloadCipher? cipher, MacContext mac)
    {
        _cipher = cipher;
        _mac = mac;
        IvLength = encryption.IvLength;
        BlockLength = encryption.BlockLength;
        IcvLength = integrity.IcvLength;
        PreferredRun = mac.PrefersRuns || cipher is { PrefersRuns: true } ? LongestRun : 1;
    }

    public override int IvLength { get; }

    public override int IcvLength { get; }

    public override int BlockLength { get; }

    public override int PreferredRun { get; }

    /// <exception cref="ArgumentException">The payload is not padded to <see cref="BlockLength"/>.</exception>
    public override void Seal(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload, Span<byte> icv)
    {
        ThrowIfNotPadded(payload.Length);
        _cipher?.Transform(iv[..IvLength], payload);
        Span<byte> code = stackalloc byte[MacContext.LongestCode];
        Authenticate(header, sequenceHigh, iv, payload, code);
        code[..IcvLength].CopyTo(icv);
    }

    public override bool TryOpen(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> payload,
        ReadOnlySpan<byte> icv)
    {
        if (iv.Length != IvLength || icv.Length != IcvLength || payload.Length % BlockLength != 0)
            return false;

        Span<byte> code = stackalloc byte[MacContext.LongestCode];
        Authenticate(header, sequenceHigh, iv, payload, code);
        if (!CryptographicOperations.FixedTimeEquals(code[..IcvLength], icv))
            return false;

        _cipher?.Transform(iv, payload);
        return true;
    }

    /// <exception cref="ArgumentException">A payload is not padded to <see cref="BlockLength"/>.</exception>
    [SkipLocalsInit]
    public override void SealRun(Span<byte> packets, int packetLength, ReadOnlySpan<uint> sequenceHighs)
    {
        var run = new PacketRun(packets, packetLength, IvLength, IcvLength);
        ThrowIfNotPadded(run.Payload(0).Length);
        ThrowIfNotPadded(run.Payload(run.Count - 1).Length);
        _cipher?.Transform(run);
        Span<byte> codes = stackalloc byte[LongestRun * MacContext.LongestCode];
        _mac.Compute(run, sequenceHighs, codes);
        for (int i = 0; i < run.Count; i++)
            codes.Slice(i * MacContext.LongestCode, IcvLength).CopyTo(run.Icv(i));
    }

    [SkipLocalsInit]
    public override uint OpenRun(Span<byte> packets, int packetLength, ReadOnlySpan<uint> sequenceHighs)
    {
        var run = new PacketRun(packets, packetLength, IvLength, IcvLength);
        if (!IsPadded(run, 0) || !IsPadded(run, run.Count - 1))
            return base.OpenRun(packets, packetLength, sequenceHighs);
        Span<byte> codes = stackalloc byte[LongestRun * MacContext.LongestCode];
        _mac.Compute(run, sequenceHighs, codes);
        uint authentic = 0;
        for (int i = 0; i < run.Count; i++)
        {
            if (!CryptographicOperations.FixedTimeEquals(codes.Slice(i * MacContext.LongestCode, IcvLength), run.Icv(i)))
                continue;
            _cipher?.Transform(run.Iv(i), run.Payload(i));
            authentic |= 1u << i;
        }
        return authentic;
    }

    bool IsPadded(in PacketRun run, int index) => run.IsWhole(index) && run.Payload(index).Length % BlockLength == 0;

    void ThrowIfNotPadded(int payloadLength)
    {
        if (payloadLength % BlockLength != 0)
            throw new ArgumentException("the payload is not a multiple of the block length");
    }

    void Authenticate(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> ciphertext, Span<byte> code)
    {
        _mac.Reset();
        _mac.AppendShort(header);
        _mac.AppendShort(iv);
        _mac.Append(ciphertext);
        if (sequenceHigh is uint high)
            _mac.AppendHigh(high);
        _mac.Finish(code);
    }

    public override void Dispose()
    {
        _cipher?.Dispose();
        _mac.Dispose();
    }
}
