using Ipsec.Ike.Wire;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Wire;

public class IkeHeaderTests
{
    const string Empty = "0102030405060708 a1a2a3a4a5a6a7a8  00 20 25 28  00000102  0000001c";

    static readonly IkeHeader Header = new(0x0102030405060708, 0xA1A2A3A4A5A6A7A8, ExchangeType.Informational,
        IkeHeaderFlags.Initiator | IkeHeaderFlags.Response, 0x102);

    [Fact]
    public void HasKnownAnswer()
    {
        Assert.Equal(HexText.Parse(Empty), MessageWriter.Write(new IkeMessage(Header, [])));
        Assert.True(IkeHeader.TryParse(HexText.Parse(Empty), out IkeHeader parsed, out PayloadType next, out uint length));
        Assert.Equal(Header, parsed);
        Assert.Equal((PayloadType.None, 28u), (next, length));
        Assert.True(parsed is { IsResponse: true, IsRequest: false, IsFromInitiator: true, MajorVersion: 2, MinorVersion: 0 });
    }

    [Fact]
    public void NeedsAll28Octets()
    {
        for (int length = 0; length < 28; length++)
            Assert.False(IkeHeader.TryParse(HexText.Parse(Empty).AsSpan(0, length), out _, out _, out _));
    }

    [Fact]
    public void WritesAnotherVersionWhenAsked()
    {
        byte[] octets = MessageWriter.Write(new IkeMessage(Header with { MajorVersion = 3, MinorVersion = 1 }, []));
        Assert.Equal(0x31, octets[17]);
    }
}
