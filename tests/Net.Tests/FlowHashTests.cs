using System.Buffers.Binary;

namespace Ipsec.Net.Tests;

public class FlowHashTests
{
    static readonly FlowHash Hash = new([.. Enumerable.Range(0, FlowHash.KeyLength).Select(octet => (byte)octet)]);

    /// <summary>The vectors that the authors of SipHash publish: messages 00, 01, 02, … under the key 00 to 0f.</summary>
    [Theory]
    [InlineData(0, 0x726FDB47DD0E0E31)]
    [InlineData(8, 0x93F5F5799A932462)]
    [InlineData(16, 0x3F2ACC7F57C29BDB)]
    [InlineData(32, 0x7127512F72F27CCE)]
    public void IsSipHash(int length, ulong expected)
    {
        byte[] message = [.. Enumerable.Range(0, length).Select(octet => (byte)octet)];
        ulong[] words = [.. message.Chunk(8).Select(word => BinaryPrimitives.ReadUInt64LittleEndian(word))];
        Assert.Equal(expected, Hash.ComputeWords(words));
    }

    [Theory]
    [InlineData("10.1.0.4", "10.2.0.5")]
    [InlineData("2001:db8:1::4", "2001:db8:2::5")]
    public void EveryPartOfTheFlowAndTheKeyCount(string source, string destination)
    {
        ulong[] hashes =
        [
            Of(Hash, Udp(source, destination, 1000, 2000)), Of(Hash, Udp(source, destination, 1001, 2000)), Of(Hash, Udp(source, destination, 1000, 2001)),
            Of(Hash, Udp(source, destination, 2000, 1000)), Of(Hash, Udp(destination, source, 1000, 2000)),
                Of(Hash, Packet(source, destination, IpProtocol.Tcp)),
            Of(new FlowHash(new byte[FlowHash.KeyLength]), Udp(source, destination, 1000, 2000)),
        ];
        Assert.Distinct(hashes);
        Assert.Equal(hashes[0], Of(Hash, Udp(source, destination, 1000, 2000, payloadLength: 900)));
    }

    [Fact]
    public void AllFragmentsOfAPacketAreOneFlow()
    {
        byte[] whole = Udp("10.1.0.4", "10.2.0.5", 1000, 2000);
        byte[] first = [.. whole];
        first[6] |= 0x20;
        byte[] later = [.. whole];
        later[7] = 4;
        Assert.NotEqual(Of(Hash, whole), Of(Hash, first));
        Assert.Equal(Of(Hash, first), Of(Hash, later));
    }

    [Fact]
    public void FragmentsOfIpv6AreOneFlowWhateverHeaderEachNames()
    {
        byte[] transport = [0x03, 0xE8, 0x07, 0xD0, 0, 16, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
        byte[] options = [IpProtocol.Udp, 0, 1, 4, 0, 0, 0, 0];
        byte[] first = Fragment(IpProtocol.Ipv6DestinationOptions, 0x0001, [.. options, .. transport]);
        byte[] later = Fragment(IpProtocol.Ipv6DestinationOptions, 0x0018, transport);
        Assert.Equal(Of(Hash, first), Of(Hash, later));

        static byte[] Fragment(byte next, ushort offset, byte[] content)
        {
            byte[] header = [next, 0, (byte)(offset >> 8), (byte)offset, 0, 0, 0, 9];
            return IpPacketWriter.Packet(IpAddress.Parse("2001:db8:1::4"), IpAddress.Parse("2001:db8:2::5"), IpProtocol.Ipv6Fragment, [.. header, .. content]);
        }
    }

    [Theory]
    [InlineData("10.1.0.4", "10.2.0.5", IpProtocol.Icmp, 8)]
    [InlineData("2001:db8:1::4", "2001:db8:2::5", IpProtocol.IcmpV6, 128)]
    public void EchoIsAFlowPerIdentifier(string source, string destination, byte protocol, byte type)
    {
        ulong one = Of(Hash, Packet(source, destination, protocol, type, 0, 0, 0, 0, 1, 0, 1));
        Assert.Equal(one, Of(Hash, Packet(source, destination, protocol, type, 0, 0, 0, 0, 1, 0, 2)));
        Assert.NotEqual(one, Of(Hash, Packet(source, destination, protocol, type, 0, 0, 0, 0, 2, 0, 1)));
    }

    [Fact]
    public void SpreadsFlowsEvenlyAndMovesOnlyThoseOfAMemberThatLeaves()
    {
        int[] all = [1, 2, 7, 300];
        int[] left = [300, 7, 1];
        int[] counts = new int[all.Length];
        for (int port = 0; port < 8000; port++)
        {
            ulong hash = Hash.Compute(IpAddress.Parse("10.1.0.4"), IpAddress.Parse("10.2.0.5"), IpProtocol.Tcp, (ushort)port, 443);
            int chosen = FlowHash.Choose(hash, all);
            counts[Array.IndexOf(all, chosen)]++;
            if (chosen != 2)
                Assert.Equal(chosen, FlowHash.Choose(hash, left));
        }
        Assert.All(counts, count => Assert.InRange(count, 1850, 2150));
    }

    static ulong Of(FlowHash hash, byte[] packet)
    {
        Assert.True(IpPacket.TryParse(packet, out IpPacket parsed));
        return hash.Compute(parsed);
    }

    static byte[] Udp(string source, string destination, ushort sourcePort, ushort destinationPort, int payloadLength = 16) => IpPacketWriter.Udp(
        new TransportAddress(IpAddress.Parse(source), sourcePort), new TransportAddress(IpAddress.Parse(destination), destinationPort),
            new byte[payloadLength]);

    static byte[] Packet(string source, string destination, byte protocol, params byte[] payload) =>
        IpPacketWriter.Packet(IpAddress.Parse(source), IpAddress.Parse(destination), protocol, payload);
}
