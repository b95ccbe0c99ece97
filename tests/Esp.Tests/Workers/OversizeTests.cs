using System.Buffers.Binary;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

public class OversizeTests
{
    [Fact]
    public void SealsWhatIsExactlyAsLongAsTheMtu()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        byte[] packet = TestPackets.Udp(1400 - 28, dontFragment: true);
        Assert.Equal([packet], pair.Carry([.. packet]));
    }

    [Fact]
    public void TellsTheSenderThatFragmentationIsNeeded()
    {
        using var pair = new TunnelPair(Suites.Gcm256, options: new DataPathOptions { IcmpSourceV4 = IpAddress.Parse("10.1.0.1") });
        byte[] packet = TestPackets.Udp(1400 - 27, dontFragment: true);
        byte[] error = OnlyAnswer(pair, packet);
        Assert.True(IpPacket.TryParse(error, out IpPacket parsed));
        Assert.Equal(IpAddress.Parse("10.1.0.1"), parsed.Source);
        Assert.Equal(IpAddress.Parse(TestPackets.LeftV4), parsed.Destination);
        Assert.Equal([3, 4], parsed.Payload[..2].ToArray());
        Assert.Equal(1400, BinaryPrimitives.ReadUInt16BigEndian(parsed.Payload[6..]));
        Assert.Equal(576, error.Length);
        Assert.Equal(packet[..548], parsed.Payload[8..].ToArray());
        Assert.True(TestPackets.HasValidChecksums(error));
    }

    [Fact]
    public void TellsTheSenderThatAnIpv6PacketIsTooBig()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        byte[] packet = TestPackets.UdpV6(1400 - 47);
        byte[] error = OnlyAnswer(pair, packet);
        Assert.True(IpPacket.TryParse(error, out IpPacket parsed));
        Assert.Equal(IpAddress.Parse(TestPackets.RightV6), parsed.Source);
        Assert.Equal([2, 0], parsed.Payload[..2].ToArray());
        Assert.Equal(1400u, BinaryPrimitives.ReadUInt32BigEndian(parsed.Payload[4..]));
        Assert.Equal(1280, error.Length);
        Assert.True(TestPackets.HasValidChecksums(error));
    }

    [Fact]
    public void CarriesEveryIpv6PacketOfTheMinimumMtu()
    {
        using var pair = new TunnelPair(Suites.Gcm256, options: new DataPathOptions { Mtu = 1000 });
        byte[] packet = TestPackets.UdpV6(1280 - 48);
        Assert.Equal([packet], pair.Carry([.. packet]));
    }

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(false, false, false)]
    public void DropsSilentlyWhereTheOptionsSaySo(bool dontFragment, bool sendTooBig, bool fragment)
    {
        bool isFragmented = !dontFragment && fragment;
        var options = new DataPathOptions { SendPacketTooBig = sendTooBig, FragmentInner = fragment };
        using var pair = new TunnelPair(Suites.Gcm256, options: options);
        var sink = new CollectingSink();
        pair.Left.Seal(new SuperPacket(TestPackets.Udp(3000, dontFragment: dontFragment)), ref sink);
        Assert.Empty(sink.Delivered);
        Assert.Equal(isFragmented, sink.Sent.Count > 0);
        Assert.Equal(isFragmented ? 0UL : 1UL, pair.Left.GetCounter(DataPathCounter.TooBig));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(11)]
    [InlineData(12)]
    public void NeverAnswersAnErrorWithAnError(byte type)
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        byte[] icmp = TestPackets.Pattern(1500);
        icmp[0] = type;
        AssertNoAnswer(pair, IpPacketWriter.Packet(IpAddress.Parse(TestPackets.LeftV4), IpAddress.Parse(TestPackets.RightV4),
            IpProtocol.Icmp, icmp, dontFragment: true));
    }

    [Fact]
    public void AnswersAnEchoRequest()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        byte[] icmp = TestPackets.Pattern(1500);
        icmp[0] = 8;
        OnlyAnswer(pair, IpPacketWriter.Packet(IpAddress.Parse(TestPackets.LeftV4), IpAddress.Parse(TestPackets.RightV4),
            IpProtocol.Icmp, icmp, dontFragment: true));
    }

    [Theory]
    [InlineData("224.0.0.1", TestPackets.RightV4)]
    [InlineData("0.0.0.0", TestPackets.RightV4)]
    [InlineData("127.0.0.1", TestPackets.RightV4)]
    public void NeverAnswersASourceThatIsNoHost(string source, string destination)
    {
        TrafficSelector[] any = [TrafficSelector.AnyV4];
        using var pair = new TunnelPair(Suites.Gcm256, left: parameters => parameters with { LocalSelectors = [.. any] });
        AssertNoAnswer(pair, TestPackets.Udp(3000, source, destination, dontFragment: true));
    }

    static byte[] OnlyAnswer(TunnelPair pair, byte[] packet)
    {
        var sink = new CollectingSink();
        pair.Left.Seal(new SuperPacket([.. packet]), ref sink);
        Assert.Empty(sink.Sent);
        Assert.Equal(1UL, pair.Left.GetCounter(DataPathCounter.IcmpErrors));
        return Assert.Single(sink.Delivered);
    }

    static void AssertNoAnswer(TunnelPair pair, byte[] packet)
    {
        var sink = new CollectingSink();
        pair.Left.Seal(new SuperPacket(packet), ref sink);
        Assert.Empty(sink.Sent);
        Assert.Empty(sink.Delivered);
        Assert.Equal(1UL, pair.Left.GetCounter(DataPathCounter.TooBig));
    }
}
