using System.Buffers.Binary;
using Ipsec.Esp.Tests.Kit;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>Rekey without loss: which SA sends when.</summary>
public class RekeyTests
{
    const ulong OldSa = TunnelPair.FirstSa;
    const ulong NewSa = 2;

    [Fact]
    public void InitiatorSendsOnTheNewAssociationAtOnce()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        uint oldSpi = pair.LeftToRightSpi;
        Assert.Equal(oldSpi, SpiOf(pair.SealLeft(TestPackets.Udp())));
        AddReplacement(pair);
        Assert.Equal(pair.LeftToRightSpi, SpiOf(pair.SealLeft(TestPackets.Udp())));
    }

    [Fact]
    public void ResponderSendsOnTheOldAssociationUntilTheNewOneIsUsed()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        AddReplacement(pair);
        pair.CarryBack(TestPackets.UdpBack());
        Assert.Equal((1UL, 0UL), (PacketsOut(pair.Right, OldSa), PacketsOut(pair.Right, NewSa)));

        // A forged packet on the new SA proves nothing.
        byte[] forged = pair.SealLeft(TestPackets.Udp())[0];
        forged[^1] ^= 1;
        pair.OpenRight(forged);
        pair.CarryBack(TestPackets.UdpBack());
        Assert.Equal((2UL, 0UL), (PacketsOut(pair.Right, OldSa), PacketsOut(pair.Right, NewSa)));

        Assert.Single(pair.Carry(TestPackets.Udp()));
        Assert.Single(pair.CarryBack(TestPackets.UdpBack()));
        Assert.Equal((2UL, 1UL), (PacketsOut(pair.Right, OldSa), PacketsOut(pair.Right, NewSa)));
        Assert.Equal([new DataPathReport.FirstInbound(NewSa)], TunnelPair.TakeReports(pair.Right));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ResponderTakesTheNewAssociationWhenTheOldOneGoes(bool removeBoth)
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        AddReplacement(pair);
        if (removeBoth)
            pair.Right.Remove(OldSa);
        else
            pair.Right.RemoveOutbound(OldSa);
        Assert.Single(pair.CarryBack(TestPackets.UdpBack()));
        Assert.Equal(1UL, PacketsOut(pair.Right, NewSa));
    }

    [Fact]
    public void ResponderTakesTheNewAssociationWhenItIsToldTo()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        AddReplacement(pair);
        pair.CarryBack(TestPackets.UdpBack());
        pair.Right.Activate(99);
        pair.Right.Activate(NewSa);
        pair.CarryBack(TestPackets.UdpBack());
        Assert.Equal((1UL, 1UL), (PacketsOut(pair.Right, OldSa), PacketsOut(pair.Right, NewSa)));
    }

    [Fact]
    public void StillAcceptsOnAnAssociationThatSendsNoMore()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        byte[] early = pair.SealLeft(TestPackets.Udp())[0];
        byte[] late = pair.SealLeft(TestPackets.Udp())[0];
        AddReplacement(pair);
        pair.Right.RemoveOutbound(OldSa);
        Assert.Single(pair.OpenRight(early));
        pair.Right.Remove(OldSa);
        Assert.Empty(pair.OpenRight(late));
        Assert.Equal(1UL, pair.Right.GetCounter(DataPathCounter.UnknownSpi));
        Assert.False(pair.Right.TryGetCounters(OldSa, out _));
    }

    [Fact]
    public void DoesNotWaitWhereThereIsNothingToReplace()
    {
        using var pair = new TunnelPair(Suites.Gcm256, right: parameters => parameters with { OutboundWaits = true, Replaces = 99 });
        Assert.Single(pair.CarryBack(TestPackets.UdpBack()));
    }

    [Fact]
    public void SendsOnAWaitingAssociationRatherThanNotAtAll()
    {
        using var pair = new TunnelPair(Suites.Gcm256, right: parameters => parameters with { HardPackets = 1 });
        AddReplacement(pair);
        Assert.Single(pair.CarryBack(TestPackets.UdpBack()));
        Assert.Empty(pair.CarryBack(TestPackets.UdpBack()));
        Assert.Single(pair.CarryBack(TestPackets.UdpBack()));
        Assert.Equal(1UL, PacketsOut(pair.Right, NewSa));
    }

    [Fact]
    public void RefusesToInstallWhatCannotBe()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        Assert.Throws<ArgumentException>(() => pair.AddSa(OldSa, Suites.Gcm256));
        Assert.Throws<ArgumentException>(() => pair.AddSa(5, Suites.Gcm256, left: parameters => parameters with { InboundSpi = 77 }));
        Assert.Throws<ArgumentException>(() => pair.AddSa(6, Suites.Gcm256, left: parameters => parameters with { ReplayWindow = 32 }));
        Assert.Throws<ArgumentException>(() => pair.AddSa(7, Suites.Gcm256, left: parameters => parameters with { Transforms = Suites.Cbc256Sha256 }));
        Assert.Single(pair.Carry(TestPackets.Udp()));
    }

    [Fact]
    public void TakesAnSpiBackAfterRemoval()
    {
        var options = new DataPathOptions { SpiSlots = 256 };
        using var pair = new TunnelPair(Suites.Gcm256, options: options);
        for (ulong id = 2; id < 1000; id++)
        {
            pair.AddSa(id, Suites.Gcm256);
            Assert.Single(pair.Carry(TestPackets.Udp()));
            pair.Left.Remove(id);
            pair.Right.Remove(id);
        }
        Assert.Single(pair.Carry(TestPackets.Udp()));
    }

    static void AddReplacement(TunnelPair pair) => pair.AddSa(NewSa, Suites.Gcm256,
        left: parameters => parameters with { Replaces = OldSa },
        right: parameters => parameters with { Replaces = OldSa, OutboundWaits = true });

    static uint SpiOf(List<byte[]> datagrams) => BinaryPrimitives.ReadUInt32BigEndian(Assert.Single(datagrams));

    static ulong PacketsOut(DataPath dataPath, ulong id)
    {
        Assert.True(dataPath.TryGetCounters(id, out SaCounters counters));
        return counters.PacketsOut;
    }
}
