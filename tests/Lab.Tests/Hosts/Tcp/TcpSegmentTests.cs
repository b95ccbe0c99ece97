using Ipsec.Lab.Hosts.Tcp;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Hosts.Tcp;

public class TcpSegmentTests
{
    static readonly IpAddress Left = IpAddress.Parse("10.1.0.4");
    static readonly IpAddress Right = IpAddress.Parse("10.2.0.10");

    [Theory]
    [InlineData(null, "")]
    [InlineData(1460, "")]
    [InlineData(null, "hello")]
    public void ReadsWhatItWrites(int? size, string data)
    {
        var segment = new TcpSegment(49152, 80, new SequenceNumber(1), new SequenceNumber(uint.MaxValue), TcpFlags.Syn | TcpFlags.Ack, 65535,
            System.Text.Encoding.ASCII.GetBytes(data), (ushort?)size);
        TcpSegment read = Parse(Packet(segment))!;
        Assert.Equal(segment with { Data = default }, read with { Data = default });
        Assert.Equal(segment.Data.ToArray(), read.Data.ToArray());
    }

    [Fact]
    public void RefusesEveryTruncation()
    {
        byte[] payload = Sample().Write(Left, Right);
        for (int length = 0; length < payload.Length; length++)
            Assert.Null(Parse(IpPacketWriter.Packet(Left, Right, IpProtocol.Tcp, payload.AsSpan(0, length))));
    }

    [Fact]
    public void RefusesEveryChangedOctet()
    {
        byte[] payload = Sample().Write(Left, Right);
        for (int index = 0; index < payload.Length; index++)
        {
            byte[] changed = [.. payload];
            changed[index] ^= 0x40;
            Assert.Null(Parse(IpPacketWriter.Packet(Left, Right, IpProtocol.Tcp, changed)));
        }
    }

    [Theory]
    [InlineData("02 01 01 01", null)]
    [InlineData("02 05 01 01", null)]
    [InlineData("03 00 01 01", null)]
    public void RefusesOptionsThatDoNotAddUp(string options, ushort? size) => Assert.Equal(size, Parse(WithOptions(options))?.MaximumSegmentSize);

    [Theory]
    [InlineData("01 01 08 0a 00 00 00 01 00 00 00 02 02 04 05 b4", (ushort)1460)]
    [InlineData("00 02 04 05", null)]
    public void SkipsOptionsThatItDoesNotKnow(string options, ushort? size)
    {
        TcpSegment? segment = Parse(WithOptions(options));
        Assert.NotNull(segment);
        Assert.Equal(size, segment.MaximumSegmentSize);
    }

    [Fact]
    public void SequenceNumbersCompareAcrossTheirEnd()
    {
        var before = new SequenceNumber(uint.MaxValue - 1);
        SequenceNumber after = before + 5;
        Assert.Equal(3u, after.Value);
        Assert.True(before < after && after > before && before <= after && after >= before);
        Assert.Equal((5, -5), (after - before, before - after));
    }

    static TcpSegment Sample() => new(49152, 80, new SequenceNumber(7), new SequenceNumber(9), TcpFlags.Syn, 1000, "data"u8.ToArray(), 1460);

    static byte[] Packet(TcpSegment segment) => IpPacketWriter.Packet(Left, Right, IpProtocol.Tcp, segment.Write(Left, Right));

    static byte[] WithOptions(string hex)
    {
        byte[] options = Convert.FromHexString(hex.Replace(" ", ""));
        byte[] payload = (Sample() with { MaximumSegmentSize = null, Data = options }).Write(Left, Right);
        // What was data becomes options; the checksum follows.
        payload[12] = (byte)((TcpSegment.HeaderLength + options.Length) / 4 << 4);
        payload.AsSpan(16, 2).Clear();
        uint pseudo = InternetChecksum.PseudoHeader(Left, Right, IpProtocol.Tcp, payload.Length);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(16), InternetChecksum.Compute(payload, pseudo));
        return IpPacketWriter.Packet(Left, Right, IpProtocol.Tcp, payload);
    }

    static TcpSegment? Parse(byte[] packet) => IpPacket.TryParse(packet, out IpPacket view) ? TcpSegment.TryParse(view) : null;
}
