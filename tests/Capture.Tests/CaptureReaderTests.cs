using System.Buffers.Binary;
using Ipsec.Tests.Support;

namespace Ipsec.Capture.Tests;

public class CaptureReaderTests
{
    // A section header, two interfaces (Ethernet in microseconds; raw IP in nanoseconds with an offset of 10 s), a name resolution
    // block to be skipped, and three packets: enhanced on each interface, and a simple one.
    const string Pcapng = """
        0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
        01000000 14000000 0100 0000 00000400 14000000
        01000000 2c000000 6500 0000 00000000 0900 0100 09000000 0e00 0800 0a00000000000000 0000 0000 2c000000
        04000000 10000000 00000000 10000000
        06000000 24000000 00000000 01000000 40420f00 04000000 08000000 deadbeef 24000000
        06000000 24000000 01000000 00000000 00ca9a3b 02000000 02000000 cafe0000 24000000
        03000000 14000000 03000000 01020300 14000000
        """;

    static byte[] BigEndianPcapng => HexText.Parse("""
        0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c
        00000001 00000014 0065 0000 00000000 00000014
        00000006 00000024 00000000 00000000 000f4240 00000001 00000001 45000000 00000024
        """);

    static byte[] BigEndianPcap => HexText.Parse("""
        a1b2c3d4 0002 0004 00000000 00000000 00040000 00000065
        00000001 00000002 00000002 00000005 4500
        """);

    [Fact]
    public void ReadsPcapngWithItsInterfaces()
    {
        CapturedPacket[] packets = ReadAll(HexText.Parse(Pcapng), out string? error);
        Assert.Null(error);
        Assert.Equal(3, packets.Length);
        Assert.Equal(PcapLinkType.Ethernet, packets[0].LinkType);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddTicks((0x1_0000_0000L + 1_000_000) * 10), packets[0].Time);
        Assert.Equal("DEADBEEF", Convert.ToHexString(packets[0].Data.Span));
        Assert.Equal(8u, packets[0].OriginalLength);
        Assert.Equal(PcapLinkType.RawIp, packets[1].LinkType);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(11), packets[1].Time);
        Assert.Equal("CAFE", Convert.ToHexString(packets[1].Data.Span));
        Assert.Null(packets[2].Time);
        Assert.Equal("010203", Convert.ToHexString(packets[2].Data.Span));
    }

    [Fact]
    public void ReadsBothByteOrders()
    {
        CapturedPacket fromPcapng = Assert.Single(ReadAll(BigEndianPcapng, out string? error));
        Assert.Null(error);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1), fromPcapng.Time);
        CapturedPacket fromPcap = Assert.Single(ReadAll(BigEndianPcap, out error));
        Assert.Null(error);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1).AddMicroseconds(2), fromPcap.Time);
        Assert.Equal(5u, fromPcap.OriginalLength);
    }

    [Fact]
    public void RefusesOtherFiles()
    {
        Assert.False(CaptureReader.TryOpen(new MemoryStream("GIF89a"u8.ToArray()), out _, out string? error));
        Assert.Equal("The file is neither a pcap nor a pcapng file.", error);
        Assert.False(CaptureReader.TryOpen(new MemoryStream([0x0A]), out _, out _));
    }

    [Fact]
    public void ReportsPacketsThatClaimTooMuch()
    {
        byte[] file = BigEndianPcap;
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(24 + 8), uint.MaxValue);
        Assert.Empty(ReadAll(file, out string? error));
        Assert.Contains("4294967295", error);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void TruncationAtEveryLengthYieldsWholePacketsOnly(int which)
    {
        byte[] file = Sample(which);
        CapturedPacket[] whole = ReadAll(file, out _);
        for (int length = 0; length < file.Length; length++)
        {
            CapturedPacket[] packets = ReadAll(file.AsSpan(0, length).ToArray(), out string? error);
            Assert.True(packets.Length < whole.Length);
            for (int i = 0; i < packets.Length; i++)
                Assert.True(packets[i].Data.Span.SequenceEqual(whole[i].Data.Span));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void MutationsNeverThrow(int which)
    {
        byte[] file = Sample(which);
        var random = new SeededRandomSource((ulong)which);
        Span<byte> draw = stackalloc byte[3];
        int read = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] mutated = file.AsSpan().ToArray();
            for (int changes = 0; changes <= i % 3; changes++)
            {
                random.Fill(draw);
                mutated[BinaryPrimitives.ReadUInt16BigEndian(draw) % mutated.Length] = (byte)(i % 2 == 0 ? draw[2] : draw[2] < 128 ? 0 : 0xFF);
            }
            foreach (CapturedPacket packet in ReadAll(mutated, out _))
            {
                read++;
                Assert.True(packet.Data.Length <= mutated.Length);
            }
        }
        Assert.True(read > 1000);
    }

    [Theory]
    [InlineData("captures/tcpdump/ikev2pI2.pcap")]
    [InlineData("captures/scapy/ikev2_nat_t_sessions1-2_gcm_ctr.pcapng")]
    [InlineData("captures/wireshark/ikev2-decrypt-aes256cbc.pcapng")]
    [InlineData("captures/ndpi/esp.pcapng")]
    [InlineData("captures/wireshark-wiki/ipsec_esp_capture_1.pcap")]
    public void ReadsAsManyFramesAsTsharkDoes(string file)
    {
        string path = OutsideData.PathOf(file);
        using var facts = System.Text.Json.JsonDocument.Parse(File.ReadAllText(path + ".facts.json"));
        int frames = facts.RootElement.GetProperty("tshark").GetProperty("frames").GetInt32();
        CapturedPacket[] packets = ReadAll(File.ReadAllBytes(path), out string? error);
        Assert.Null(error);
        Assert.Equal(frames, packets.Length);
    }

    static byte[] Sample(int which) => which switch { 0 => HexText.Parse(Pcapng), 1 => BigEndianPcapng, _ => BigEndianPcap };

    static CapturedPacket[] ReadAll(byte[] file, out string? error)
    {
        if (!CaptureReader.TryOpen(new MemoryStream(file), out CaptureReader? reader, out error))
            return [];
        CapturedPacket[] packets = [.. reader.ReadAll()];
        error = reader.Error;
        return packets;
    }
}
