using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>USE_TRANSPORT_MODE in both roles (RFC 7296 §1.3.1), with NATs (§2.23.1).</summary>
public class TransportModeTests
{
    static readonly IpAddress Outside = IpAddress.Parse("192.0.2.1");

    [Fact]
    public void BothSidesAgreeAndRekeysKeepTheMode()
    {
        using EnginePair pair = Pair(Transport(), Transport());
        pair.Establish();
        AssertAgreed(pair);
        foreach (EngineNode node in new[] { pair.A, pair.B })
        {
            pair.Do(room => node.Engine.RekeyChild("tunnel", null, room.Now));
            pair.Run(TimeSpan.FromSeconds(1));
            AssertAgreed(pair);
        }

        static void AssertAgreed(EnginePair pair)
        {
            Agreement.AssertSame(pair);
            Assert.Equal(new TransportAddresses(Connections.AddressB, Connections.AddressA), pair.A.OnlyChild.TransportMode);
            Assert.Equal(new TransportAddresses(Connections.AddressA, Connections.AddressB), pair.B.OnlyChild.TransportMode);
            Assert.Equal<TrafficSelector>([TrafficSelector.From(IpPrefix.Host(Connections.AddressA))], pair.A.OnlyChild.LocalSelectors);
        }
    }

    [Fact]
    public void NarrowsPortsOfTransportMode()
    {
        using EnginePair pair = Pair(Transport(), Transport() with
        {
            DynamicLocalSelectors = [new DynamicSelector(6, 443, 443)],
            DynamicRemoteSelectors = [new DynamicSelector(6)]
        });
        pair.Establish();
        Assert.Equal<TrafficSelector>([new TrafficSelector(IpPrefix.Host(Connections.AddressB).Range, 6, 443, 443)], pair.A.OnlyChild.RemoteSelectors);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void BehindANatEachSideHasTheAddressesThatItSees()
    {
        using EnginePair pair = Pair(Transport(), Transport(), behindNat: true);
        pair.Establish();
        Assert.Equal<TrafficSelector>(Connections.Selectors($"{Connections.AddressA}/32"), pair.A.OnlyChild.LocalSelectors);
        Assert.Equal<TrafficSelector>(Connections.Selectors($"{Outside}/32"), pair.B.OnlyChild.RemoteSelectors);
        // The checksums of A's packets cover its own address, those of B's packets the one that it knows A by.
        Assert.Equal(new TransportAddresses(Connections.AddressB, Outside), pair.A.OnlyChild.TransportMode);
        Assert.Equal(new TransportAddresses(Connections.AddressA, Connections.AddressB), pair.B.OnlyChild.TransportMode);
        foreach (EngineNode node in new[] { pair.A, pair.B })
        {
            pair.Do(room => node.Engine.RekeyChild("tunnel", null, room.Now));
            pair.Run(TimeSpan.FromSeconds(1));
            Assert.Equal<TrafficSelector>(Connections.Selectors($"{Outside}/32"), pair.B.OnlyChild.RemoteSelectors);
            Assert.Equal<TrafficSelector>(Connections.Selectors($"{Connections.AddressA}/32"), pair.A.OnlyChild.LocalSelectors);
        }
    }

    [Fact]
    public void AResponderOfTunnelModeAnswersWithTunnelModeAndTheInitiatorGivesItUp()
    {
        string a = $"{Connections.AddressA}/32", b = $"{Connections.AddressB}/32";
        using EnginePair pair = Pair(Transport(), Connections.Child([b], [a]));
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(pair.A.Installed);
        Assert.Empty(pair.B.Installed);
        Assert.Null(Assert.Single(pair.B.EverInstalled).TransportMode);
        Assert.Contains("transport-mode", pair.A.ReasonCodes);
        Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));
    }

    [Fact]
    public void AResponderOfTransportModeRefusesWhoDoesNotAsk()
    {
        string a = $"{Connections.AddressA}/32", b = $"{Connections.AddressB}/32";
        using EnginePair pair = Pair(Connections.Child([a], [b]), Transport());
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(pair.B.EverInstalled);
        Assert.Contains("transport-mode", pair.B.ReasonCodes);
    }

    [Fact]
    public void SelectorsWithMoreThanOneAddressAreNotForTransportMode()
    {
        var wide = new MessageEditor
        {
            Outgoing = message => message with
            {
                Payloads = [.. message.Payloads.Select(payload => payload is TrafficSelectorPayload { Role: PayloadType.TrafficSelectorInitiator } selectors
                    ? selectors with { Selectors = Connections.Selectors("203.0.113.0/24") } : payload)],
            },
        };
        using EnginePair pair = Pair(Transport(), Transport(), hooksA: wide);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(pair.B.EverInstalled);
        Assert.Contains("ts-unacceptable", pair.B.ReasonCodes);
    }

    static EnginePair Pair(ChildConfiguration a, ChildConfiguration b, bool behindNat = false, IMessageHooks? hooksA = null)
    {
        ConnectionConfiguration ofB = Connections.OfB() with { Children = [b] };
        if (behindNat)
            ofB = ofB with { RemoteAddress = null, RemoteIdentity = Identity.From(Connections.AddressA) };
        return new EnginePair(Connections.EngineA(Connections.OfA() with { Children = [a] }), Connections.EngineB(ofB), hooksA: hooksA)
        {
            Nat = behindNat ? new NatBox(Connections.AddressA, Outside) : null,
        };
    }

    static ChildConfiguration Transport() => Connections.Child([], []) with { Mode = ChildMode.Transport };
}
