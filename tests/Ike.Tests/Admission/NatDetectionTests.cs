using System.Security.Cryptography;
using Ipsec.Ike.Admission;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Admission;

public class NatDetectionTests
{
    static readonly TransportAddress Local = new(IpAddress.Parse("198.51.100.10"), 500);
    static readonly TransportAddress Remote = new(IpAddress.Parse("203.0.113.5"), 500);

    [Fact]
    public void HashesSpisAddressAndPort()
    {
        byte[] input = HexText.Parse("0102030405060708 0000000000000000 cb007105 01f4");
        Assert.Equal(SHA1.HashData(input), NatDetection.Hash(MessageSamples.InitiatorSpi, 0, Remote));
        byte[] sixth = HexText.Parse("0102030405060708 a1a2a3a4a5a6a7a8 20010db8000000000000000000000001 1194");
        Assert.Equal(SHA1.HashData(sixth), NatDetection.Hash(MessageSamples.InitiatorSpi, MessageSamples.ResponderSpi,
            new TransportAddress(IpAddress.Parse("2001:db8::1"), 4500)));
    }

    [Fact]
    public void FindsNoNatWhereTheHashesFit()
    {
        IkeMessage message = With(Source(Remote), Destination(Local));
        Assert.False(NatDetection.IsPeerBehindNat(message, Remote));
        Assert.False(NatDetection.IsLocalBehindNat(message, Local));
        Assert.True(NatDetection.IsSupportedByPeer(message));
    }

    [Fact]
    public void FindsTheNatInFrontOfEitherSide()
    {
        IkeMessage message = With(Source(Remote), Destination(Local));
        Assert.True(NatDetection.IsPeerBehindNat(message, Remote with { Port = 1024 }));
        Assert.True(NatDetection.IsLocalBehindNat(message, Local with { Address = IpAddress.Parse("10.0.0.1") }));
    }

    [Fact]
    public void TakesOneFittingSourceHashAmongSeveral()
    {
        IkeMessage message = With(Source(Local), Source(Remote), Destination(Local));
        Assert.False(NatDetection.IsPeerBehindNat(message, Remote));
    }

    [Fact]
    public void KnowsNothingWithoutHashes()
    {
        IkeMessage message = With();
        Assert.False(NatDetection.IsPeerBehindNat(message, Remote));
        Assert.False(NatDetection.IsLocalBehindNat(message, Local));
        Assert.False(NatDetection.IsSupportedByPeer(message));
    }

    static NotifyPayload Source(TransportAddress address) => new(NotifyType.NatDetectionSourceIp, NatDetection.Hash(MessageSamples.InitiatorSpi, 0, address));

    static NotifyPayload Destination(TransportAddress address) =>
        new(NotifyType.NatDetectionDestinationIp, NatDetection.Hash(MessageSamples.InitiatorSpi, 0, address));

    static IkeMessage With(params Payload[] payloads) => MessageSamples.Request(ExchangeType.IkeSaInit, [.. payloads]);
}
