using System.Buffers.Binary;
using Ipsec.Crypto;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Recovery;
using Ipsec.Ike.Tests.Engines.Adversarial;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>INVALID_MESSAGE_ID (RFC 7296 §2.3) and INVALID_SPI (§1.5), sent and received.</summary>
public class OutOfStepTests
{
    static readonly TimeSpan Interval = new IkeEngineOptions().OutOfStepInterval;
    static readonly NetworkPath PathToA = new(ByzantinePeer.PathToB.Remote, ByzantinePeer.PathToB.Local, PathEncapsulation.Ike);

    [Fact]
    public void AMessageIdAheadOfTheWindowIsToldOnceInAWhileAndNeverAnswered()
    {
        using EnginePair pair = Pair();
        using var peer = new ByzantinePeer(pair, nextMessageId: 2);
        for (uint id = 3; id < 50; id++)
        {
            peer.NextMessageId = id;
            Send(pair, peer);
        }
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal([3U], Told(pair.B, "N(INVALID_MESSAGE_ID)"));
        Assert.DoesNotContain(pair.Sent, name => name.StartsWith("B INFORMATIONAL response", StringComparison.Ordinal));
        pair.Run(Interval);
        Send(pair, peer);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(2, Told(pair.B, "N(INVALID_MESSAGE_ID)").Count);
        // Nothing else comes of it.
        Agreement.AssertSame(pair);
        Assert.Single(pair.B.Installed);
    }

    [Fact]
    public void OldMessageIdsAndForgeriesAreNotTold()
    {
        using EnginePair pair = Pair();
        using var peer = new ByzantinePeer(pair, nextMessageId: 0);
        Send(pair, peer);
        peer.NextMessageId = 7;
        byte[] forged = peer.Seal(new IkeMessage(peer.Header(ExchangeType.Informational), []));
        forged[^1] ^= 1;
        pair.Inject(pair.B, forged, ByzantinePeer.PathToB);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(Told(pair.B, "N(INVALID_MESSAGE_ID)"));
        Assert.Equal(2UL, pair.B.Engine.GetStatus(pair.Now).Counters["unexpected-message-id"]);
    }

