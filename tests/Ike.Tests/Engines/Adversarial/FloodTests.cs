using System.Buffers.Binary;
using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>A responder under load (RFC 7296 §2.6): state and memory stay bounded, and who can be reached still gets in.</summary>
[Collection(Alone)]
[CollectionDefinition(Alone, DisableParallelization = true)]
public class FloodTests
{
    // The memory that is measured is that of the whole process, so that no other test may run at the same time.
    const string Alone = "memory is measured";

    const string Suite = "aes256gcm16-prfsha256-curve25519";
    static readonly IkeEngineOptions Options = new();

    [Fact]
    public void AMillionRequestsFromRandomAddressesLeaveNoState()
    {
        const int count = 1_000_000;
        using var flood = new Flood();
        for (int i = 0; i < 10_000; i++)
            flood.Send();
        IkeStatus warm = flood.Status;
        Assert.Equal(Options.CookieThreshold, warm.HalfOpen);

        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 10_000; i < count; i++)
            flood.Send();
        long after = GC.GetTotalMemory(forceFullCollection: true);

        IkeStatus status = flood.Status;
        Assert.Equal(Options.CookieThreshold, status.HalfOpen);
        Assert.Equal((ulong)(count - Options.CookieThreshold), status.Counters["cookie-sent"]);
        Assert.Equal(count, flood.Answers);
        Assert.True(after - before < 1_000_000, $"{after - before} octets more after the flood");
        Assert.Equal(warm.Counters.Count, status.Counters.Count);
    }

    [Fact]
    public void WhoReturnsCookiesIsBoundedToo()
    {
        using var flood = new Flood();
        int refused = 0;
        for (int i = 0; i < 2 * Options.MaximumHalfOpen; i++)
        {
            IkeMessage? answer = flood.Send();
            if (answer?.FindNotify(NotifyType.Cookie) is NotifyPayload cookie)
                answer = flood.Repeat(cookie);
            refused += answer is null ? 1 : 0;
        }
        Assert.Equal(Options.MaximumHalfOpen, flood.Status.HalfOpen);
        Assert.Equal(Options.MaximumHalfOpen, refused);

        // Half-open IKE SAs are given up, and their room is free again.
        flood.Advance(Options.HalfOpenTimeout + TimeSpan.FromSeconds(1));
        Assert.Equal(0, flood.Status.HalfOpen);
        Assert.NotNull(flood.Send()?.Find<NoncePayload>());
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    [InlineData("2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1")]
    public void WhoReturnsCookiesCannotTakeTheRoomOfOtherHosts(string host, string again, string other)
    {
        using var flood = new Flood(isV6: host.Contains(':'));
        for (int i = 0; i < Options.MaximumHalfOpen; i++)
            flood.SendFrom(i % 2 == 0 ? host : again);
        // Those below the threshold anybody may have sent in its name; they do not count.
        int held = Options.CookieThreshold + Options.MaximumHalfOpenPerAddress;
        Assert.Equal(held, flood.Status.HalfOpen);
        Assert.Equal((ulong)(Options.MaximumHalfOpen - held), flood.Status.Counters["half-open-per-address"]);
        Assert.NotNull(flood.SendFrom(other)?.Find<NoncePayload>());
        flood.Advance(Options.HalfOpenTimeout + TimeSpan.FromSeconds(1));
        Assert.NotNull(flood.SendFrom(host)?.Find<NoncePayload>());
    }

    [Fact]
    public void ACookieIsOfNoUseToAnotherAddressOrRequest()
    {
        using var flood = new Flood();
        for (int i = 0; i < Options.CookieThreshold; i++)
            flood.Send();
        NotifyPayload cookie = flood.Send()!.FindNotify(NotifyType.Cookie)!;
        int before = flood.Status.HalfOpen;
        Assert.NotNull(flood.Send(cookie)!.FindNotify(NotifyType.Cookie));
        Assert.NotNull(flood.Send(new NotifyPayload(NotifyType.Cookie, new byte[64]))!.FindNotify(NotifyType.Cookie));
        Assert.Equal(before, flood.Status.HalfOpen);
    }

    /// <summary>Class 13: nobody is made to send more to a third party than he sends himself.</summary>
    [Theory]
    [InlineData("aes256gcm16-prfsha256-curve25519")]
    [InlineData("aes256-sha256-modp2048")]
    [InlineData("aes256gcm16-prfsha256-curve25519-ke1_ecp384")]
    public void AnswersBeforeReturnRoutabilityAreNoLongerThanTheQuestion(string suite)
    {
        using EnginePair asked = new(Connections.EngineA(Connections.OfA(suite)), Connections.EngineB(Connections.OfB(suite)));
        asked.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        byte[] request = asked.Datagrams[0];
        Assert.True(MessageReader.TryParse(request, out _, out IkeMessage? message, out _));
        // The shortest request: no notify that is not needed, and the shortest nonce.
        Payload[] bare = [.. message.Payloads.Where(payload => payload is not NotifyPayload { NotifyType: not NotifyType.IntermediateExchangeSupported })
            .Select(payload => payload is NoncePayload ? new NoncePayload(new byte[16]) : payload)];
        foreach (IkeMessage question in new[] { message, message with { Payloads = [.. bare] } })
        {
            foreach ((int threshold, string ofB) in new[] { (64, suite), (0, suite), (64, "aes128-sha1-modp1024"),
                (64, suite.Replace("curve25519", "ecp256")) })
            {
                using EnginePair pair = new(Connections.EngineA(),
                    Connections.EngineB(Connections.OfB(ofB)) with { Options = new IkeEngineOptions { CookieThreshold = threshold } });
                byte[] datagram = MessageWriter.Write(question);
                pair.Inject(pair.B, datagram, ByzantinePeer.PathToB);
                int answered = pair.Datagrams.Sum(sent => sent.Length);
                Assert.InRange(answered, 28, datagram.Length);
            }
        }
    }

    [Fact]
    public void AnHonestInitiatorGetsThroughAFlood()
    {
        ConnectionConfiguration anyPeer = Connections.OfB() with { RemoteAddress = null };
        using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB(anyPeer));
        var spray = new Requests(seed: 5);
        for (int i = 0; i < 500; i++)
            pair.Inject(pair.B, spray.Next(out NetworkPath path), path);
        Assert.Equal(Options.CookieThreshold, pair.B.Engine.GetStatus(pair.Now).HalfOpen);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(2));
        Agreement.AssertSame(pair);
        Assert.Single(pair.B.Installed);
    }

    /// <summary>Sends requests to one responder that takes any peer, and looks at the answers only.</summary>
    sealed class Flood : IDisposable
    {
        static readonly IpAddress OwnV6 = IpAddress.Parse("2001:db8:ffff::10");

        readonly EngineNode _node;
        readonly Requests _requests = new(seed: 1);
        Instant _now = new(TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch);
        NetworkPath _lastPath;

        public Flood(bool isV6 = false)
        {
            ConnectionConfiguration anyPeer = Connections.OfB() with { RemoteAddress = null };
            _node = new EngineNode("B", isV6 ? Connections.Engine(OwnV6, anyPeer) : Connections.EngineB(anyPeer), 1, 0xB0000001, null);
        }

        public int Answers { get; private set; }

        public IkeStatus Status => _node.Engine.GetStatus(_now);

        public IkeMessage? Send(NotifyPayload? cookie = null) => Deliver(_requests.Next(out _lastPath, cookie));

        /// <summary>A new request from that address, and again with a cookie where it is answered with one.</summary>
        public IkeMessage? SendFrom(string address)
        {
            byte[] request = _requests.Next(out _lastPath);
            var remote = IpAddress.Parse(address);
            _lastPath = _lastPath with
            {
                Local = _lastPath.Local with { Address = remote.IsV6 ? OwnV6 : Connections.AddressB },
                Remote = _lastPath.Remote with { Address = remote }
            };
            IkeMessage? answer = Deliver(request);
            return answer?.FindNotify(NotifyType.Cookie) is NotifyPayload cookie ? Repeat(cookie) : answer;
        }

        /// <summary>The last request again, with the cookie that it was answered with.</summary>
        public IkeMessage? Repeat(NotifyPayload cookie) => Deliver(_requests.Last(cookie));

        public void Advance(TimeSpan duration)
        {
            _now = _now.Plus(duration);
            _node.Engine.HandleTimeout(_now);
            while (_node.Engine.TryTakeOutput(out _))
            {
            }
        }

        public void Dispose() => _node.Dispose();

        IkeMessage? Deliver(byte[] request)
        {
            _node.Engine.HandleDatagram(request, _lastPath, _now);
            IkeMessage? answer = null;
            while (_node.Engine.TryTakeOutput(out IkeOutput? output))
            {
                if (output is not TransmitDatagram transmit)
                    continue;
                Answers++;
                Assert.True(MessageReader.TryParse(transmit.Datagram.Span, out _, out answer, out _));
            }
            return answer;
        }
    }

    /// <summary>IKE_SA_INIT requests that differ in address, port, SPI and nonce.</summary>
    sealed class Requests
    {
        const int NonceLength = 32;

        readonly SeededRandomSource _random;
        readonly ImmutableArray<Payload> _payloads;
        readonly byte[] _template;
        readonly byte[] _draw = new byte[8 + 4 + 2 + NonceLength];

        public Requests(ulong seed)
        {
            _random = new SeededRandomSource(seed);
            using IKeyExchange exchange = KeyExchanges.Create(KeyExchangeMethod.Curve25519, _random);
            // As long as the answer: who sends less gets a cookie at any time.
            _payloads = [new NotifyPayload(NotifyType.RedirectSupported), WireProposal.Offer(Connections.Ike(Suite), default, true),
                new KeyExchangePayload((ushort)exchange.Method, exchange.PublicValue.ToArray()),
                new NoncePayload(new byte[NonceLength])];
            _template = Write(_payloads);
        }

        public byte[] Next(out NetworkPath path, NotifyPayload? cookie = null)
        {
            _random.Fill(_draw);
            path = ByzantinePeer.PathToB with
            {
                Remote = new TransportAddress(IpAddress.V4(BinaryPrimitives.ReadUInt32BigEndian(_draw.AsSpan(8))),
                    BinaryPrimitives.ReadUInt16BigEndian(_draw.AsSpan(12))),
            };
            return Last(cookie);
        }

        public byte[] Last(NotifyPayload? cookie)
        {
            byte[] request = cookie is null ? [.. _template] : Write([cookie, .. _payloads]);
            // SPIi stands first, and the nonce last; 1 keeps the SPI from being zero.
            _draw.AsSpan(0, 8).CopyTo(request);
            request[7] |= 1;
            _draw.AsSpan(14).CopyTo(request.AsSpan(request.Length - NonceLength));
            return request;
        }

        static byte[] Write(ImmutableArray<Payload> payloads) =>
            MessageWriter.Write(new IkeMessage(new IkeHeader(1, 0, ExchangeType.IkeSaInit, IkeHeaderFlags.Initiator, 0), payloads));
    }
}
