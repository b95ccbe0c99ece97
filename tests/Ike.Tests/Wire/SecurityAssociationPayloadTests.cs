using Ipsec.Ike.Wire;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Wire;

public class SecurityAssociationPayloadTests
{
    const string TwoProposals = """
        00 00 0050
          02 00 002c  01 01 00 04
            03 00 000c  01 00 000c  800e 0100
            03 00 0008  02 00 0005
            03 00 0008  03 00 000c
            00 00 0008  04 00 000e
          00 00 0020  02 03 04 02  c0ffee01
            03 00 000c  01 00 0014  800e 0080
            00 00 0008  05 00 0001
        """;

    static readonly SecurityAssociationPayload Value = new(
    [
        new Proposal(1, ProtocolId.Ike, default,
        [
            new Transform(TransformType.Encryption, 12, 256), new Transform(TransformType.PseudorandomFunction, 5),
            new Transform(TransformType.Integrity, 12), new Transform(TransformType.KeyExchange, 14),
        ]),
        new Proposal(2, ProtocolId.Esp, new byte[] { 0xC0, 0xFF, 0xEE, 0x01 },
            [new Transform(TransformType.Encryption, 20, 128), new Transform(TransformType.ExtendedSequenceNumbers, 1)]),
    ]);

    [Fact]
    public void HasKnownAnswer() => PayloadCheck.HasKnownAnswer(Value, TwoProposals);

    [Fact]
    public void RefusesEveryTruncation() => PayloadCheck.SurvivesTruncation(PayloadType.SecurityAssociation, TwoProposals, mayParse: _ => false);

    [Fact]
    public void KeepsWhatItDoesNotUnderstand()
    {
        // Protocol 9 with a 3-octet SPI; transform type 200; AES with an unknown short, an unknown long and a second Key Length attribute.
        const string hex = """
            00 00 0037  00 00 0033  07 09 03 03  aabbcc
              03 00 0008  c8 00 1234
              03 00 0010  01 00 000c  800e 0080  8011 0001
              00 00 0010  01 00 000c  0012 0002 ffff 00 00
            """;
        byte[] bad = HexText.Parse(hex);
        Assert.False(MessageReader.TryParsePayloads(PayloadType.SecurityAssociation, bad, out _, out _));

        const string good = """
            00 00 003f  00 00 003b  07 09 03 03  aabbcc
              03 00 0008  c8 00 1234
              03 00 0010  01 00 000c  800e 0080  8011 0001
              00 00 0018  01 00 000c  0012 0004 ffffffff  800e 0080  800e 0100
            """;
        var payload = (SecurityAssociationPayload)PayloadCheck.Read(PayloadType.SecurityAssociation, HexText.Parse(good));
        Proposal proposal = Assert.Single(payload.Proposals);
        Assert.Equal((ProtocolId)9, proposal.Protocol);
        Assert.Equal(new Transform((TransformType)200, 0x1234), proposal.Transforms[0]);
        Assert.Equal(new Transform(TransformType.Encryption, 12, 128) { HasUnknownAttribute = true }, proposal.Transforms[1]);
        Assert.Equal(new Transform(TransformType.Encryption, 12, 128) { HasUnknownAttribute = true }, proposal.Transforms[2]);
    }

    [Fact]
    public void IgnoresReservedOctets()
    {
        byte[] octets = HexText.Parse(TwoProposals);
        octets[4 + 1] = octets[4 + 8 + 1] = octets[4 + 8 + 5] = 0xFF;
        Assert.Equal(Value, PayloadCheck.Read(PayloadType.SecurityAssociation, octets));
    }

    [Theory]
    [InlineData("no proposal", "")]
    [InlineData("proposal length below its header", "00 00 0007 01 01 00 00")]
    [InlineData("proposal length beyond the payload", "00 00 0009 01 01 00 00")]
    [InlineData("more proposals promised", "02 00 0008 01 01 00 00")]
    [InlineData("last proposal that is not the last", "00 00 0008 01 01 00 00  00 00 0008 02 01 00 00")]
    [InlineData("proposal number zero", "00 00 0008 00 01 00 00")]
    [InlineData("proposal numbers that do not rise", "02 00 0008 01 01 00 00  00 00 0008 01 01 00 00")]
    [InlineData("IKE with a 4-octet SPI", "00 00 000c 01 01 04 00 00000001")]
    [InlineData("ESP without an SPI", "00 00 0008 01 03 00 00")]
    [InlineData("ESP with the SPI zero", "00 00 000c 01 03 04 00 00000000")]
    [InlineData("IKE with the SPI zero", "00 00 0010 01 01 08 00 0000000000000000")]
    [InlineData("SPI longer than the proposal", "00 00 0008 01 09 ff 00")]
    [InlineData("transforms counted too high", "00 00 0010 01 01 00 02 00 00 0008 04 00 000e")]
    [InlineData("transforms counted too low", "00 00 0010 01 01 00 00 00 00 0008 04 00 000e")]
    [InlineData("transform length below its header", "00 00 000f 01 01 00 01 00 00 0007 04 00 00")]
    [InlineData("transform length beyond the proposal", "00 00 0010 01 01 00 01 00 00 0009 04 00 000e")]
    [InlineData("more transforms promised", "00 00 0010 01 01 00 01 03 00 0008 04 00 000e")]
    [InlineData("last transform that is not the last", "00 00 0018 01 01 00 02 00 00 0008 04 00 000e 00 00 0008 04 00 000e")]
    [InlineData("half an attribute", "00 00 0012 01 01 00 01 00 00 000a 01 00 000c 800e")]
    [InlineData("attribute beyond the transform", "00 00 0014 01 01 00 01 00 00 000c 01 00 000c 000e 0004")]
    [InlineData("transform length zero", "00 00 0010 01 01 00 01 00 00 0000 04 00 000e")]
    [InlineData("transform length of the maximum", "00 00 0010 01 01 00 01 00 00 ffff 04 00 000e")]
    public void Refuses(string what, string body)
    {
        Assert.NotEmpty(what);
        PayloadCheck.IsRefused(PayloadType.SecurityAssociation, body);
    }

    [Fact]
    public void BoundsProposalsTransformsAndAttributes()
    {
        static Proposal Many(int number, int transforms) => new((byte)number, ProtocolId.Ike, default,
            [.. Enumerable.Repeat(new Transform(TransformType.KeyExchange, 14), transforms)]);
        static bool Parses(SecurityAssociationPayload payload)
        {
            var writer = new OctetWriter();
            payload.WriteBody(writer);
            return SecurityAssociationPayload.Parse(writer.Written) is not null;
        }

        Assert.True(Parses(new([.. Enumerable.Range(1, WireLimits.Proposals).Select(number => Many(number, 1))])));
        Assert.False(Parses(new([.. Enumerable.Range(1, WireLimits.Proposals + 1).Select(number => Many(number, 1))])));
        Assert.True(Parses(new([.. Enumerable.Range(1, 8).Select(number => Many(number, 255))])));
        Assert.False(Parses(new([.. Enumerable.Range(1, 9).Select(number => Many(number, 255))])));

        string attributes = string.Concat(Enumerable.Repeat("80110000", WireLimits.Attributes + 1));
        PayloadCheck.IsRefused(PayloadType.SecurityAssociation, $"00 00 0054 01 01 00 01 00 00 004c 01 00 000c {attributes}");
    }
}
