using System.Buffers.Binary;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>What a node without an IKE SA says to bad messages: the RFC's answer, or nothing (RFC 7296 §1.5, §2.5, §2.21).</summary>
public class StatelessAnswerTests
{
    static readonly Instant Now = new(TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch);

    [Fact]
    public void AHigherMajorVersionIsToldOurs()
    {
        using EngineNode node = NewNode();
        byte[] request = Write(new IkeHeader(7, 0, (ExchangeType)99, IkeHeaderFlags.Initiator, 42) { MajorVersion = 3 });
        IkeMessage answer = Answer(node, request);
        Assert.Equal(new IkeHeader(7, 0, (ExchangeType)99, IkeHeaderFlags.Response, 42), answer.Header);
        Assert.Equal(2, answer.Header.MajorVersion);
        Assert.Equal(NotifyType.InvalidMajorVersion, Assert.IsType<NotifyPayload>(Assert.Single(answer.Payloads)).NotifyType);
    }

    [Fact]
    public void ARequestForAnUnknownIkeSaIsToldSo()
    {
        using EngineNode node = NewNode();
        foreach (ExchangeType exchange in new[] { ExchangeType.IkeAuth, ExchangeType.CreateChildSa, ExchangeType.Informational })
        {
            IkeMessage answer = Answer(node, Write(new IkeHeader(7, 9, exchange, IkeHeaderFlags.Initiator, 3)));
            Assert.Equal(new IkeHeader(7, 9, exchange, IkeHeaderFlags.Response, 3), answer.Header);
            Assert.Equal(NotifyType.InvalidIkeSpi, Assert.IsType<NotifyPayload>(Assert.Single(answer.Payloads)).NotifyType);
        }
    }

    [Fact]
    public void ACriticalPayloadThatIsUnknownIsNamed()
    {
        using EngineNode node = NewNode();
        IkeMessage init = MessageSamples.Of(MessageKind.IkeSaInitRequest);
        byte[] request = MessageWriter.Write(init with { Payloads = [.. init.Payloads, new OpaquePayload((PayloadType)200, default) { IsCritical = true }] });
        NotifyPayload notify = Assert.IsType<NotifyPayload>(Assert.Single(Answer(node, request).Payloads));
        Assert.Equal(NotifyType.UnsupportedCriticalPayload, notify.NotifyType);
        Assert.Equal([200], notify.Data.ToArray());
        Assert.Equal(0, node.Engine.GetStatus(Now).HalfOpen);
    }

    public static TheoryData<string, byte[]> Silent()
    {
        IkeMessage init = MessageSamples.Of(MessageKind.IkeSaInitRequest);
        byte[] valid = MessageWriter.Write(init);
        byte[] Changed(Action<byte[]> change)
        {
            byte[] copy = [.. valid];
            change(copy);
            return copy;
        }

        IkeMessage Without(PayloadType type) => init with { Payloads = [.. init.Payloads.Where(payload => payload.Type != type)] };
        var response = new IkeHeader(7, 9, ExchangeType.Informational, IkeHeaderFlags.Response, 3);
        return new TheoryData<string, byte[]>
        {
            { "nothing", [] },
            { "a header cut short", valid[..27] },
            { "a length that is too small", Changed(octets => octets[27]--) },
            { "a length that is too large", Changed(octets => octets[27]++) },
            { "IKEv1", Changed(octets => octets[17] = 0x10) },
            { "an unknown exchange", Changed(octets => octets[18] = 99) },
            { "no initiator SPI", Changed(octets => octets.AsSpan(0, 8).Clear()) },
            { "a responder SPI in the first request", Changed(octets => octets[15] = 1) },
            { "message ID 1 in the first request", Changed(octets => octets[23] = 1) },
            { "a first request that is not from the initiator", Changed(octets => octets[19] = 0) },
            { "no SA", MessageWriter.Write(Without(PayloadType.SecurityAssociation)) },
            { "no KE", MessageWriter.Write(Without(PayloadType.KeyExchange)) },
            { "no nonce", MessageWriter.Write(Without(PayloadType.Nonce)) },
            { "two nonces", MessageWriter.Write(init with { Payloads = [.. init.Payloads, MessageSamples.Nonce] }) },
            { "an Encrypted payload", MessageWriter.Write(init with { Payloads = [.. init.Payloads, new OpaquePayload(PayloadType.Encrypted, default)] }) },
            { "a proposal with an SPI", MessageWriter.Write(init with { Payloads = [MessageSamples.IkeRekeyOffer,
                .. Without(PayloadType.SecurityAssociation).Payloads] }) },
            { "a response for an unknown IKE SA", Write(response) },
            { "a response of a higher version", Write(response with { MajorVersion = 5 }) },
            { "an IKE_SA_INIT response that nobody asked for", MessageWriter.Write(MessageSamples.Of(MessageKind.IkeSaInitResponse)) },
            { "an INVALID_IKE_SPI that nobody asked for", MessageWriter.Write(new IkeMessage(response, [new NotifyPayload(NotifyType.InvalidIkeSpi)])) },
        };
    }

