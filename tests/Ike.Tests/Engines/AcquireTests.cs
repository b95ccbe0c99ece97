using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>A packet brings up what it fits into, and says so (RFC 7296 §2.9).</summary>
public class AcquireTests
{
    static readonly IpAddress Host = IpAddress.Parse("10.2.0.7");
    static readonly PacketFlow ToFirst = new(Host, IpAddress.Parse("10.1.3.4"), IpProtocol.Udp, 40000, 53);
    static readonly PacketFlow ToSecond = new(Host, IpAddress.Parse("10.9.0.1"), IpProtocol.Tcp, 40001, 443);

    [Fact]
    public void ThePacketComesFirstInTheSelectorsOfIkeAuth()
    {
        List<IkeMessage> sent = [];
        using EnginePair pair = Trapped(sent);
        Acquire(pair, ToFirst);

        Assert.Equal(("10.2.0.7-10.2.0.7/17/40000-40000 10.2.0.0-10.2.0.255/0/0-65535", "10.1.3.4-10.1.3.4/17/53-53 10.1.0.0-10.1.255.255/0/0-65535"),
            Selectors(sent, ExchangeType.IkeAuth));
        // The peer allows all of it, and what is less than that adds nothing.
        Assert.Equal<TrafficSelector>(Connections.Selectors(Connections.NetworkA), pair.A.OnlyChild.LocalSelectors);
        Assert.Equal<TrafficSelector>(Connections.Selectors(Connections.NetworkB), pair.A.OnlyChild.RemoteSelectors);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void OnlyTheChildThatThePacketFitsIntoComesUp()
    {
        List<IkeMessage> sent = [];
        using EnginePair pair = Trapped(sent);
        Acquire(pair, ToSecond);
        Assert.Equal("second", pair.A.OnlyChild.Child);

        Acquire(pair, ToFirst);
        Assert.Equal(["first", "second"], pair.A.Installed.Values.Select(child => child.Child).Order());
        Assert.StartsWith("10.2.0.7-10.2.0.7/17/40000-40000 ", Selectors(sent, ExchangeType.CreateChildSa).Initiator);
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void APacketThatFitsIntoNoChildAsksForNothing()
    {
        using EnginePair pair = Trapped([]);
        Acquire(pair, ToFirst with { Destination = IpAddress.Parse("192.0.2.1") });
        Acquire(pair, ToFirst with { Source = IpAddress.Parse("192.0.2.1") });
        // The second child carries TCP only.
        Acquire(pair, ToSecond with { Protocol = IpProtocol.Udp });
        Assert.Empty(pair.Sent);
    }

    [Fact]
    public void ARekeyProposesWhatIsInUseAndNotThePacket()
    {
        List<IkeMessage> sent = [];
        using EnginePair pair = Trapped(sent);
        Acquire(pair, ToFirst);
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(("10.2.0.0-10.2.0.255/0/0-65535", "10.1.0.0-10.1.255.255/0/0-65535"), Selectors(sent, ExchangeType.CreateChildSa));
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ACommandProposesNoPacket()
    {
        List<IkeMessage> sent = [];
        using EnginePair pair = Trapped(sent);
        pair.Do(room => room.A.Engine.Initiate("tunnel", "first", room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(("10.2.0.0-10.2.0.255/0/0-65535", "10.1.0.0-10.1.255.255/0/0-65535"), Selectors(sent, ExchangeType.IkeAuth));
    }

    [Fact]
    public void WhatEarlierPacketsWantedIsNotBroughtUpAgainAfterTheIkeSaEnded()
    {
        using EnginePair pair = Trapped([]);
        Acquire(pair, ToFirst);
        pair.Do(room => room.B.Engine.Terminate("tunnel", room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(pair.A.Installed);
        Acquire(pair, ToSecond);
        Assert.Equal("second", pair.A.OnlyChild.Child);
    }

    [Theory]
    [InlineData("port that cannot be seen", "10.2.0.7-10.2.0.7/17/0-65535 10.2.0.0-10.2.0.255/0/0-65535")]
    [InlineData("ICMP type and code", "10.2.0.7-10.2.0.7/1/2048-2048 10.2.0.0-10.2.0.255/0/0-65535")]
    public void APacketIsDescribedAsFarAsItCanBeSeen(string what, string expected)
    {
        List<IkeMessage> sent = [];
        using EnginePair pair = Trapped(sent);
        Acquire(pair, what[0] == 'p' ? ToFirst with { SourcePort = null, DestinationPort = null }
            : new PacketFlow(Host, ToFirst.Destination, IpProtocol.Icmp, 0x0800, 0x0800));
        Assert.Equal(expected, Selectors(sent, ExchangeType.IkeAuth).Initiator);
    }

    [Fact]
    public void WhatThePeerLeftOutOfAChildGetsAnSaOfItsOwn()
    {
        // The peer narrows to what comes first: the packet.
        var hooks = new MessageEditor
        {
            Outgoing = message => message with
            {
                Payloads = [.. message.Payloads.Select(payload => payload is TrafficSelectorPayload selectors
                    ? selectors with { Selectors = selectors.Selectors[..1] } : payload)],
            },
        };
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA() with { StartAction = StartAction.Traffic }), Connections.EngineB(),
            hooksA: hooks);
        pair.Do(room => room.A.Engine.Start(room.Now));
        for (int again = 0; again < 2; again++)
        {
            Acquire(pair, ToFirst);
            Acquire(pair, ToFirst with { Destination = IpAddress.Parse("10.1.3.5") });
            Assert.Equal(2, pair.A.Installed.Count);
        }
        Assert.Equal(["10.1.3.4", "10.1.3.5"], pair.A.Installed.Values.Select(child => child.RemoteSelectors.Single().Addresses.First.ToString()).Order());
        Agreement.AssertSame(pair);
        // Each is rekeyed by itself.
        pair.Do(room => Assert.Null(room.A.Engine.RekeyChild("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(2, pair.A.Installed.Count);
        Agreement.AssertSame(pair);
        for (ushort port = 1; port < 100; port++)
            Acquire(pair, ToFirst with { DestinationPort = port });
        Assert.Equal(ChildSlots.MaximumParts, pair.A.Installed.Count);
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
    }

    /// <summary>Two children; the second one carries TCP to another network.</summary>
    static EnginePair Trapped(List<IkeMessage> sent)
    {
        var hooks = new MessageEditor { Outgoing = message => { sent.Add(message); return message; } };
        ConnectionConfiguration a = Connections.OfA() with
        {
            StartAction = StartAction.Traffic,
            Children = [Connections.Child([Connections.NetworkA], [Connections.NetworkB], "first"), Tcp(Connections.NetworkA, "10.9.0.0/24")],
        };
        ConnectionConfiguration b = Connections.OfB() with
        {
            Children = [Connections.Child([Connections.NetworkB], [Connections.NetworkA], "first"), Tcp("10.9.0.0/24", Connections.NetworkA)],
        };
        var pair = new EnginePair(Connections.EngineA(a), Connections.EngineB(b), hooksA: hooks);
        pair.Do(room => room.A.Engine.Start(room.Now));
        Assert.Empty(pair.Sent);
        return pair;
    }

    static ChildConfiguration Tcp(string local, string remote) => Connections.Child([local], [remote], "second") with
    {
        LocalSelectors = [TrafficSelector.From(IpPrefix.Parse(local)) with { Protocol = IpProtocol.Tcp }],
        RemoteSelectors = [TrafficSelector.From(IpPrefix.Parse(remote)) with { Protocol = IpProtocol.Tcp }],
    };

    static void Acquire(EnginePair pair, PacketFlow packet)
    {
        pair.Do(room => room.A.Engine.HandleAcquire("tunnel", packet, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
    }

    /// <summary>Of the last request of that exchange.</summary>
    static (string Initiator, string Responder) Selectors(List<IkeMessage> sent, ExchangeType exchange)
    {
        IkeMessage request = sent.Last(message => message.Header.Exchange == exchange && message.Header.IsRequest);
        return (Text(PayloadType.TrafficSelectorInitiator), Text(PayloadType.TrafficSelectorResponder));

        string Text(PayloadType type) => string.Join(' ', request.Find<TrafficSelectorPayload>(type)!.Selectors.Select(selector =>
            $"{selector.Addresses.First}-{selector.Addresses.Last}/{selector.Protocol}/{selector.FirstPort}-{selector.LastPort}"));
    }
}
