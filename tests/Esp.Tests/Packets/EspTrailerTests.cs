using Ipsec.Esp.Packets;

namespace Ipsec.Esp.Tests.Packets;

public class EspTrailerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(16)]
    public void PadsToTheBlockAndToFourOctets(int blockLength)
    {
        for (int inner = 0; inner < 100; inner++)
        {
            int trailer = EspTrailer.LengthFor(inner, blockLength);
            int multiple = Math.Max(4, blockLength);
            Assert.Equal(0, (inner + trailer) % multiple);
            Assert.InRange(trailer, EspTrailer.FixedLength, EspTrailer.FixedLength + multiple - 1);
        }
    }

    [Fact]
    public void ReadsWhatItWrites()
    {
        for (int inner = 0; inner < 40; inner++)
        {
            byte[] payload = new byte[inner + EspTrailer.LengthFor(inner, 16)];
            EspTrailer.Write(payload.AsSpan(inner), 41);
            Assert.True(EspTrailer.TryParse(payload, out int contentLength, out byte nextHeader));
            Assert.Equal(inner, contentLength);
            Assert.Equal(41, nextHeader);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("04")]
    [InlineData("0104")]
    [InlineData("010304")]
    [InlineData("00020204")]
    [InlineData("AABBCCFF04")]
    public void RefusesPaddingThatDoesNotFit(string payload) =>
        Assert.False(EspTrailer.TryParse(Convert.FromHexString(payload), out _, out _));
}
