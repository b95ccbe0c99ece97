using System.Text;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

public class InitTests
{
    static readonly IkeEngineOptions CookiesAlways = new() { CookieThreshold = 0 };

    [Fact]
    public void ReturnsTheCookieAndEstablishes()
    {
        using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB() with { Options = CookiesAlways });
        pair.Establish();
        Assert.Equal(["N(COOKIE)"], pair.A.Of<MessagePassed>().ElementAt(1).Payloads);
        Assert.Equal("N(COOKIE)", pair.A.Of<MessagePassed>().ElementAt(2).Payloads[0]);
        Assert.Equal(6, pair.Sent.Count);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void TriesAgainWithTheGroupThatInvalidKeNames()
    {
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA("aes256-sha256-curve25519-ecp256")),
            Connections.EngineB(Connections.OfB("aes256-sha256-ecp256")));
        pair.Establish();
        Assert.Equal(["N(INVALID_KE_PAYLOAD)"], pair.A.Of<MessagePassed>().ElementAt(1).Payloads);
        Assert.Contains("KE(ecp256)", pair.A.Of<MessagePassed>().ElementAt(2).Payloads);
        Agreement.AssertSame(pair);
    }

    /// <summary>A peer that knows none of them takes no notice (RFC 7296 §3.12).</summary>
    [Fact]
    public void VendorIdsGoOutInOrderInBothRolesAndInEveryRetry()
    {
        IkeEngineOptions told = CookiesAlways with { VendorIds = ["first vendor"u8.ToArray(), "second"u8.ToArray()] };
        using var pair = new EnginePair(Connections.EngineA() with { Options = told }, Connections.EngineB() with { Options = told });
        pair.Establish();
        foreach (byte[] datagram in new[] { pair.Datagrams[0], pair.Datagrams[2], pair.Datagrams[3] })
        {
            Assert.True(MessageReader.TryParse(datagram, out _, out IkeMessage? message, out _));
            Assert.Equal(["first vendor", "second"], message.Payloads.OfType<VendorIdPayload>().Select(vendor => Encoding.ASCII.GetString(vendor.Data.Span)));
        }
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void CookieAndInvalidKeInARowTakeTheShortWay()
    {
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA("aes256-sha256-curve25519-ecp256")),
            Connections.EngineB(Connections.OfB("aes256-sha256-ecp256")) with { Options = CookiesAlways });
        pair.Establish();
        // RFC 7296 §2.6.1: the cookie is returned again, so no second cookie is needed.
        Assert.Equal(8, pair.Sent.Count);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void NoCommonProposalIsKnownAtTheResponderAndLikelyAtTheInitiator()
    {
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA("aes256-sha256-modp2048")),
            Connections.EngineB(Connections.OfB("aes256-sha256-modp1024")));
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(["A IKE_SA_INIT request 0", "B IKE_SA_INIT response 0"], pair.Sent);
        Reason atResponder = Assert.Single(pair.B.Of<NegotiationRefused>().Single().Reasons);
        Assert.Equal(("no-proposal-chosen", Certainty.Known), (atResponder.Code, atResponder.Certainty));
        Assert.Contains("modp1024", atResponder.Text);
        Assert.Contains("modp2048", atResponder.Text);
        Assert.Contains(pair.A.Status(pair.Now).Reasons, reason => reason is { Code: "no-proposal-chosen", Certainty: Certainty.Likely });
        Assert.Equal(ConnectionState.Failed, pair.A.Status(pair.Now).State);
    }

    [Fact]
    public void GenuineAnswerAfterAForgedRefusalWins()
    {
        using EnginePair pair = Connections.Pair();
        pair.When("B IKE_SA_INIT response 0", EnginePair.Fate.Delay);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromMilliseconds(15));
        byte[] forged = [.. pair.Datagrams[0].AsSpan(0, 16), 41, 0x20, 34, 0x20, 0, 0, 0, 0, 0, 0, 0, 36, 0, 0, 0, 8, 0, 0, 0, 14];
        pair.Inject(pair.A, forged, PathToA);
        Assert.Single(pair.A.Of<NegotiationRefused>());
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Single(pair.A.Installed);
    }

    [Fact]
    public void PeerThatDoesNotAnswerIsGivenUpWithAReason()
    {
        using EnginePair pair = Connections.Pair();
        pair.When(name => name.StartsWith("A "), EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromMinutes(3));
        Assert.Equal(7, pair.Sent.Count);
        Assert.Equal(pair.Datagrams[0], pair.Datagrams[6]);
        IkeSaClosed closed = Assert.Single(pair.A.Of<IkeSaClosed>());
        Assert.False(closed.WasEstablished);
        Assert.Equal(["peer-not-responding", "peer-not-responding"], closed.Reasons.Select(reason => reason.Code));
        Assert.Null(pair.A.Engine.NextTimeout);
    }

    [Fact]
    public void RepeatedInitIsAnsweredFromCacheAndOnlyToWhereItCameFrom()
    {
        using EnginePair pair = Connections.Pair();
        pair.When("A IKE_SA_INIT request 0", EnginePair.Fate.Duplicate);
        pair.When("A IKE_AUTH request 1", EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromMilliseconds(50));
        Assert.Equal(2, pair.Sent.Count(name => name == "B IKE_SA_INIT response 0"));
        Assert.Equal(1, pair.B.Engine.GetStatus(pair.Now).HalfOpen);
        int sent = pair.Sent.Count;
        pair.Inject(pair.B, pair.Datagrams[0], PathToB with { Remote = new TransportAddress(IpAddress.Parse("192.0.2.66"), 500) });
        Assert.Equal(sent, pair.Sent.Count);
        pair.Run(TimeSpan.FromSeconds(5));
        Assert.Single(pair.A.Installed);
        // RFC 7296 §2.1: after IKE_AUTH it is ignored.
        sent = pair.Sent.Count;
        pair.Inject(pair.B, pair.Datagrams[0], PathToB);
        Assert.Equal(sent, pair.Sent.Count);
    }

    [Fact]
    public void HalfOpenIkeSaIsForgottenWhenItsInitiatorStaysAway()
    {
        using EnginePair pair = Connections.Pair();
        pair.When(name => name.StartsWith("A IKE_AUTH"), EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(31));
        Assert.Equal(0, pair.B.Engine.GetStatus(pair.Now).HalfOpen);
        Assert.Equal("half-open-timeout", pair.B.Of<IkeSaClosed>().Single().Reasons[0].Code);
        Assert.Null(pair.B.Engine.NextTimeout);
    }

    [Theory]
    [InlineData(19, 0x00, "invalid-init-header")]    // no Initiator flag
    [InlineData(23, 0x01, "invalid-init-header")]    // message ID 1
    [InlineData(15, 0x01, "invalid-init-header")]    // a responder SPI
    [InlineData(18, 99, "unknown-exchange")]
    [InlineData(17, 0x10, "older-major-version")]
    [InlineData(27, 0x01, "length-mismatch")]
    public void OddHeaderIsCountedAndNotAnswered(int offset, byte value, string fault)
    {
        using EnginePair pair = Connections.Pair();
        byte[] request = FirstRequest();
        request[offset] = value;
        pair.Inject(pair.B, request, PathToB);
        Assert.Empty(pair.Sent);
        Assert.Equal(fault, pair.B.Of<PeerFaultCounted>().Single().Fault);
        Assert.Equal(0, pair.B.Engine.GetStatus(pair.Now).HalfOpen);
    }

    [Fact]
    public void ZeroInitiatorSpiIsNotAnswered()
    {
        using EnginePair pair = Connections.Pair();
        byte[] request = FirstRequest();
        request.AsSpan(0, 8).Clear();
        pair.Inject(pair.B, request, PathToB);
        Assert.Empty(pair.Sent);
        Assert.Equal("zero-initiator-spi", pair.B.Of<PeerFaultCounted>().Single().Fault);
    }

    [Fact]
    public void HigherMajorVersionIsAnsweredWithInvalidMajorVersion()
    {
        using EnginePair pair = Connections.Pair();
        byte[] request = FirstRequest();
        request[17] = 0x30;
        pair.Inject(pair.B, request, PathToB);
        byte[] reply = Assert.Single(pair.Datagrams);
        Assert.Equal(0x20, reply[17]);
        Assert.Equal(request[..16], reply[..16]);
        Assert.Equal(5, reply[^1]);
        // RFC 7296 §2.21.4: the answers are limited in rate.
        for (int i = 0; i < 1000; i++)
            pair.B.Engine.HandleDatagram(request, PathToB, pair.Now);
        pair.Run(TimeSpan.Zero);
        Assert.InRange(pair.Datagrams.Count, 2, 21);
    }

    [Fact]
    public void RequestForAnUnknownSpiIsAnsweredWithInvalidIkeSpiAndAResponseIsNot()
    {
        using EnginePair pair = Connections.EstablishedPair();
        byte[] auth = [.. pair.Datagrams[2]];
        auth[0] ^= 1;
        int sent = pair.Datagrams.Count;
        pair.Inject(pair.B, auth, PathToB);
        Assert.Equal(sent + 1, pair.Datagrams.Count);
        Assert.Equal(auth[..16], pair.Datagrams[^1][..16]);
        Assert.Equal([35, 0x20], pair.Datagrams[^1][18..20]);
        Assert.Equal(4, pair.Datagrams[^1][^1]);
        auth[19] = 0x28;
        pair.Inject(pair.B, auth, PathToB);
        Assert.Equal(sent + 1, pair.Datagrams.Count);
    }

    [Fact]
    public void UnknownCriticalPayloadIsAnswered()
    {
        using EnginePair pair = Connections.Pair();
        byte[] request = [.. FirstRequest(), 0, 0x80, 0, 4];
        // The last payload (a notify) now names type 200 as its successor.
        int offset = 28;
        while (request[offset] != 0)
            offset += request[offset + 2] << 8 | request[offset + 3];
        request[offset] = 200;
        request[27] += 4;
        pair.Inject(pair.B, request, PathToB);
        byte[] reply = Assert.Single(pair.Datagrams);
        Assert.Equal([0, 1, 200], reply[^3..]);
    }

    static NetworkPath PathToB => new(new TransportAddress(Connections.AddressB, 500), new TransportAddress(Connections.AddressA, 500), PathEncapsulation.Ike);

    static NetworkPath PathToA => new(new TransportAddress(Connections.AddressA, 500), new TransportAddress(Connections.AddressB, 500), PathEncapsulation.Ike);

    static byte[] FirstRequest()
    {
        using EnginePair other = Connections.Pair();
        other.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        return [.. other.Datagrams[0]];
    }
}
