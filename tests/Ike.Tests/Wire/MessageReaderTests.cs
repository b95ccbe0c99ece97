using System.Buffers.Binary;
using System.Collections.Immutable;
using Ipsec.Ike.Wire;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Wire;

public class MessageReaderTests
{
    [Fact]
    public void ReadsBackEveryMessageThatIsWritten()
    {
        foreach ((MessageKind kind, IkeMessage message, _) in MessageSamples.All)
        {
            Assert.True(MessageReader.TryParse(MessageWriter.Write(message), out IkeHeader header, out IkeMessage? parsed, out MessageFault fault),
                $"{kind}: {fault}");
            Assert.Equal(message.Header, header);
            Assert.Equal(message.Header, parsed.Header);
            Assert.Equal<Payload>(message.Payloads, parsed.Payloads);
        }
    }

    [Fact]
    public void RefusesEveryTruncation()
    {
        foreach ((_, IkeMessage message, _) in MessageSamples.All)
        {
            byte[] datagram = MessageWriter.Write(message);
            for (int length = 0; length < datagram.Length; length++)
            {
                byte[] cut = datagram[..length];
                Assert.False(MessageReader.TryParse(cut, out _, out _, out MessageFault fault));
                Assert.Equal(length < IkeHeader.EncodedLength ? PeerFault.TooShort : PeerFault.LengthMismatch, fault.Fault);
                if (length < IkeHeader.EncodedLength)
                    continue;
                // With a header that admits it, the fault is in the chain: no cut falls between two payloads without a promise of more.
                BinaryPrimitives.WriteInt32BigEndian(cut.AsSpan(IkeHeader.LengthOffset), length);
                Assert.False(MessageReader.TryParse(cut, out _, out _, out fault));
                Assert.Equal(PeerFault.PayloadOverrun, fault.Fault);
            }
        }
    }

    [Fact]
    public void SkipsUnknownPayloadsAndReportsCriticalOnes()
    {
        IkeMessage withUnknown = MessageSamples.Request(ExchangeType.Informational,
            new OpaquePayload((PayloadType)200, new byte[] { 1, 2, 3 }), new NotifyPayload(NotifyType.InitialContact),
                new OpaquePayload((PayloadType)32, default));
        Assert.True(MessageReader.TryParse(MessageWriter.Write(withUnknown), out _, out IkeMessage? parsed, out _));
        Assert.Equal(new NotifyPayload(NotifyType.InitialContact), Assert.Single(parsed.Payloads));

        IkeMessage withCritical = MessageSamples.Request(ExchangeType.Informational,
            new NotifyPayload(NotifyType.InitialContact), new OpaquePayload((PayloadType)200, default) { IsCritical = true });
        Assert.False(MessageReader.TryParse(MessageWriter.Write(withCritical), out _, out _, out MessageFault fault));
        Assert.Equal(new MessageFault(PeerFault.UnknownCriticalPayload, (PayloadType)200), fault);
    }

    [Fact]
    public void IgnoresTheCriticalBitOfKnownPayloads()
    {
        IkeMessage message = MessageSamples.Request(ExchangeType.Informational, new NotifyPayload(NotifyType.InitialContact) { IsCritical = true });
        Assert.True(MessageReader.TryParse(MessageWriter.Write(message), out _, out IkeMessage? parsed, out _));
        Assert.True(Assert.Single(parsed.Payloads).IsCritical);
    }

    [Fact]
    public void IgnoresReservedBitsAndTheMinorVersion()
    {
        byte[] datagram = MessageWriter.Write(MessageSamples.Of(MessageKind.IkeSaInitError));
        datagram[17] = 0x2F;
        datagram[19] |= 0xC7;
        datagram[IkeHeader.EncodedLength + 1] = 0x7F;
        Assert.True(MessageReader.TryParse(datagram, out _, out IkeMessage? parsed, out _));
        Assert.True(parsed.Header.IsResponse);
        Assert.Single(parsed.Payloads);
    }

    [Fact]
    public void DoesNotReadAnEncryptedPayloadInsideAnother()
    {
        foreach (PayloadType type in new[] { PayloadType.Encrypted, PayloadType.EncryptedFragment })
        {
            Assert.False(MessageReader.TryParsePayloads(type, [0, 0, 0, 8, 0, 1, 0, 2], out _, out MessageFault fault));
            Assert.Equal(new MessageFault(PeerFault.UnexpectedPayload, type), fault);
        }
    }

    [Fact]
    public void MutationsOfEveryMessageNeverThrow()
    {
        const int perMessage = 100_000 / 18 + 1;
        byte[][] datagrams = [.. MessageSamples.All.Select(sample => MessageWriter.Write(sample.Message))];
        var mutator = new Mutator(seed: 2026);
        int parsed = 0;
        int matched = 0;
        foreach (byte[] datagram in datagrams)
        {
            for (int i = 0; i < perMessage; i++)
            {
                byte[] mutated = mutator.Mutate(datagram);
                // Half of them with a length that fits, so that the mutation reaches the payloads.
                if (i % 2 == 0 && mutated.Length >= IkeHeader.EncodedLength)
                    BinaryPrimitives.WriteInt32BigEndian(mutated.AsSpan(IkeHeader.LengthOffset), mutated.Length);
                if (!MessageReader.TryParse(mutated, out _, out IkeMessage? message, out MessageFault fault))
                {
                    Assert.NotEqual(PeerFault.None, fault.Fault);
                    Assert.NotEmpty(PeerFaults.Tag(fault.Fault));
                    continue;
                }
                parsed++;
                // What parsed can be written, and is then the same: parsing loses nothing that counts.
                Assert.True(MessageReader.TryParse(MessageWriter.Write(message), out _, out IkeMessage? again, out _));
                Assert.Equal(message.Payloads.Length, again.Payloads.Length);
                if (ExchangeTable.TryMatch(message, i % 2 == 0, out _, out _))
                    matched++;
            }
        }
        Assert.True(parsed > 20_000, $"{parsed} parsed");
        Assert.True(matched > 5_000, $"{matched} matched");
    }
}
