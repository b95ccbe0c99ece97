using Ipsec.Tests.Support;

namespace Ipsec.Capture.Tests;

public class PcapWriterTests
{
    static readonly DateTimeOffset Time = new DateTimeOffset(2026, 11, 22, 3, 4, 5, TimeSpan.Zero).AddTicks(1234567);

    [Fact]
    public void WritesHeaderAndRecordAsTheFormatSays()
    {
        using var stream = new MemoryStream();
        var writer = new PcapWriter(stream);
        writer.Write(Time, [0x45, 0x00, 0x01]);
        Assert.Equal(HexText.Parse("""
            4d 3c b2 a1  02 00 04 00  00 00 00 00  00 00 00 00  00 00 04 00  65 00 00 00
            a5 5b 02 6b  bc cc 5b 07  03 00 00 00  03 00 00 00  45 00 01
            """), stream.ToArray());
    }

    [Theory]
    [InlineData(PcapPrecision.Nanoseconds, 1234567)]
    [InlineData(PcapPrecision.Microseconds, 1234560)]
    public void ReadsBackWhatItWrote(PcapPrecision precision, int ticks)
    {
        using var stream = new MemoryStream();
        var writer = new PcapWriter(stream, PcapLinkType.Ethernet, precision);
        writer.Write(Time, [1, 2, 3]);
        writer.Write(Time.AddSeconds(1), []);
        stream.Position = 0;
        Assert.True(CaptureReader.TryOpen(stream, out CaptureReader? reader, out _));
        CapturedPacket[] packets = [.. reader.ReadAll()];
        Assert.Null(reader.Error);
        Assert.Equal(2, packets.Length);
        Assert.Equal(PcapLinkType.Ethernet, packets[0].LinkType);
        Assert.Equal(Time.AddTicks(ticks - 1234567), packets[0].Time);
        Assert.Equal([1, 2, 3], packets[0].Data.ToArray());
        Assert.Equal(3u, packets[0].OriginalLength);
        Assert.True(packets[1].Data.IsEmpty);
    }

    [Fact]
    public void CutsWhatIsLongerThanTheSnapLength()
    {
        using var stream = new MemoryStream();
        new PcapWriter(stream).Write(Time, new byte[PcapWriter.SnapLength + 5]);
        stream.Position = 0;
        Assert.True(CaptureReader.TryOpen(stream, out CaptureReader? reader, out _));
        CapturedPacket packet = Assert.Single(reader.ReadAll());
        Assert.Equal(PcapWriter.SnapLength, packet.Data.Length);
        Assert.Equal((uint)PcapWriter.SnapLength + 5, packet.OriginalLength);
    }

    [Fact]
    public void ClampsTimesThatTheFormatCannotSay()
    {
        using var stream = new MemoryStream();
        new PcapWriter(stream).Write(new DateTimeOffset(1950, 1, 1, 0, 0, 0, TimeSpan.Zero), [0]);
        stream.Position = 0;
        Assert.True(CaptureReader.TryOpen(stream, out CaptureReader? reader, out _));
        Assert.Equal(DateTimeOffset.UnixEpoch, Assert.Single(reader.ReadAll()).Time);
    }
}
