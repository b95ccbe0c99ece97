using System.Buffers.Binary;
using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Capture.Tests;

/// <summary>Our own sessions with strongSwan, recorded on the wire: every ESP packet of both sides opens with the keys of the table.</summary>
public class RecordedSessionTests
{
    const int EspHeaderLength = 8;
    const int EspTrailerLength = 2;
    const byte IpInIp = 4;

    public static TheoryData<string> Sessions => [.. RecordedSessions.Names];

    [Theory, MemberData(nameof(Sessions))]
    public void OpensEveryEspPacketAndNothingElseIsOnTheWire(string session)
    {
        Assert.True(KeyTables.TryParseEsp(File.ReadAllText(RecordedSessions.PathOf(session, KeyTables.EspFileName)),
            out ImmutableArray<EspKeyEntry> entries, out string? error), error);
        Dictionary<uint, List<uint>> sequenceNumbers = entries.ToDictionary(entry => entry.Spi, _ => new List<uint>());
        foreach (CapturedDatagram datagram in Datagrams(session))
        {
            if (datagram.Content is DatagramContent.Ike or DatagramContent.NatKeepalive)
                continue;
            Assert.Equal(DatagramContent.Esp, datagram.Content);
            byte[] packet = datagram.Payload.ToArray();
            uint spi = BinaryPrimitives.ReadUInt32BigEndian(packet);
            AssertOpens(entries.Single(entry => entry.Spi == spi), packet);
            sequenceNumbers[spi].Add(BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4)));
        }
        // RFC 4303 §2.2: each SA counts from 1 without a gap; on one wire nothing overtakes.
        Assert.All(sequenceNumbers.Values, numbers => Assert.Equal(Enumerable.Range(1, numbers.Count).Select(number => (uint)number), numbers));
    }

    static void AssertOpens(EspKeyEntry entry, byte[] packet)
    {
        EncryptionTransform encryption = TransformOf(entry);
        IntegrityAlgorithm integrity = (IntegrityAlgorithm)entry.IntegrityId;
        using PacketCipher cipher = PacketCiphers.Create(encryption, entry.EncryptionKey.Span, integrity, entry.IntegrityKey.Span, forSealing: false);
        ReadOnlySpan<byte> header = packet.AsSpan(0, EspHeaderLength);
        ReadOnlySpan<byte> iv = packet.AsSpan(EspHeaderLength, cipher.IvLength);
        Span<byte> payload = packet.AsSpan(EspHeaderLength + cipher.IvLength)[..^cipher.IcvLength];
        Assert.True(cipher.TryOpen(header, sequenceHigh: null, iv, payload, packet.AsSpan(packet.Length - cipher.IcvLength)));

        // RFC 4303 §2.4 to §2.6: padding of 1, 2, 3, …, its length, and the next header.
        Assert.Equal(IpInIp, payload[^1]);
        int padding = payload[^EspTrailerLength];
        Span<byte> inner = payload[..^(EspTrailerLength + padding)];
        Assert.Equal(Enumerable.Range(1, padding).Select(octet => (byte)octet), payload[inner.Length..^EspTrailerLength].ToArray());
        Assert.True(IpPacket.TryParse(inner, out IpPacket parsed));
        Assert.Equal(inner.Length, parsed.TotalLength);
    }

    static EncryptionTransform TransformOf(EspKeyEntry entry)
    {
        EncryptionAlgorithm algorithm = (EncryptionAlgorithm)entry.EncryptionId;
        int octets = entry.EncryptionKey.Length;
        return new EncryptionTransform(algorithm, algorithm switch
        {
            EncryptionAlgorithm.TripleDesCbc => 0,
            EncryptionAlgorithm.AesGcm16 => (octets - 4) * 8,
            _ => octets * 8,
        });
    }

    static IEnumerable<CapturedDatagram> Datagrams(string session)
    {
        var decoder = new PacketDecoder();
        using FileStream stream = File.OpenRead(RecordedSessions.PathOf(session, "wire.pcap"));
        Assert.True(CaptureReader.TryOpen(stream, out CaptureReader? reader, out string? error), error);
        foreach (CapturedPacket packet in reader.ReadAll())
        {
            Assert.True(decoder.TryDecode(packet, out CapturedDatagram? datagram));
            yield return datagram;
        }
        Assert.Null(reader.Error);
    }
}
