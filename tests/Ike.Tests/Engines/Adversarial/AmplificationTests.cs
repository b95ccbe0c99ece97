using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Crypto.Certificates;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Redirection;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;
using Ipsec.Net;
using Ipsec.Tests.Support;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>
/// Class 13: nobody gets more octets than were sent in his name before he has shown that he receives at his address (RFC 7296 §2.6). Answers to CVE-2016-5361.
/// </summary>
public class AmplificationTests
{
    const string Suite = "aes256gcm16-prfsha256-curve25519";
    static readonly Instant Now = new(TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch);
    static readonly TestCertificate[] Roots = [.. Enumerable.Range(0, 4).Select(i => TestCertificate.Root($"CN=Root {i}"))];

    public static TheoryData<string> Policies() => new(Responders.Keys.Order(StringComparer.Ordinal));

    static readonly Dictionary<string, ConnectionConfiguration> Responders = new()
    {
        ["pre-shared key"] = Connections.OfB(),
        ["certificates"] = Connections.OfB() with
        {
            RemoteAuthentication = new RemoteAuthentication
            {
                Trust = new CertificatePathValidator(Roots.Select(root =>
            root.Certificate), [], [])
            }
        },
        ["redirect to a long name"] = Connections.OfB() with
        {
            RedirectTo = RedirectTarget.Parse(string.Join('.', Enumerable.Repeat("gateway", 30))),
            RedirectAt = RedirectMoment.Init
        },
        ["another group"] = Connections.OfB("aes256gcm16-prfsha256-ecp256"),
        ["other algorithms"] = Connections.OfB("aes128-sha1-curve25519"),
        ["nothing for that peer"] = Connections.OfB() with { RemoteAddress = IpAddress.Parse("192.0.2.99") },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public void NoAnswerToAFirstRequestOfAnySizeIsLongerWithoutACookie(string policy)
    {
        using IkeEngine engine = Responder(Responders[policy]);
        int accepted = 0;
        ulong spi = 1;
        foreach (IkeMessage request in Requests())
        {
            IkeMessage asked = request with { Header = request.Header with { InitiatorSpi = spi++ } };
            byte[] datagram = MessageWriter.Write(asked);
            int before = engine.GetStatus(Now).HalfOpen;
            byte[] answer = Assert.Single(Send(engine, datagram));
            Assert.True(answer.Length <= datagram.Length, $"{answer.Length} octets for {datagram.Length}");
            if (FindCookie(answer) is not NotifyPayload cookie)
            {
                accepted += engine.GetStatus(Now).HalfOpen - before;
                continue;
            }
            // Nothing is held and nothing was computed for somebody who may not be there; who returns the cookie gets the whole answer.
            Assert.Equal(before, engine.GetStatus(Now).HalfOpen);
            byte[] second = Assert.Single(Send(engine, MessageWriter.Write(asked with { Payloads = [cookie, .. asked.Payloads] })));
            Assert.Null(FindCookie(second));
            Assert.True(second.Length > datagram.Length, "asked for a cookie without need");
            bool isRedirected = Responders[policy].RedirectTo is not null && RedirectSupportTask.IsAnnouncedIn(asked);
            Assert.Equal(before + (isRedirected ? 0 : 1), engine.GetStatus(Now).HalfOpen);
        }
        Assert.Equal(policy is "pre-shared key" or "certificates" or "redirect to a long name", accepted > 0);
    }

    [Fact]
    public void ACookieIsAskedForBeforeTheWorkOfAKeyExchange()
    {
        using IkeEngine engine = Responder(Responders["certificates"]);
        for (int i = 0; i < 200; i++)
        {
            // Of small order, which only a key exchange finds out.
            IkeMessage request = Request(new KeyExchangePayload(31, new byte[32]), new NoncePayload(MessageSamples.Octets(16, (byte)i)));
            Assert.NotNull(FindCookie(Assert.Single(Send(engine, MessageWriter.Write(request)))));
        }
        Assert.False(engine.GetStatus(Now).Counters.ContainsKey("invalid-ke-value"));
    }

    [Fact]
    public void ARequestAsStrongSwanSendsItForOneSuiteIsAnsweredAtOnce()
    {
        // charon adds these to SA, KE and Ni; with more than one suite it is longer still.
        using IkeEngine engine = Responder(Responders["pre-shared key"]);
        IkeMessage request = Request(Key, MessageSamples.Nonce, MessageSamples.NatSource, MessageSamples.NatDestination,
            new NotifyPayload(NotifyType.Ikev2FragmentationSupported),
                new NotifyPayload(NotifyType.SignatureHashAlgorithms, new byte[] { 0, 2, 0, 3, 0, 4, 0, 5 }),
            new NotifyPayload(NotifyType.RedirectSupported));
        Assert.Null(FindCookie(Assert.Single(Send(engine, MessageWriter.Write(request)))));
        Assert.Equal(1, engine.GetStatus(Now).HalfOpen);
    }

    [Fact]
    public void OurOwnRequestForOneSuiteIsAnsweredAtOnce()
    {
        using EnginePair pair = Connections.EstablishedPair();
        Assert.Equal(["A IKE_SA_INIT request 0", "B IKE_SA_INIT response 0", "A IKE_AUTH request 1", "B IKE_AUTH response 1"], pair.Sent);
    }

    public static TheoryData<int, ExchangeType> OtherMessages() =>
        new(from version in new[] { 2, 3, 15 }
            from exchange in new[] { ExchangeType.IkeSaInit, ExchangeType.IkeAuth, ExchangeType.CreateChildSa, ExchangeType.Informational, (ExchangeType)99 }
            select (version, exchange));

    [Theory]
    [MemberData(nameof(OtherMessages))]
    public void NoAnswerOutsideOfAnIkeSaIsLongerThanItsRequest(int version, ExchangeType exchange)
    {
        // INVALID_MAJOR_VERSION, UNSUPPORTED_CRITICAL_PAYLOAD, INVALID_IKE_SPI, and with it a token of quick crash detection.
        using IkeEngine engine = Responder(Responders["pre-shared key"]);
        var answered = new HashSet<int>();
        for (int length = IkeHeader.EncodedLength; length <= 200; length++)
        {
            foreach (PayloadType first in new[] { PayloadType.None, PayloadType.Encrypted, (PayloadType)200 })
            {
                byte[] request = Message(version, exchange, first, length);
                // Later than the limit on the rate of answers.
                foreach (byte[] answer in Send(engine, request, Now.Plus(TimeSpan.FromSeconds(length))))
                {
                    Assert.True(answer.Length <= length, $"{answer.Length} octets for {length}");
                    answered.Add(answer.Length);
                }
            }
        }
        int[] expected = (version, exchange) switch
        {
            (2, ExchangeType.IkeSaInit) => [37],
            (2, (ExchangeType)99) => [],
            (2, _) => [36, 60],
            _ => [36],
        };
        Assert.Equal(expected, answered.Order());
    }

    [Fact]
    public void TheShortestRequestOfAnIkeSaGetsTheTokenThatProvesItLost()
    {
        // RFC 6290 §4.5: an empty INFORMATIONAL with each kind of cipher.
        foreach (string suite in new[] { Suite, "aes128gcm8-prfsha256-curve25519", "aes128ctr-sha1-curve25519", "chacha20poly1305-prfsha256-curve25519",
            "3des-md5-modp1024", "aes256-sha256-ecp256" })
        {
            using var pair = new EnginePair(Connections.EngineA(Connections.OfA(suite)),
                Connections.EngineB(Connections.OfB(suite)) with { QuickCrashDetectionSecret = new Secret(new byte[32]) });
            pair.Establish();
            pair.Do(room => room.A.Engine.HandleDatagram(MessageWriter.Write(new IkeMessage(Hint(pair), [new NotifyPayload(NotifyType.InvalidIkeSpi)])),
                PathToA, room.Now));
            byte[] request = pair.Datagrams[^1];
            using IkeEngine restarted = Responder(Connections.OfB(suite));
            byte[] answer = Assert.Single(Send(restarted, request));
            Assert.True(answer.Length <= request.Length, $"{suite}: {answer.Length} octets for {request.Length}");
            Assert.True(MessageReader.TryParse(answer, out _, out IkeMessage? message, out _));
            Assert.NotNull(message.FindNotify(NotifyType.QuickCrashDetection));
        }
    }

    static readonly NetworkPath PathToA = new(ByzantinePeer.PathToB.Remote, ByzantinePeer.PathToB.Local, PathEncapsulation.Ike);
    static readonly KeyExchangePayload Key = new(31, MessageSamples.Octets(32, 9));

    static IkeHeader Hint(EnginePair pair)
    {
        IkeSaSnapshot sa = pair.A.Status(pair.Now).IkeSas[0];
        return new IkeHeader(sa.InitiatorSpi, sa.ResponderSpi, ExchangeType.Informational, IkeHeaderFlags.Response, 2);
    }

    /// <summary>
    /// From the fewest octets that can be a request: every length of nonce, with and without what makes the answer longer, and every length of padding.
    /// </summary>
    static IEnumerable<IkeMessage> Requests()
    {
        ImmutableArray<Payload>[] extensions =
        [
            [],
            [MessageSamples.NatSource, MessageSamples.NatDestination],
            [new NotifyPayload(NotifyType.RedirectSupported)],
            [MessageSamples.NatSource, MessageSamples.NatDestination, new NotifyPayload(NotifyType.Ikev2FragmentationSupported),
                new NotifyPayload(NotifyType.RedirectSupported)],
        ];
        foreach (ImmutableArray<Payload> extension in extensions)
        {
            foreach (int nonce in Enumerable.Range(16, 48).Append(256))
                yield return Request([Key, new NoncePayload(new byte[nonce]), .. extension]);
            for (int padding = 0; padding <= 130; padding++)
                yield return Request([Key, new NoncePayload(new byte[16]), .. extension, new VendorIdPayload(new byte[padding])]);
        }
    }

    static IkeMessage Request(params ImmutableArray<Payload> payloads) =>
        MessageSamples.Request(ExchangeType.IkeSaInit, [WireProposal.Offer(Connections.Ike(Suite), default, withKeyExchange: true), .. payloads]);

    static byte[] Message(int version, ExchangeType exchange, PayloadType first, int length)
    {
        var header = new IkeHeader(7, exchange == ExchangeType.IkeSaInit ? 0 : 9UL, exchange, IkeHeaderFlags.Initiator, exchange == ExchangeType.IkeSaInit
            ? 0 : 3U)
        { MajorVersion = (byte)version };
        int body = length - IkeHeader.EncodedLength - PayloadHeader.EncodedLength;
        return body < 0 || first == PayloadType.None
            ? [.. MessageWriter.Write(new IkeMessage(header, [])).AsSpan(0, IkeHeader.LengthOffset), 0, 0, 0, (byte)length,
                .. new byte[length - IkeHeader.EncodedLength]]
            : MessageWriter.Write(new IkeMessage(header, [new OpaquePayload(first, new byte[body]) { IsCritical = first == (PayloadType)200 }]));
    }

    static NotifyPayload? FindCookie(byte[] answer)
    {
        Assert.True(MessageReader.TryParse(answer, out _, out IkeMessage? message, out _));
        return message.FindNotify(NotifyType.Cookie);
    }

    static IkeEngine Responder(ConnectionConfiguration connection) => new(Connections.EngineB(connection) with
    {
        Options = new IkeEngineOptions { CookieThreshold = int.MaxValue, MaximumHalfOpen = int.MaxValue },
        QuickCrashDetectionSecret = new Secret(new byte[32]),
    }, new NoSpis(), new SeededRandomSource(1));

    static List<byte[]> Send(IkeEngine engine, byte[] request) => Send(engine, request, Now);

    static List<byte[]> Send(IkeEngine engine, byte[] request, Instant now)
    {
        engine.HandleDatagram(request, ByzantinePeer.PathToB, now);
        List<byte[]> sent = [];
        while (engine.TryTakeOutput(out IkeOutput? output))
        {
            if (output is TransmitDatagram transmit)
                sent.Add(transmit.Datagram.ToArray());
        }
        return sent;
    }
}
