using System.Collections.Immutable;
using Ipsec.Capture;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Protection;
using Ipsec.Ike.Wire;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Wire;

/// <summary>Our own sessions with strongSwan, recorded on the wire: every message of both sides opens and reads to the last octet.</summary>
public class RecordedSessionTests
{
    public static TheoryData<string> Sessions => [.. RecordedSessions.Names];

    [Fact]
    public void ThereAreSessionsOfEveryKind() => Assert.True(Sessions.Count >= 8);

    [Theory, MemberData(nameof(Sessions))]
    public void OpensEveryMessage(string session)
    {
        Assert.True(KeyTables.TryParseIke(File.ReadAllText(RecordedSessions.PathOf(session, KeyTables.IkeFileName)),
            out ImmutableArray<IkeKeyEntry> entries, out string? error), error);
        Dictionary<ulong, int> opened = entries.ToDictionary(entry => entry.InitiatorSpi, _ => 0);
        int clear = 0;
        foreach (byte[] datagram in IkeDatagrams(session))
        {
            Assert.True(MessageEnvelope.TryParse(datagram, out IkeHeader header, out MessageEnvelope envelope, out MessageFault fault), fault.ToString());
            if (!envelope.IsProtected)
            {
                Assert.True(MessageReader.TryParse(datagram, out _, out IkeMessage? message, out fault), fault.ToString());
                Assert.True(ExchangeTable.TryMatch(message, isProtected: false, out _, out fault), fault.ToString());
                Assert.Equal(ExchangeType.IkeSaInit, header.Exchange);
                Assert.Equal(Convert.ToHexString(datagram), Convert.ToHexString(MessageWriter.Write(message)));
                clear++;
                continue;
            }
            Open(entries.Single(entry => entry.InitiatorSpi == header.InitiatorSpi), header, envelope);
            opened[header.InitiatorSpi]++;
        }
        Assert.Equal(2, clear);
        // The last IKE SA of a session may never have been used after the rekey that made it.
        Assert.True(opened[entries[0].InitiatorSpi] >= 2);
    }

    static void Open(IkeKeyEntry entry, IkeHeader header, MessageEnvelope envelope)
    {
        // Only the cipher and its keys matter; the rest of the suite is not used for opening.
        using var none = new Secret([]);
        using var keys = new IkeKeys
        {
            SkD = none,
            SkPi = none,
            SkPr = none,
            SkEi = new Secret(entry.EncryptionInitiator.Span),
            SkEr = new Secret(entry.EncryptionResponder.Span),
            SkAi = new Secret(entry.IntegrityInitiator.Span),
            SkAr = new Secret(entry.IntegrityResponder.Span),
        };
        var suite = new IkeSuite(new EncryptionTransform((EncryptionAlgorithm)entry.EncryptionId, entry.EncryptionKeyBits),
            PseudorandomFunction.HmacSha256, (IntegrityAlgorithm)entry.IntegrityId, KeyExchangeMethod.Ecp256);
        var receiver = new MessageProtection(suite, keys, isInitiator: !header.IsFromInitiator, new SeededRandomSource(1));
        Assert.True(receiver.TryOpen(envelope, out OpenedMessage? opened), $"message {header.MessageId} of {header.InitiatorSpi:x16} does not open");
        Assert.True(opened.TryParse(out IkeMessage? message, out MessageFault fault), fault.ToString());
        Assert.True(ExchangeTable.TryMatch(message, isProtected: true, out _, out fault), fault.ToString());
    }

    static IEnumerable<byte[]> IkeDatagrams(string session)
    {
        var decoder = new PacketDecoder();
        using FileStream stream = File.OpenRead(RecordedSessions.PathOf(session, "wire.pcap"));
        Assert.True(CaptureReader.TryOpen(stream, out CaptureReader? reader, out string? error), error);
        foreach (CapturedPacket packet in reader.ReadAll())
        {
            if (decoder.TryDecode(packet, out CapturedDatagram? datagram) && datagram.Content == DatagramContent.Ike)
                yield return datagram.Payload.ToArray();
        }
        Assert.Null(reader.Error);
    }
}
