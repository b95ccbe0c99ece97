using System.Buffers.Binary;
using Ipsec.Crypto;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Simulation.Observation;

/// <summary>One key that a node seals ESP with, and the sequence numbers that it has used with it.</summary>
sealed class KeyUse
{
    readonly EspSuite _suite;
    readonly byte[] _encryptionKey;
    readonly byte[] _integrityKey;

    public KeyUse(EspKeysInstalled installed)
    {
        _suite = installed.Suite;
        _encryptionKey = installed.OutboundEncryptionKey.Span.ToArray();
        _integrityKey = installed.OutboundIntegrityKey.Span.ToArray();
    }

    /// <summary>The data path sends in order (D4), so the last number says which ones were used.</summary>
    public uint LastSequence { get; set; }

    public static ulong Fingerprint(Secret encryptionKey, Secret integrityKey) => Digest.Of(encryptionKey.Span) ^ Digest.Of(integrityKey.Span) * 3;

    /// <summary>What a peer with these keys can do: another inner packet, or another sequence number, in a sealed one's place.</summary>
    public bool TryForge(Span<byte> esp, uint sequence, Action<Memory<byte>>? changeInner)
    {
        using PacketCipher opening = PacketCiphers.Create(_suite.Encryption, _encryptionKey, _suite.Integrity, _integrityKey, forSealing: false);
        using PacketCipher sealing = PacketCiphers.Create(_suite.Encryption, _encryptionKey, _suite.Integrity, _integrityKey, forSealing: true);
        // ESP header (RFC 4303 §2): SPI and sequence number; the high half stays 0 in a simulation.
        const int header = 8;
        int payloadOffset = header + opening.IvLength;
        if (esp.Length < payloadOffset + opening.IcvLength)
            return false;
        uint? high = _suite.ExtendedSequenceNumbers ? 0 : null;
        Span<byte> iv = esp[header..payloadOffset];
        byte[] payload = esp[payloadOffset..^opening.IcvLength].ToArray();
        if (!opening.TryOpen(esp[..header], high, iv, payload, esp[^opening.IcvLength..]))
            return false;
        changeInner?.Invoke(payload);
        BinaryPrimitives.WriteUInt32BigEndian(esp[4..], sequence);
        if (_suite.Encryption.IsCombinedMode)
            BinaryPrimitives.WriteUInt64BigEndian(iv, sequence);
        sealing.Seal(esp[..header], high, iv, payload, esp[^opening.IcvLength..]);
        payload.CopyTo(esp[payloadOffset..]);
        return true;
    }

    /// <summary>Another source address, of a network that no selector of the simulation holds.</summary>
    public static void MakeForeign(Memory<byte> inner)
    {
        Span<byte> packet = inner.Span;
        if (packet[0] >> 4 == 6)
        {
            packet[8] = 0x20;
            return;
        }
        // 192.0.2.x instead of 10.x or 172.x: the header checksum follows.
        packet[12] = 192;
        packet[13] = 0;
        packet[14] = 2;
        packet[10] = packet[11] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], InternetChecksum.Compute(packet[..20]));
    }
}
