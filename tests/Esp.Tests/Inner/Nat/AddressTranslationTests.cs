using Ipsec.Net;

namespace Ipsec.Esp.Tests.Inner.Nat;

/// <summary>Rules apart from a data path do what they do in one.</summary>
public sealed class AddressTranslationTests
{
    static readonly IpAddress Inside = IpAddress.Parse("10.0.1.4");
    static readonly IpAddress Far = IpAddress.Parse("10.2.0.10");

    [Fact]
    public void AStaticRuleTranslatesBothWays()
    {
        var translation = new AddressTranslation([Rule(NatKind.Static, "100.0.1.0/24")]);
        byte[] outbound = Udp(Inside, Far);
        byte[] inbound = Udp(Far, IpAddress.Parse("100.0.1.9"));

        Assert.True(translation.TryOutbound(outbound) && translation.TryInbound(inbound));
        Assert.Equal(("100.0.1.4", "10.2.0.10"), Addresses(outbound));
        Assert.Equal(("10.2.0.10", "10.0.1.9"), Addresses(inbound));
    }

    [Fact]
    public void ADynamicRuleKnowsTheFlowsThatItHasSeen()
    {
        var translation = new AddressTranslation([Rule(NatKind.Dynamic, "100.0.1.0/26")]);
        byte[] outbound = Udp(Inside, Far);
        Assert.False(translation.TryInbound(Udp(Far, IpAddress.Parse("100.0.1.4"))));
        Assert.True(translation.TryOutbound(outbound));
        (string external, _) = Addresses(outbound);

        byte[] answer = Udp(Far, IpAddress.Parse(external));
        Assert.True(translation.TryInbound(answer));
        Assert.Equal(("10.2.0.10", "10.0.1.4"), Addresses(answer));
        Assert.False(new AddressTranslation([Rule(NatKind.Dynamic, "100.0.1.0/26")]).TryInbound(Udp(Far, IpAddress.Parse(external))));
    }

    [Fact]
    public void WithoutRulesNothingChanges()
    {
        byte[] packet = Udp(Inside, Far);
        Assert.True(new AddressTranslation([]).TryOutbound(packet));
        Assert.Equal(("10.0.1.4", "10.2.0.10"), Addresses(packet));
        Assert.False(new AddressTranslation([Rule(NatKind.Static, "100.0.1.0/24")]).TryOutbound([0x45, 0]));
    }

    static NatRule Rule(NatKind kind, string external) => new(kind, NatMode.EgressSnat, IpPrefix.Parse("10.0.1.0/24"), IpPrefix.Parse(external));

    static byte[] Udp(IpAddress source, IpAddress destination) => IpPacketWriter.Udp(new TransportAddress(source, 5000), new TransportAddress(destination, 5000), [1, 2, 3]);

    static (string, string) Addresses(byte[] packet)
    {
        Assert.True(IpPacket.TryParse(packet, out IpPacket view));
        return (view.Source.ToString(), view.Destination.ToString());
    }
}