    [Fact]
    public void AnEngineThatShallTellNothingTellsNothing()
    {
        using EnginePair pair = Pair(TimeSpan.Zero);
        using var peer = new ByzantinePeer(pair, nextMessageId: 9);
        Send(pair, peer);
        pair.Do(room => room.B.Engine.HandleUnknownSpi(0x12345678, ByzantinePeer.PathToB, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(pair.Sent, name => name.StartsWith("B INFORMATIONAL", StringComparison.Ordinal));
    }

    [Fact]
    public void TheRequestThatThePeerDoesNotExpectEndsTheIkeSa()
    {
        using EnginePair pair = Pair();
        using var peer = new ByzantinePeer(pair, nextMessageId: 2);
        // Another request than the one that is awaited changes nothing.
        Assert.NotNull(peer.Ask(ExchangeType.Informational, Number(NotifyType.InvalidMessageId, 77)));
        Assert.NotNull(peer.Ask(ExchangeType.Informational, Number(NotifyType.InvalidMessageId, 0)));
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        pair.When("B CREATE_CHILD_SA request 0", EnginePair.Fate.Drop);
        pair.Do(room => Assert.Null(room.B.Engine.RekeyIke("tunnel", room.Now).Error));
        Assert.NotNull(peer.Ask(ExchangeType.Informational, Number(NotifyType.InvalidMessageId, 0)));
        Assert.Empty(pair.B.Status(pair.Now).IkeSas);
        Assert.Contains("invalid-message-id", pair.B.ReasonCodes);
    }

    [Fact]
    public void EspWithAnUnknownSpiIsToldToThePeerThatItCameFromOnceInAWhile()
    {
        using EnginePair pair = Pair();
        var stranger = new NetworkPath(ByzantinePeer.PathToB.Local, new TransportAddress(IpAddress.Parse("192.0.2.77"), 0), PathEncapsulation.RawEsp);
        NetworkPath esp = ByzantinePeer.PathToB with { Encapsulation = PathEncapsulation.RawEsp };
        for (uint i = 0; i < 20; i++)
        {
            pair.Do(room => room.B.Engine.HandleUnknownSpi(0xDEAD0000 + i, stranger, room.Now));
            pair.Do(room => room.B.Engine.HandleUnknownSpi(0xC0FFEE00 + i, esp, room.Now));
            pair.Run(TimeSpan.FromMilliseconds(100));
        }
        Assert.Equal([0xC0FFEE00], Told(pair.B, "N(INVALID_SPI)"));
        // A has no such SPI either: it answers, and that is all.
        Assert.Equal(1, pair.Sent.Count(name => name.StartsWith("A INFORMATIONAL response", StringComparison.Ordinal)));
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void AChildSaThatThePeerHasLostIsRekeyed()
    {
        using EnginePair pair = Pair();
        uint lost = pair.A.Installed.Values.Single().InboundSpi;
        using var peer = new ByzantinePeer(pair, nextMessageId: 2);
        Assert.NotNull(peer.Ask(ExchangeType.Informational, Number(NotifyType.InvalidSpi, lost)));
        Assert.Contains("B CREATE_CHILD_SA request 0", pair.Sent);
        Assert.Single(pair.Sent, name => name.Contains("CREATE_CHILD_SA request", StringComparison.Ordinal));
    }

    [Fact]
    public void WithoutProtectionItIsAHintThatIsNotAnswered()
    {
        using EnginePair pair = Pair();
        uint lost = pair.B.Installed.Values.Single().InboundSpi;
        foreach ((ulong initiator, ulong responder) in new[] { (0UL, 0UL), (4711UL, 4712UL) })
        {
            int before = pair.Datagrams.Count;
            byte[] hint = Unprotected(initiator, responder, Number(NotifyType.InvalidSpi, lost));
            pair.Inject(pair.A, hint, PathToA);
            pair.Run(TimeSpan.FromSeconds(1));
            // The question whether the peer is alive, and its answer.
            Assert.Equal(2, pair.Datagrams.Count - before);
            pair.Inject(pair.A, Unprotected(initiator, responder, Number(NotifyType.InvalidSpi, 0x01020304)), PathToA);
            pair.Inject(pair.A, Unprotected(initiator, responder, new NotifyPayload(NotifyType.InvalidSpi)), PathToA);
            Assert.Equal(2, pair.Datagrams.Count - before);
        }
        Assert.Single(pair.A.Installed);
        // A flood of them asks no more often than other hints do.
        int asked = pair.Datagrams.Count;
        for (int i = 0; i < 200; i++)
        {
            pair.Inject(pair.A, Unprotected(0, 0, Number(NotifyType.InvalidSpi, lost)), PathToA);
            pair.Run(TimeSpan.FromMilliseconds(50));
        }
        Assert.InRange(pair.Datagrams.Count - asked, 0, 20);
    }

    [Fact]
    public void TheTokenBesideItProvesThatThePeerHasLostEverything()
    {
        // RFC 6290 §8.2.
        using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB() with { QuickCrashDetectionSecret = new Secret(new byte[32]) });
        pair.Establish();
        IkeSaSnapshot sa = pair.A.Status(pair.Now).IkeSas.Single();
        var maker = new EngineNode("B", Connections.EngineB() with { QuickCrashDetectionSecret = new Secret(new byte[32]) }, 1, 0xB0000001, null);
        using (maker)
        {
            byte[] lost = Protected(sa);
            maker.Engine.HandleDatagram(lost, ByzantinePeer.PathToB, pair.Now);
            ReadOnlyMemory<byte> answer = default;
            while (maker.Engine.TryTakeOutput(out IkeOutput? output))
                answer = output is TransmitDatagram transmit ? transmit.Datagram : answer;
            Assert.True(MessageReader.TryParse(answer.Span, out _, out IkeMessage? told, out _));
            NotifyPayload token = told.FindNotify(NotifyType.QuickCrashDetection)!;
            NotifyPayload spi = Number(NotifyType.InvalidSpi, pair.B.Installed.Values.Single().InboundSpi);
            pair.Inject(pair.A, Unprotected(0, 0, spi, token with { Data = new byte[16] }), PathToA);
            Assert.Single(pair.A.Installed);
            pair.Inject(pair.A, Unprotected(0, 0, spi, token), PathToA);
        }
        Assert.Empty(pair.A.Installed);
        Assert.Contains("peer-crashed", pair.A.ReasonCodes);
    }

    static EnginePair Pair(TimeSpan? interval = null)
    {
        IkeEngineOptions options = new() { EmitKeys = true, OutOfStepInterval = interval ?? Interval };
        var pair = new EnginePair(Connections.EngineA() with { Options = options }, Connections.EngineB() with { Options = options });
        pair.Establish();
        return pair;
    }

    static void Send(EnginePair pair, ByzantinePeer peer) =>
        pair.Inject(pair.B, peer.Seal(new IkeMessage(peer.Header(ExchangeType.Informational), [])), ByzantinePeer.PathToB);

    static NotifyPayload Number(NotifyType type, uint number)
    {
        byte[] data = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(data, number);
        return new NotifyPayload(type, data);
    }

    /// <summary>RFC 7296 §1.5: Initiator flag set, Response flag not, no SPIs that mean anything.</summary>
    static byte[] Unprotected(ulong initiator, ulong responder, params NotifyPayload[] payloads) =>
        MessageWriter.Write(new IkeMessage(new IkeHeader(initiator, responder, ExchangeType.Informational, IkeHeaderFlags.Initiator, 0), [.. payloads]));

    static byte[] Protected(IkeSaSnapshot sa) => MessageWriter.Write(new IkeMessage(
        new IkeHeader(sa.InitiatorSpi, sa.ResponderSpi, ExchangeType.Informational, IkeHeaderFlags.Initiator, 2),
            [new OpaquePayload(PayloadType.Encrypted, new byte[40])]));

    /// <summary>The numbers of the notes of these requests, retransmissions aside.</summary>
    static List<uint> Told(EngineNode node, string payload) =>
    [
        .. node.Of<MessagePassed>().Where(passed => passed is { Sent: true, IsRequest: true, IsRetransmission: false } && passed.Payloads.Contains(payload))
            .Select(passed => passed.Notes[0].Split(' ', ',').Select(word => payload.Contains("SPI", StringComparison.Ordinal)
                ? uint.TryParse(word, System.Globalization.NumberStyles.HexNumber, null, out uint spi) && spi > 0xFFFF ? spi : (uint?)null
                : uint.TryParse(word, out uint id) ? id : null).OfType<uint>().First()),
    ];
}
