using System.Text;
using Ipsec.Crypto;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Recovery;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Quick crash detection (RFC 6290): B makes tokens, A takes them.</summary>
public class CrashDetectionTests
{
    static readonly NetworkPath PathToA = new(new TransportAddress(Connections.AddressA, 500), new TransportAddress(Connections.AddressB, 500),
        PathEncapsulation.Ike);

    [Fact]
    public void APeerThatLostItsStateSaysSoAndIsBelievedAtOnce()
    {
        using EnginePair before = Pair();
        before.Establish();
        // The same secret, another life: B after its restart.
        using EnginePair restarted = Pair(seed: 77);
        byte[] request = Liveness(before);
        restarted.Inject(restarted.B, request, new NetworkPath(PathToA.Remote, PathToA.Local, PathEncapsulation.Ike));
        byte[] answer = restarted.Datagrams[^1];
        before.Inject(before.A, answer, PathToA);
        Assert.Empty(before.A.Installed);
        Assert.Contains("peer-crashed", before.A.ReasonCodes);
        // RFC 6290 §4.5: in silence.
        Assert.DoesNotContain(before.A.Of<MessagePassed>(), passed => passed.Sent && passed.Payloads.Contains("D(IKE)"));
    }

    [Fact]
    public void TokensFollowTheIkeSaThroughRekeysFromEitherSide()
    {
        using EnginePair before = Pair();
        before.Establish();
        foreach (EngineNode node in new[] { before.A, before.B })
        {
            before.Do(room => node.Engine.RekeyIke("tunnel", room.Now));
            before.Run(TimeSpan.FromSeconds(1));
        }
        using EnginePair restarted = Pair(seed: 77);
        restarted.Inject(restarted.B, Liveness(before), new NetworkPath(PathToA.Remote, PathToA.Local, PathEncapsulation.Ike));
        before.Inject(before.A, restarted.Datagrams[^1], PathToA);
        Assert.Empty(before.A.Installed);
    }

