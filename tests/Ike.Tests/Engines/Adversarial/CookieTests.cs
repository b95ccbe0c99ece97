using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>
/// Classes 5 and 13: what a request from an address that may be forged can make us do. The memory under a flood is <see cref="FloodTests"/>'. Answers to
/// CVE-2016-5361 (a responder that repeats by itself amplifies) and CVE-2016-1344 (exhaustion before authentication).
/// </summary>
public class CookieTests
{
    static readonly Instant Now = new(TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch);
    static readonly IkeMessage Init = MessageSamples.Of(MessageKind.IkeSaInitRequest);

    [Fact]
    public void AboveTheThresholdARequestCostsNoKeyExchange()
    {
        // Every key exchange draws its private value, every IKE SA its SPI and nonce: who draws nothing computes nothing.
        var random = new CountingRandomSource();
        using var engine = new IkeEngine(Connections.EngineB(Connections.OfB() with { RemoteAddress = null }), new NoSpis(), random);
        int threshold = new IkeEngineOptions().CookieThreshold;
        for (int i = 0; i < threshold; i++)
            Assert.Single(Send(engine, Request(i)));
        int drawn = random.Draws;
        Assert.InRange(drawn, 3 * threshold, 4 * threshold);
        for (int i = threshold; i < threshold + 5000; i++)
        {
            byte[] request = Request(i);
            byte[] answer = Assert.Single(Send(engine, request));
            Assert.True(answer.Length < request.Length, $"{answer.Length} octets for {request.Length}");
        }
        // One for the secret of the cookies.
        Assert.Equal(drawn + 1, random.Draws);
        Assert.Equal(threshold, engine.GetStatus(Now).HalfOpen);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    [InlineData(1000)]
    public void ACookieOfALengthThatCannotBeIsMetWithSilence(int length)
    {
        // RFC 7296 §2.6: 1 to 64 octets.
        var random = new CountingRandomSource();
        using var engine = new IkeEngine(Connections.EngineB(), new NoSpis(), random);
        byte[] request = MessageWriter.Write(Init with
        {
            Payloads = Init.Payloads.Replace(MessageSamples.Cookie, new NotifyPayload(NotifyType.Cookie,
            new byte[length]))
        });
        Assert.Empty(Send(engine, request));
        Assert.Equal(0, random.Draws);
        Assert.Equal(0, engine.GetStatus(Now).HalfOpen);
        Assert.Single(engine.GetStatus(Now).Counters);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(64, true)]
    [InlineData(0, false)]
    [InlineData(65, false)]
    [InlineData(1400, false)]
    public void AnInitiatorReturnsOnlyCookiesOfALengthThatCanBe(int length, bool isReturned)
    {
        using EnginePair pair = Connections.Pair();
        pair.When("B IKE_SA_INIT response 0", EnginePair.Fate.Drop, times: 100);
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        Assert.True(IkeHeader.TryParse(pair.Datagrams[0], out IkeHeader header, out _, out _));
        var demand = new IkeMessage(header with { Flags = IkeHeaderFlags.Response }, [new NotifyPayload(NotifyType.Cookie, new byte[length])]);
        var path = new NetworkPath(new TransportAddress(Connections.AddressA, 500), new TransportAddress(Connections.AddressB, 500), PathEncapsulation.Ike);
        int before = pair.Datagrams.Count;
        pair.Inject(pair.A, MessageWriter.Write(demand), path);
        Assert.Equal(isReturned ? 1 : 0, pair.Datagrams.Count - before);
    }

    [Fact]
    public void AResponderSpeaksOnlyWhenItIsSpokenTo()
    {
        // CVE-2016-5361: one datagram for one datagram, none by itself, however long nobody answers.
        using var engine = new IkeEngine(Connections.EngineB(), new NoSpis(), new CountingRandomSource());
        byte[] request = MessageWriter.Write(InitOf(1));
        byte[] answer = Assert.Single(Send(engine, request));
        Assert.Equal(answer, Assert.Single(Send(engine, request)));
        Instant later = Now;
        while (engine.NextTimeout is TimeSpan due)
        {
            later = later.Plus(due - later.Monotonic);
            engine.HandleTimeout(later);
            Assert.Empty(Take(engine));
        }
        Assert.Equal(0, engine.Figures.IkeSas);
    }

    static IkeMessage InitOf(int number) => MessageSamples.Request(ExchangeType.IkeSaInit,
        WireProposal.Offer(Connections.Ike("aes256gcm16-prfsha256-curve25519"), default, withKeyExchange: true), new KeyExchangePayload(31,
            MessageSamples.Octets(32, 9)),
        new NoncePayload(MessageSamples.Octets(32, (byte)number)), MessageSamples.NatSource, MessageSamples.NatDestination,
        new NotifyPayload(NotifyType.RedirectSupported)) with
    { Header = Init.Header with { InitiatorSpi = (ulong)number + 1 } };

    static byte[] Request(int number) => MessageWriter.Write(InitOf(number));

    static List<byte[]> Send(IkeEngine engine, byte[] request)
    {
        engine.HandleDatagram(request, ByzantinePeer.PathToB, Now);
        return Take(engine);
    }

    static List<byte[]> Take(IkeEngine engine)
    {
        List<byte[]> sent = [];
        while (engine.TryTakeOutput(out IkeOutput? output))
        {
            if (output is TransmitDatagram transmit)
                sent.Add(transmit.Datagram.ToArray());
        }
        return sent;
    }

    sealed class CountingRandomSource : IRandomSource
    {
        readonly SeededRandomSource _source = new(1);

        public int Draws { get; private set; }

        public void Fill(Span<byte> destination)
        {
            Draws++;
            _source.Fill(destination);
        }
    }
}
