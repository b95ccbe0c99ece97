using Ipsec.Ike.Wire;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Wire;

public class MessageEnvelopeTests
{
    const string Spis = "0102030405060708 a1a2a3a4a5a6a7a8";

    [Theory]
    [InlineData(nameof(PeerFault.TooShort), "0102030405060708 a1a2a3a4a5a6a7a8  00 20 25 08  00000000 000000")]
    [InlineData(nameof(PeerFault.LengthMismatch), Spis + "00 20 25 08  00000000 0000001d")]
    [InlineData(nameof(PeerFault.LengthMismatch), Spis + "00 20 25 08  00000000 0000001b")]
    [InlineData(nameof(PeerFault.LengthMismatch), Spis + "00 20 25 08  00000000 00000000")]
    [InlineData(nameof(PeerFault.LengthMismatch), Spis + "00 20 25 08  00000000 ffffffff")]
    [InlineData(nameof(PeerFault.InvalidMajorVersion), Spis + "00 30 25 08  00000000 0000001c")]
    [InlineData(nameof(PeerFault.InvalidMajorVersion), Spis + "00 f0 ff 08  00000000 deadbeef")]
    [InlineData(nameof(PeerFault.OlderMajorVersion), Spis + "00 10 02 08  00000000 0000001c")]
    [InlineData(nameof(PeerFault.OlderMajorVersion), Spis + "00 00 25 08  00000000 0000001c")]
    [InlineData(nameof(PeerFault.ZeroInitiatorSpi), "0000000000000000 a1a2a3a4a5a6a7a8 00 20 25 08  00000000 0000001c")]
    [InlineData(nameof(PeerFault.UnknownExchange), Spis + "00 20 21 08  00000000 0000001c")]
    [InlineData(nameof(PeerFault.UnknownExchange), Spis + "00 20 26 08  00000000 0000001c")]
    [InlineData(nameof(PeerFault.UnknownExchange), Spis + "00 20 00 08  00000000 0000001c")]
    [InlineData(nameof(PeerFault.PayloadOverrun), Spis + "2b 20 25 08  00000000 0000001c")]
    [InlineData(nameof(PeerFault.PayloadOverrun), Spis + "2b 20 25 08  00000000 00000020 00 00 0005")]
    [InlineData(nameof(PeerFault.PayloadOverrun), Spis + "2b 20 25 08  00000000 00000020 00 00 ffff")]
    [InlineData(nameof(PeerFault.PayloadOverrun), Spis + "2b 20 25 08  00000000 00000020 2b 00 0004")]
    [InlineData(nameof(PeerFault.PayloadTooShort), Spis + "2b 20 25 08  00000000 00000020 00 00 0003")]
    [InlineData(nameof(PeerFault.PayloadTooShort), Spis + "2b 20 25 08  00000000 00000020 00 00 0000")]
    [InlineData(nameof(PeerFault.LeftOver), Spis + "00 20 25 08  00000000 0000001d 00")]
    [InlineData(nameof(PeerFault.LeftOver), Spis + "2b 20 25 08  00000000 00000021 00 00 0004 00")]
    [InlineData(nameof(PeerFault.EncryptedPayloadNotLast), Spis + "2e 20 25 08  00000000 00000024 2b 00 0004 00 00 0004")]
    [InlineData(nameof(PeerFault.EncryptedPayloadNotLast), Spis + "35 20 25 08  00000000 00000024 2b 00 0004 00 00 0004")]
    public void Refuses(string fault, string datagram)
    {
        Assert.False(MessageEnvelope.TryParse(HexText.Parse(datagram), out _, out _, out MessageFault found));
        Assert.Equal(fault, found.Fault.ToString());
    }

    [Fact]
    public void ShowsTheEncryptedPayloadAsItsParts()
    {
        // A skipped unknown payload (200) in front of it.
        byte[] datagram = HexText.Parse(Spis + "c8 20 25 08  00000000 0000002a  2e 00 0006 aaaa  29 00 0008 01020304");
        Assert.True(MessageEnvelope.TryParse(datagram, out IkeHeader header, out MessageEnvelope envelope, out _));
        Assert.True(envelope.IsProtected);
        Assert.Equal(ExchangeType.Informational, header.Exchange);
        Assert.Equal(datagram[..38], envelope.AssociatedData.ToArray());
        Assert.Equal([1, 2, 3, 4], envelope.EncryptedBody.ToArray());
        Assert.Equal(PayloadType.Notify, envelope.FirstProtectedPayload);
        Assert.True(envelope.ClearPayloads.IsEmpty);
        Assert.Equal(PeerFault.None, envelope.ClearFault.Fault);
    }

    [Theory]
    [InlineData("2b", "00", nameof(PeerFault.UnprotectedPayload))]
    [InlineData("c8", "80", nameof(PeerFault.UnknownCriticalPayload))]
    public void NotesPayloadsThatStandOutsideOfTheEncryption(string type, string flags, string fault)
    {
        byte[] datagram = HexText.Parse($"{Spis}{type} 20 25 08  00000000 00000028  2e {flags} 0004  29 00 0008 01020304");
        Assert.True(MessageEnvelope.TryParse(datagram, out _, out MessageEnvelope envelope, out _));
        Assert.Equal(fault, envelope.ClearFault.Fault.ToString());
    }

    [Fact]
    public void GivesTheHeaderAlsoWithAFaultThatIsAnswered()
    {
        MessageEnvelope.TryParse(HexText.Parse(Spis + "00 30 25 08  00000007 0000001c"), out IkeHeader header, out _, out MessageFault fault);
        Assert.Equal(PeerFault.InvalidMajorVersion, fault.Fault);
        Assert.Equal((0x0102030405060708UL, 7u, (byte)3), (header.InitiatorSpi, header.MessageId, header.MajorVersion));
    }

    [Fact]
    public void RefusesWhatNoDatagramCanBe()
    {
        byte[] datagram = new byte[WireLimits.MessageLength + 1];
        HexText.Parse(Spis + "2b 20 25 08  00000000 00010000").CopyTo(datagram, 0);
        Assert.False(MessageEnvelope.TryParse(datagram, out _, out _, out MessageFault fault));
        Assert.Equal(PeerFault.TooLong, fault.Fault);
    }

    [Fact]
    public void BoundsTheNumberOfPayloads()
    {
        Assert.True(MessageEnvelope.TryParse(VendorIds(WireLimits.Payloads), out _, out _, out _));
        Assert.False(MessageEnvelope.TryParse(VendorIds(WireLimits.Payloads + 1), out _, out _, out MessageFault fault));
        Assert.Equal(PeerFault.TooManyPayloads, fault.Fault);
    }

    static byte[] VendorIds(int count) => MessageWriter.Write(MessageSamples.Request(ExchangeType.Informational,
        [.. Enumerable.Repeat<Payload>(new VendorIdPayload(default), count)]));
}