    /// <summary>RFC 6290 §9.2: A uses the new IKE SA before its answer has reached B, which does not know it yet, and has not lost it either.</summary>
    [Fact]
    public void ARequestThatOvertakesTheAnswerToARekeyIsNoProofOfACrash()
    {
        using EnginePair pair = Pair();
        pair.Establish();
        pair.When(name => name.StartsWith("A CREATE_CHILD_SA response", StringComparison.Ordinal), EnginePair.Fate.Drop, times: 1);
        pair.Do(room => Assert.Null(room.B.Engine.RekeyIke("tunnel", room.Now).Error));
        pair.Run(TimeSpan.FromMilliseconds(15));
        pair.Do(room => Assert.Null(room.A.Engine.RekeyIke("tunnel", room.Now).Error));
        pair.Run(TimeSpan.FromMilliseconds(15));
        MessagePassed answer = pair.B.Of<MessagePassed>().Last(passed => passed.Sent && !passed.IsRequest);
        Assert.Equal(["N(INVALID_IKE_SPI)"], answer.Payloads);
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.DoesNotContain("peer-crashed", pair.A.ReasonCodes);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void AWrongTokenOrNoneChangesNothing()
    {
        using EnginePair pair = Pair();
        pair.Establish();
        IkeSaSnapshot sa = pair.A.Status(pair.Now).IkeSas[0];
        var header = new IkeHeader(sa.InitiatorSpi, sa.ResponderSpi, ExchangeType.Informational, IkeHeaderFlags.Response, 2);
        foreach (Payload[] payloads in new Payload[][]
        {
            [new NotifyPayload(NotifyType.InvalidIkeSpi)],
            [new NotifyPayload(NotifyType.InvalidIkeSpi), new NotifyPayload(NotifyType.QuickCrashDetection, new byte[16])],
            [new NotifyPayload(NotifyType.InvalidIkeSpi), .. Enumerable.Repeat(new NotifyPayload(NotifyType.QuickCrashDetection, new byte[16]), 60)],
        })
        {
            pair.Inject(pair.A, MessageWriter.Write(new IkeMessage(header, [.. payloads])), PathToA);
            Assert.Single(pair.A.Installed);
        }
    }

    [Fact]
    public void NobodyLearnsTheTokenOfAnIkeSaThatLives()
    {
        using EnginePair pair = Pair();
        pair.Establish();
        IkeSaSnapshot sa = pair.B.Status(pair.Now).IkeSas[0];
        // The right SPIs with the wrong role, one SPI changed, both exchanged: none of these is the IKE SA, and none may be told its token.
        (ulong Initiator, ulong Responder, IkeHeaderFlags Flags)[] forgeries =
        [
            (sa.InitiatorSpi, sa.ResponderSpi, IkeHeaderFlags.None),
            (sa.InitiatorSpi ^ 1, sa.ResponderSpi, IkeHeaderFlags.Initiator),
            (sa.ResponderSpi, sa.InitiatorSpi, IkeHeaderFlags.Initiator),
            (sa.ResponderSpi, sa.InitiatorSpi, IkeHeaderFlags.None),
        ];
        int before = pair.Datagrams.Count;
        foreach ((ulong initiator, ulong responder, IkeHeaderFlags flags) in forgeries)
        {
            byte[] forged = Protected(new IkeHeader(initiator, responder, ExchangeType.Informational, flags, 9));
            pair.Inject(pair.B, forged, new NetworkPath(PathToA.Remote, PathToA.Local, PathEncapsulation.Ike));
        }
        Assert.All(pair.Datagrams.Skip(before), datagram =>
        {
            Assert.True(MessageReader.TryParse(datagram, out _, out IkeMessage? message, out _));
            Assert.Null(message.FindNotify(NotifyType.QuickCrashDetection));
        });
        Assert.Single(pair.B.Installed);
    }

    [Fact]
    public void AnswersToUnknownSpisAreLimitedInRate()
    {
        using EnginePair pair = Pair();
        int before = pair.Datagrams.Count;
        byte[] request = Liveness(pair);
        for (int i = 0; i < 1000; i++)
            pair.Inject(pair.B, request, new NetworkPath(PathToA.Remote, PathToA.Local, PathEncapsulation.Ike));
        Assert.InRange(pair.Datagrams.Count - before, 1, 30);
    }

    [Fact]
    public void TokensDifferByIkeSaAndBySecret()
    {
        using EnginePair pair = Pair();
        using EnginePair other = Pair(secret: "another secret");
        byte[][] tokens = [Token(pair, 1, 2), Token(pair, 2, 1), Token(pair, 1, 3), Token(other, 1, 2)];
        Assert.Equal(4, tokens.Select(Convert.ToHexString).Distinct().Count());
        Assert.Equal(tokens[0], Token(pair, 1, 2));
        Assert.All(tokens, token => Assert.Equal(16, token.Length));
    }

    static byte[] Token(EnginePair pair, ulong initiator, ulong responder)
    {
        int before = pair.Datagrams.Count;
        byte[] request = Protected(new IkeHeader(initiator, responder, ExchangeType.Informational, IkeHeaderFlags.Initiator, 0));
        pair.Inject(pair.B, request, new NetworkPath(PathToA.Remote, PathToA.Local, PathEncapsulation.Ike));
        Assert.True(MessageReader.TryParse(pair.Datagrams[before], out _, out IkeMessage? message, out MessageFault fault), fault.ToString());
        return message.FindNotify(NotifyType.QuickCrashDetection)!.Data.ToArray();
    }

    /// <summary>A protected request on the IKE SA of A, as it would travel.</summary>
    static byte[] Liveness(EnginePair pair)
    {
        IkeSaSnapshot? sa = pair.A.Status(pair.Now).IkeSas.FirstOrDefault();
        return Protected(new IkeHeader(sa?.InitiatorSpi ?? 5, sa?.ResponderSpi ?? 6, ExchangeType.Informational,
            sa?.IsInitiator ?? true ? IkeHeaderFlags.Initiator : IkeHeaderFlags.None, 5));
    }

    /// <summary>An Encrypted payload that nobody can open, behind this header.</summary>
    static byte[] Protected(IkeHeader header) => MessageWriter.Write(new IkeMessage(header, [new OpaquePayload(PayloadType.Encrypted, new byte[32])]));

    static EnginePair Pair(ulong seed = 1, string secret = "a secret of thirty-two octets ..") => new(
        Connections.EngineA(), Connections.EngineB() with { QuickCrashDetectionSecret = new Secret(Encoding.ASCII.GetBytes(secret)) }, seed);
}
