namespace Ipsec.Net.Tests;

public sealed class InternetChecksumTests
{
    /// <summary>RFC 1071 §3.</summary>
    [Fact]
    public void GivesThePublishedSum()
    {
        byte[] data = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        Assert.Equal(unchecked((ushort)~0xddf2), InternetChecksum.Compute(data));
    }

    /// <summary>Against the definition: 16-bit words, one after the other, for every length and place in memory.</summary>
    [Fact]
    public void AddsAsWordByWord()
    {
        byte[] data = new byte[70_000];
        new Random(1).NextBytes(data);
        data.AsSpan(0, 2000).Fill(0xFF);
        foreach (int length in Enumerable.Range(0, 300).Concat([1399, 1400, 1401, 9000, 65534, 65535]))
        {
            for (int offset = 0; offset < 5; offset++)
            {
                ReadOnlySpan<byte> part = data.AsSpan(offset * 501, length);
                Assert.Equal(WordByWord(part, 0x1234), InternetChecksum.Compute(part, 0x1234));
            }
        }
        Assert.Equal(0xFFFF, InternetChecksum.Compute(new byte[1000]));
    }

    static ushort WordByWord(ReadOnlySpan<byte> data, ulong sum)
    {
        for (int i = 0; i < data.Length; i++)
            sum += i % 2 == 0 ? (uint)data[i] << 8 : data[i];
        while (sum > 0xFFFF)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
