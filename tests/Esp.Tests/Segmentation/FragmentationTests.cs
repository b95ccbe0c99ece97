using System.Buffers.Binary;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Segmentation;

public class FragmentationTests
{
    [Theory]
    [InlineData(1401, 1400)]
    [InlineData(4000, 1400)]
    [InlineData(65_000, 1280)]
    [InlineData(3000, 577)]
    public void FragmentsReassembleToTheOriginal(int length, int mtu)
    {
        byte[] packet = TestPackets.Udp(length - 28, identification: 4711);
        List<byte[]> fragments = Carry(packet, mtu);
        Assert.All(fragments, fragment => Assert.True(fragment.Length <= mtu && TestPackets.HasValidChecksums(fragment)));
        Assert.Equal(packet, Reassemble(fragments));
    }

    [Fact]
    public void FragmentsOfAFragmentKeepItsPlace()
    {
        byte[] packet = TestPackets.Udp(2972);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), 0x2000 | 100);
        FixChecksum(packet);
        List<byte[]> fragments = Carry(packet, 1400);
        Assert.All(fragments, fragment => Assert.Equal(0x20, fragment[6] & 0x20));
        Assert.Equal([100, 100 + 172, 100 + 344], fragments.Select(fragment => BinaryPrimitives.ReadUInt16BigEndian(fragment.AsSpan(6)) & 0x1FFF));
    }

    [Fact]
    public void LaterFragmentsCarryOnlyTheOptionsThatAreToBeCopied()
    {
        // Record route (7) is not copied, security (130) is (RFC 791 §3.1).
        byte[] options = [1, 7, 7, 4, 0, 0, 0, 0, 130, 4, 9, 9];
        byte[] plain = TestPackets.Udp(3000);
        byte[] packet = [.. plain[..20], .. options, .. plain[20..]];
        packet[0] = 0x40 | 8;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        FixChecksum(packet);
        List<byte[]> fragments = Carry(packet, 1400);
        Assert.Equal(options, fragments[0][20..32]);
        Assert.All(fragments[1..], fragment =>
        {
            Assert.Equal(0x46, fragment[0]);
            Assert.Equal([130, 4, 9, 9], fragment[20..24]);
            Assert.True(TestPackets.HasValidChecksums(fragment));
        });
        Assert.Equal(plain[20..], fragments.SelectMany(fragment => fragment[((fragment[0] & 15) * 4)..]));
    }

    static List<byte[]> Carry(byte[] packet, int mtu)
    {
        using var pair = new TunnelPair(Suites.Gcm256, options: new DataPathOptions { Mtu = mtu });
        List<byte[]> delivered = pair.Carry([.. packet]);
        Assert.Equal(1UL, pair.Left.GetCounter(DataPathCounter.Fragmented));
        return delivered;
    }

    static byte[] Reassemble(List<byte[]> fragments)
    {
        byte[] header = fragments[0][..20];
        List<byte> payload = [];
        foreach (byte[] fragment in fragments)
        {
            Assert.Equal(payload.Count, (BinaryPrimitives.ReadUInt16BigEndian(fragment.AsSpan(6)) & 0x1FFF) * 8);
            Assert.Equal(fragment != fragments[^1], (fragment[6] & 0x20) != 0);
            Assert.Equal(header[4..6], fragment[4..6]);
            payload.AddRange(fragment[20..]);
        }
        byte[] packet = [.. header, .. payload];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[6] = packet[7] = 0;
        FixChecksum(packet);
        return packet;
    }

    static void FixChecksum(byte[] packet)
    {
        Span<byte> header = packet.AsSpan(0, (packet[0] & 15) * 4);
        header[10..12].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], InternetChecksum.Compute(header));
    }
}