    [Theory]
    [MemberData(nameof(Silent))]
    public void EverythingElseIsCountedAndMetWithSilence(string what, byte[] datagram)
    {
        using EngineNode node = NewNode();
        Assert.Empty(Answers(node, datagram));
        Assert.True(node.Of<PeerFaultCounted>().Count() == 1, what);
        Assert.NotEmpty(node.Engine.GetStatus(Now).Counters);
        Assert.Equal(0, node.Engine.GetStatus(Now).HalfOpen);
    }

    [Fact]
    public void ATruncatedFirstRequestIsMetWithSilenceAtEveryLength()
    {
        using EngineNode node = NewNode();
        byte[] valid = MessageWriter.Write(MessageSamples.Of(MessageKind.IkeSaInitRequest));
        for (int length = 0; length < valid.Length; length++)
        {
            byte[] cut = valid[..length];
            Assert.Empty(Answers(node, cut));
            if (length < IkeHeader.EncodedLength)
                continue;
            BinaryPrimitives.WriteInt32BigEndian(cut.AsSpan(IkeHeader.LengthOffset), length);
            Assert.Empty(Answers(node, cut));
        }
        Assert.Equal(0, node.Engine.GetStatus(Now).HalfOpen);
    }

    [Fact]
    public void AnswersToMessagesOutsideOfAnIkeSaAreLimitedInRate()
    {
        // RFC 7296 §2.21.4.
        using EngineNode node = NewNode();
        int answers = 0;
        for (int i = 0; i < 5000; i++)
        {
            answers += Answers(node, Write(new IkeHeader((ulong)i + 1, 9, ExchangeType.Informational, IkeHeaderFlags.Initiator, 3))).Count;
            answers += Answers(node, Write(new IkeHeader((ulong)i + 1, 0, ExchangeType.IkeSaInit, IkeHeaderFlags.Initiator, 0) { MajorVersion = 4 })).Count;
        }
        Assert.InRange(answers, 1, 50);
        Assert.Equal(5000UL, node.Engine.GetStatus(Now).Counters["unknown-ike-spi"]);
        Assert.Equal(5000UL, node.Engine.GetStatus(Now).Counters["invalid-major-version"]);
    }

    static EngineNode NewNode() => new("B", Connections.EngineB(), 1, 0xB0000001, null);

    /// <summary>As many octets as the answer has: a shorter request gets none (<see cref="AmplificationTests"/>).</summary>
    static byte[] Write(IkeHeader header) => MessageWriter.Write(new IkeMessage(header, [new VendorIdPayload(new byte[4])]));

    static IkeMessage Answer(EngineNode node, byte[] datagram)
    {
        byte[] answer = Assert.Single(Answers(node, datagram));
        Assert.True(MessageReader.TryParsePayloads((PayloadType)answer[16], answer.AsSpan(IkeHeader.EncodedLength), out var payloads, out _));
        Assert.True(IkeHeader.TryParse(answer, out IkeHeader header, out _, out uint length));
        Assert.Equal((uint)answer.Length, length);
        return new IkeMessage(header, payloads);
    }

    static List<byte[]> Answers(EngineNode node, byte[] datagram)
    {
        node.Engine.HandleDatagram(datagram, ByzantinePeer.PathToB, Now);
        List<byte[]> answers = [];
        while (node.Engine.TryTakeOutput(out IkeOutput? output))
        {
            node.Take(output);
            if (output is TransmitDatagram transmit)
                answers.Add(transmit.Datagram.ToArray());
        }
        return answers;
    }
}
