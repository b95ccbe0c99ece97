using Ipsec.Esp.Inner;
using Ipsec.Esp.Tests.Kit;

namespace Ipsec.Esp.Tests.Inner;

public class InnerHeaderTests
{
    [Fact]
    public void SetsEveryEcnValueAndKeepsTheChecksumRight()
    {
        for (int before = 0; before < 256; before++)
        {
            for (byte ecn = 0; ecn < 4; ecn++)
            {
                byte[] v4 = TestPackets.Udp(trafficClass: (byte)before);
                InnerHeader.SetEcn(v4, ecn);
                Assert.Equal(before & 0xFC | ecn, v4[1]);
                Assert.True(TestPackets.HasValidChecksums(v4));
                byte[] v6 = TestPackets.UdpV6(trafficClass: (byte)before);
                InnerHeader.SetEcn(v6, ecn);
                Assert.Equal(TestPackets.UdpV6(trafficClass: (byte)(before & 0xFC | ecn)), v6);
            }
        }
    }

    [Fact]
    public void CountsHopsDownToOne()
    {
        for (int hops = 0; hops < 256; hops++)
        {
            byte[] v4 = TestPackets.Udp(hopLimit: (byte)hops);
            byte[] v6 = TestPackets.UdpV6(hopLimit: (byte)hops);
            Assert.Equal(hops > 1, InnerHeader.TryDecrementHopLimit(v4));
            Assert.Equal(hops > 1, InnerHeader.TryDecrementHopLimit(v6));
            int expected = hops > 1 ? hops - 1 : hops;
            Assert.Equal(expected, v4[8]);
            Assert.Equal(expected, v6[7]);
            Assert.True(TestPackets.HasValidChecksums(v4));
        }
    }
}
