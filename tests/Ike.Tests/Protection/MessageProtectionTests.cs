using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Crypto.Registry;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Protection;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Protection;

public class MessageProtectionTests
{
    /// <summary>Every cipher of the registry with one integrity algorithm, and every integrity algorithm and PRF with one cipher.</summary>
    public static TheoryData<string> Suites() =>
    [
        .. from EncryptionEntry entry in AlgorithmRegistry.Encryptions
           where entry.IsForIke
           select $"{entry.Word}{(entry.IsCombinedMode ? "" : "-sha256")}-prfsha256-curve25519",
        .. AlgorithmRegistry.Integrities.Select(entry => $"aes256-{entry.Word}-ecp256"),
        .. AlgorithmRegistry.PseudorandomFunctions.Select(entry => $"aes256gcm16-{entry.Word}-ecp256"),
    ];

    [Theory]
    [MemberData(nameof(Suites))]
    public void OpensWhatTheOtherSideSealed(string text)
    {
        using Pair pair = new(text);
        foreach ((_, IkeMessage message, _) in MessageSamples.All)
        {
            byte[] datagram = pair.Initiator.Seal(message);
            Assert.True(MessageEnvelope.TryParse(datagram, out _, out MessageEnvelope envelope, out MessageFault fault), fault.ToString());
            Assert.True(pair.Responder.TryOpen(envelope, out OpenedMessage? opened));
            Assert.True(opened.TryParse(out IkeMessage? parsed, out _));
            Assert.Equal(message.Header, parsed.Header);
            Assert.Equal<Payload>(message.Payloads, parsed.Payloads);
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void RefusesEveryChangedOctet(string text)
    {
        using Pair pair = new(text);
        byte[] datagram = pair.Responder.Seal(MessageSamples.Of(MessageKind.IkeAuthError));
        for (int i = 0; i < datagram.Length; i++)
        {
            byte[] changed = [.. datagram];
            changed[i] ^= 0x01;
            if (MessageEnvelope.TryParse(changed, out _, out MessageEnvelope envelope, out _) && envelope.IsProtected)
                Assert.False(pair.Initiator.TryOpen(envelope, out _), $"octet {i}");
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void RefusesEveryTruncation(string text)
    {
        using Pair pair = new(text);
        byte[] datagram = pair.Initiator.Seal(MessageSamples.Of(MessageKind.IkeAuthEapRequest));
        for (int length = IkeHeader.EncodedLength + PayloadHeader.EncodedLength; length < datagram.Length; length++)
        {
            byte[] cut = datagram[..length];
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(cut.AsSpan(IkeHeader.LengthOffset), length);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(cut.AsSpan(IkeHeader.EncodedLength + 2), (ushort)(length - IkeHeader.EncodedLength));
            Assert.True(MessageEnvelope.TryParse(cut, out _, out MessageEnvelope envelope, out _));
            Assert.False(pair.Responder.TryOpen(envelope, out _));
        }
    }

    [Fact]
    public void DoesNotOpenItsOwnMessages()
    {
        using Pair pair = new("aes128-sha1-modp1024");
        MessageEnvelope.TryParse(pair.Initiator.Seal(MessageSamples.Of(MessageKind.InformationalResponse)), out _, out MessageEnvelope envelope, out _);
        Assert.False(pair.Initiator.TryOpen(envelope, out _));
    }

    [Fact]
    public void CountsTheIvOfACombinedModeCipherAndDrawsThatOfCbc()
    {
        using Pair counting = new("aes256gcm16-prfsha256-ecp256");
        IkeMessage message = MessageSamples.Of(MessageKind.InformationalResponse);
        Assert.Equal("0000000000000000", Iv(counting.Initiator.Seal(message), 8));
        Assert.Equal("0000000000000001", Iv(counting.Initiator.Seal(message), 8));
        using Pair drawing = new("aes256-sha256-modp2048");
        string[] ivs = [.. Enumerable.Range(0, 50).Select(_ => Iv(drawing.Initiator.Seal(message), 16))];
        Assert.Equal(50, ivs.Distinct().Count());

        static string Iv(byte[] datagram, int length) => Convert.ToHexString(datagram.AsSpan(IkeHeader.EncodedLength + PayloadHeader.EncodedLength, length));
    }

    [Theory]
    [InlineData("aes256gcm16-prfsha256-ecp256", MessageProtection.ShortestMessage)]
    [InlineData("aes128gcm8-prfsha256-ecp256", MessageProtection.ShortestMessage)]
    [InlineData("aes256-sha256-modp2048", 28 + 4 + 16 + 16 + 16)]
    [InlineData("3des-sha1-modp1024", 28 + 4 + 8 + 8 + 12)]
    public void PadsAnEmptyMessageToTheLengthOfAnAnswerToIt(string text, int length)
    {
        using Pair pair = new(text);
        Assert.Equal(length, pair.Initiator.Seal(MessageSamples.Of(MessageKind.InformationalResponse)).Length);
    }

    [Theory]
    [InlineData("aes256gcm16-prfsha256-ecp256", 28 + 4 + 8 + 12 + 1 + 16)]
    [InlineData("aes256-sha256-modp2048", 28 + 4 + 16 + 16 + 16)]
    [InlineData("3des-sha1-modp1024", 28 + 4 + 8 + 16 + 12)]
    public void PadsAnyOtherMessageNoMoreThanTheCipherNeeds(string text, int length)
    {
        using Pair pair = new(text);
        IkeMessage empty = MessageSamples.Of(MessageKind.InformationalResponse);
        Assert.Equal(length, pair.Initiator.Seal(empty with { Payloads = [new VendorIdPayload(new byte[8])] }).Length);
    }

    [Fact]
    public void TakesAnyPaddingOfAnyContent()
    {
        using Pair pair = new("aes128gcm16-prfsha256-ecp256");
        Assert.Equal(0, Open(pair, [0]).Payloads.Length);
        Assert.Equal(0, Open(pair, [.. Enumerable.Repeat((byte)0xAA, 255), 255]).Payloads.Length);
        Assert.Equal(5, Open(pair, [1, 2, 3, 4, 5, 0xEE, 0xDD, 2]).Payloads.Length);
    }

    [Fact]
    public void RefusesAPadLengthBeyondTheContent()
    {
        using Pair pair = new("aes128gcm16-prfsha256-ecp256");
        Assert.Null(TryOpen(pair, [1]));
        Assert.Null(TryOpen(pair, [0, 0, 3]));
        Assert.Null(TryOpen(pair, []));
    }

    [Fact]
    public void FaultsInsideTheEncryptionAreNamed()
    {
        using Pair pair = new("aes128gcm16-prfsha256-ecp256");
        OpenedMessage opened = Open(pair, [0, 0, 0, 5, 0]);
        Assert.False(opened.TryParse(out _, out MessageFault fault));
        Assert.Equal(PeerFault.PayloadOverrun, fault.Fault);
    }

    [Fact]
    public void MutationsBehindTheEncryptionNeverThrow()
    {
        using Pair pair = new("aes128gcm16-prfsha256-ecp256");
        var mutator = new Mutator(seed: 7);
        int parsed = 0;
        foreach ((_, IkeMessage message, bool isProtected) in MessageSamples.All.Where(sample => sample.IsProtected))
        {
            MessageEnvelope.TryParse(pair.Initiator.Seal(message), out _, out MessageEnvelope envelope, out _);
            Assert.True(pair.Responder.TryOpen(envelope, out OpenedMessage? opened));
            for (int i = 0; i < 2000; i++)
            {
                OpenedMessage mutated = opened with { Payloads = mutator.Mutate(opened.Payloads.Span) };
                if (mutated.TryParse(out IkeMessage? value, out MessageFault fault))
                    parsed += ExchangeTable.TryMatch(value, isProtected, out _, out _) ? 1 : 0;
                else
                    Assert.NotEqual(PeerFault.None, fault.Fault);
            }
        }
        Assert.True(parsed > 1000);
    }

    /// <summary>A message whose plaintext, padding and pad length included, is given.</summary>
    static OpenedMessage? TryOpen(Pair pair, byte[] plaintext)
    {
        var writer = new OctetWriter();
        MessageSamples.Of(MessageKind.InformationalResponse).Header.Write(writer, PayloadType.Encrypted);
        writer.U8((byte)PayloadType.Notify);
        writer.U8(0);
        writer.U16((ushort)(4 + 8 + plaintext.Length + 16));
        writer.PatchU32(IkeHeader.LengthOffset, (uint)(writer.Length + 8 + plaintext.Length + 16));
        byte[] associated = writer.ToArray();
        byte[] payload = [.. plaintext];
        byte[] iv = new byte[8];
        byte[] icv = new byte[16];
        MessageCipher.Seal(pair.Suite.Encryption, pair.Keys.SkEi.Span, IntegrityAlgorithm.None, [], associated, iv, payload, icv);
        byte[] datagram = [.. associated, .. iv, .. payload, .. icv];
        Assert.True(MessageEnvelope.TryParse(datagram, out _, out MessageEnvelope envelope, out MessageFault fault), fault.ToString());
        return pair.Responder.TryOpen(envelope, out OpenedMessage? opened) ? opened : null;
    }

    static OpenedMessage Open(Pair pair, byte[] plaintext)
    {
        OpenedMessage? opened = TryOpen(pair, plaintext);
        Assert.NotNull(opened);
        return opened;
    }

    sealed class Pair : IDisposable
    {
        public Pair(string text)
        {
            AlgorithmProposal policy = ProposalText.Parse(text, ProtocolId.Ike);
            Assert.True(ProposalSelection.TrySelect([policy], WireProposal.Offer([policy], default, true).Proposals, true, out SelectedProposal? selected,
                out _));
            Suite = selected.ToIkeSuite();
            using var seed = new Secret(MessageSamples.Octets(32, 1));
            Keys = IkeKeys.Derive(Suite, seed, MessageSamples.Octets(32, 2), MessageSamples.Octets(32, 3), 1, 2);
            Initiator = new MessageProtection(Suite, Keys, isInitiator: true, new SeededRandomSource(1));
            Responder = new MessageProtection(Suite, Keys, isInitiator: false, new SeededRandomSource(2));
        }

        public IkeSuite Suite { get; }
        public IkeKeys Keys { get; }
        public MessageProtection Initiator { get; }
        public MessageProtection Responder { get; }

        public void Dispose() => Keys.Dispose();
    }
}
