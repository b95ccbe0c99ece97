using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Engine;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tests.Engines;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Delivery;

/// <summary>The keys that an additional key exchange replaces (RFC 9370 §2.2.2).</summary>
public sealed class KeyGenerationTests
{
    static readonly IkeSuite Suite = new(ProposalText.Parse("aes256gcm16-prfsha256-ecp256", Ike.Wire.ProtocolId.Ike).Encryption[0],
        PseudorandomFunction.HmacSha256, IntegrityAlgorithm.None, KeyExchangeMethod.Ecp256);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void OnlyAResponderKeepsThem(bool isInitiator, bool areKept)
    {
        IkeKeys first = Keys(1), second = Keys(2), third = Keys(3);
        using (ProtectedChannel channel = Channel(isInitiator, first))
        {
            channel.UpdateKeys(second);
            Assert.Equal(areKept, IsThere(first));
            Assert.True(IsThere(second));
            channel.UpdateKeys(third);
            Assert.False(IsThere(first));
        }
        Assert.False(IsThere(second));
        Assert.False(IsThere(third));
    }

    // What is gone cannot be read any more.
    static bool IsThere(IkeKeys keys) => Record.Exception(() => keys.SkD.Span.Length) is not ObjectDisposedException;

    static IkeKeys Keys(int seed)
    {
        using var secret = new Secret(MessageSamples.Octets(32, (byte)seed));
        return IkeKeys.Derive(Suite, secret, MessageSamples.Octets(32, 2), MessageSamples.Octets(32, 3), 1, 2);
    }

    static ProtectedChannel Channel(bool isInitiator, IkeKeys keys)
    {
        var context = new EngineContext(Engines.Connections.EngineB(), new EngineNode("B", Engines.Connections.EngineB(), 3, 1, null),
            new SeededRandomSource(3), null, null);
        var path = new NetworkPath(new TransportAddress(Engines.Connections.AddressB, 500), new TransportAddress(Engines.Connections.AddressA, 500),
            PathEncapsulation.Ike);
        var now = new Instant(TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch);
        return new ProtectedChannel(new IkeSa(context, context.NextIkeSaId(), isInitiator, 1, 2, path, now), Suite, keys, 1, 1, now);
    }
}
