using System.Collections.Immutable;
using Ipsec.Ike.Addresses;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Configuration payloads in both roles (RFC 7296 §2.19, §3.15): A asks for its addresses, B gives them.</summary>
public class VirtualIpTests
{
    static readonly ImmutableArray<IpAddress> AnyAddress = [IpAddress.AnyV4];

    [Fact]
    public void ClientGetsAnAddressAndNothingElseGoesThroughItsTunnel()
    {
        using EnginePair pair = Pair();
        pair.Establish();
        Assert.Equal<TrafficSelector>(Connections.Selectors("10.3.0.1/32"), pair.A.OnlyChild.LocalSelectors);
        Assert.Equal<TrafficSelector>(Connections.Selectors(Connections.NetworkB), pair.A.OnlyChild.RemoteSelectors);
        Agreement.AssertSame(pair);
        VirtualAddresses given = Assert.Single(pair.A.VirtualAddresses);
        Assert.Equal("tunnel", given.Connection);
        Assert.Equal([new AssignedAddress(IpAddress.Parse("10.3.0.1"), 32)], given.Configuration.Addresses);
        Assert.Equal([IpAddress.Parse("10.1.0.53")], given.Configuration.Dns);
        Assert.Equal(["corp.example"], given.Configuration.DnsDomains);
    }

    [Fact]
    public void BothFamiliesComeFromTwoPools()
    {
        using EnginePair pair = Pair(client => client with { VirtualIps = [IpAddress.AnyV4, IpAddress.AnyV6] },
            gateway => gateway with { Pools = ["four", "six"], Children = [Gateway("10.1.0.0/16", "2001:db8:1::/48")] });
        pair.Establish();
        Assert.Equal<TrafficSelector>(Connections.Selectors("10.3.0.1/32", "2001:db8:3::1/128"), pair.A.OnlyChild.LocalSelectors);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void AddressesOutliveRekeysOfBothSasFromEitherSide()
    {
        using EnginePair pair = Pair();
        pair.Establish();
        foreach (EngineNode node in new[] { pair.A, pair.B })
        {
            pair.Do(room => node.Engine.RekeyIke("tunnel", room.Now));
            pair.Run(TimeSpan.FromSeconds(1));
            pair.Do(room => node.Engine.RekeyChild("tunnel", null, room.Now));
            pair.Run(TimeSpan.FromSeconds(1));
            Assert.Equal<TrafficSelector>(Connections.Selectors("10.3.0.1/32"), pair.A.OnlyChild.LocalSelectors);
            Agreement.AssertSame(pair);
        }
        Assert.Single(pair.A.VirtualAddresses);
        pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(pair.A.VirtualAddresses);
    }

    [Fact]
    public void TheSameIdentityIsGivenTheSameAddressAgain()
    {
        using EnginePair pair = Pair();
        pair.Establish();
        for (int i = 0; i < 3; i++)
        {
            pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
            pair.Run(TimeSpan.FromSeconds(1));
            pair.Establish();
            Assert.Equal<TrafficSelector>(Connections.Selectors("10.3.0.1/32"), pair.A.OnlyChild.LocalSelectors);
        }
    }

    [Fact]
    public void AClientThatLostItsStateIsGivenTheSameAddressAgain()
    {
        using EnginePair pair = Pair();
        pair.Establish();
        // The gateway does not hear the farewell, and the client begins anew with INITIAL_CONTACT.
        pair.When(name => name.StartsWith("A INFORMATIONAL"), EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal<TrafficSelector>(Connections.Selectors("10.3.0.1/32"), pair.A.OnlyChild.LocalSelectors);
        Assert.Single(pair.B.Installed);
    }

    [Fact]
    public void AnExhaustedPoolIsAnInternalAddressFailureAndTheClientTriesAgainLater()
    {
        using EnginePair pair = Pair(pools: [Pool("four", "10.3.0.1", "10.3.0.1")], client: client =>
            client with { VirtualIps = [IpAddress.AnyV6], StartAction = StartAction.Start });
        pair.Do(room => room.A.Engine.Start(room.Now));
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Empty(pair.A.Installed);
        Assert.Contains("internal-address-failure", pair.B.ReasonCodes);
        Assert.Contains("internal-address-failure", pair.A.ReasonCodes);
        Assert.Empty(pair.A.Status(pair.Now).IkeSas);
        Assert.Empty(pair.B.Status(pair.Now).IkeSas);
        int attempts = pair.Sent.Count(name => name == "A IKE_SA_INIT request 0");
        pair.Run(TimeSpan.FromSeconds(20));
        Assert.InRange(pair.Sent.Count(name => name == "A IKE_SA_INIT request 0"), attempts + 1, attempts + 6);
        Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));
    }

    [Fact]
    public void APeerThatDoesNotAskIsToldThatItMust()
    {
        using EnginePair pair = Pair(client => client with { VirtualIps = [], Children = [Connections.Child(["10.2.0.0/24"], [Connections.NetworkB])] });
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(pair.A.Installed);
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Assert.Contains("failed-cp-required", pair.B.ReasonCodes);
        Assert.Contains("failed-cp-required", pair.A.ReasonCodes);
        // Asked for once more in CREATE_CHILD_SA, it is the same.
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(2, pair.B.ReasonCodes.Count(code => code == "failed-cp-required"));
    }

    [Fact]
    public void AGatewayWithoutPoolsIgnoresTheRequest()
    {
        using EnginePair pair = Pair(gateway: gateway => gateway with { Pools = [], Children = [Connections.Child([Connections.NetworkB], ["0.0.0.0/0"])] });
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(pair.A.Installed);
        Assert.Contains("internal-address-failure", pair.A.ReasonCodes);
        Assert.DoesNotContain(pair.B.Of<MessagePassed>(), passed => passed.Sent && passed.Payloads.Any(payload => payload.StartsWith("CP")));
    }

    [Fact]
    public void ClientTakesOnlyWhatIsItsOwnOfSelectorsThatAreTooWide()
    {
        // The gateway assigns an address and leaves TSi as it was proposed.
        using EnginePair pair = Pair(gateway: gateway => gateway with { Children = [Gateway(Connections.NetworkB) with { AcceptAnySelectors = true }] });
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal<TrafficSelector>(Connections.Selectors("0.0.0.0/0"), pair.B.OnlyChild.RemoteSelectors);
        Assert.Equal<TrafficSelector>(Connections.Selectors("10.3.0.1/32"), pair.A.OnlyChild.LocalSelectors);
    }

    [Fact]
    public void WhereBothMayLiveASecondIkeSaOfTheSameIdentityGetsAnAddressOfItsOwn()
    {
        using EnginePair pair = Pair(gateway: gateway => gateway with { DuplicatePolicy = DuplicatePolicy.Never }, hooksA: new MessageEditor
        {
            Outgoing = message => message with
            {
                Payloads = message.Payloads.RemoveAll(payload =>
                payload is NotifyPayload { NotifyType: NotifyType.InitialContact })
            },
        });
        pair.Establish();
        pair.When(name => name.StartsWith("A INFORMATIONAL"), EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal<TrafficSelector>(Connections.Selectors("10.3.0.2/32"), pair.A.OnlyChild.LocalSelectors);
        Assert.Equal(2, pair.B.Installed.Count);
    }

    [Fact]
    public void PushedConfigurationIsAcknowledgedByWhatIsTakenFromIt()
    {
        ConfigurationPayload? acknowledged = null;
        var hooksA = new MessageEditor
        {
            Outgoing = message =>
            {
                acknowledged = message.Find<ConfigurationPayload>() ?? acknowledged;
                return message;
            },
        };
        var hooksB = new MessageEditor
        {
            Outgoing = message => message.Header is { Exchange: ExchangeType.Informational, IsRequest: true } ? message with
            {
                Payloads =
                [
                    new ConfigurationPayload(ConfigurationType.Set,
                    [
                        ConfigurationAttribute.Of(ConfigurationAttributeType.InternalIp4Dns, IpAddress.Parse("10.1.0.99")),
                        ConfigurationAttribute.Of(ConfigurationAttributeType.InternalIp4Address, IpAddress.Parse("10.3.0.99")),
                    ]),
                ],
            } : message,
        };
        using EnginePair pair = Pair(gateway: gateway => gateway with { DeadPeerDetectionDelay = TimeSpan.FromSeconds(10) }, hooksA: hooksA, hooksB: hooksB);
        pair.Establish();
        pair.Run(TimeSpan.FromSeconds(12));
        Assert.Equal(ConfigurationType.Acknowledge, acknowledged?.ConfigurationType);
        Assert.Equal([new ConfigurationAttribute(ConfigurationAttributeType.InternalIp4Dns)], acknowledged!.Attributes);
        AssignedConfiguration given = Assert.Single(pair.A.VirtualAddresses).Configuration;
        Assert.Equal([IpAddress.Parse("10.1.0.99")], given.Dns);
        Assert.Equal("10.3.0.1", Assert.Single(given.Addresses).Address.ToString());
    }

    [Fact]
    public void AGatewayWhosePoolTellsSomethingElsePushesItToItsClients()
    {
        using EnginePair pair = Pair();
        pair.Establish();
        IkeEngineConfiguration before = pair.B.Configuration;
        AddressPool changed = before.Pools[0] with
        {
            Dns = [IpAddress.Parse("10.1.0.77"), IpAddress.Parse("2001:db8::77")],
            DnsDomains = ["corp.example"],
            Subnets = [IpPrefix.Parse("10.9.0.0/16")]
        };
        // Twice in a row, and only what counts in the end goes out after what is under way.
        pair.Do(room => room.B.Engine.Reload(before with { Pools = [changed with { Dns = [IpAddress.Parse("10.1.0.55")] }] }, room.Now));
        pair.Do(room => room.B.Engine.Reload(before with { Pools = [changed with { Dns = [IpAddress.Parse("10.1.0.66")] }] }, room.Now));
        pair.Do(room => room.B.Engine.Reload(before with { Pools = [changed] }, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(["B INFORMATIONAL request 0", "A INFORMATIONAL response 0", "B INFORMATIONAL request 1", "A INFORMATIONAL response 1"], pair.Sent.Skip(4));
        Assert.Contains(pair.B.Of<MessagePassed>(), passed => passed.Notes.Contains("the peer took 4 of 4 attributes"));
        AssignedConfiguration given = Assert.Single(pair.A.VirtualAddresses).Configuration;
        Assert.Equal(changed.Dns, given.Dns);
        Assert.Equal(["corp.example"], given.DnsDomains);
        Assert.Equal(changed.Subnets, given.Subnets);
        Assert.Equal("10.3.0.1", Assert.Single(given.Addresses).Address.ToString());
        // The same again, or another range alone, is nothing to tell.
        pair.Do(room => room.B.Engine.Reload(before with { Pools = [changed with { Addresses = Pool("four", "10.3.0.1", "10.3.0.200").Addresses }] },
            room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(8, pair.Sent.Count);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void AClientThatIgnoresWhatIsPushedLosesNothing()
    {
        var hooksA = new MessageEditor
        {
            Outgoing = message => message.Header is { Exchange: ExchangeType.Informational, IsResponse: true }
            ? message with { Payloads = [] } : message
        };
        using EnginePair pair = Pair(hooksA: hooksA);
        pair.Establish();
        IkeEngineConfiguration before = pair.B.Configuration;
        pair.Do(room => room.B.Engine.Reload(before with { Pools = [before.Pools[0] with { Dns = [IpAddress.Parse("10.1.0.77")] }] }, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Contains(pair.B.Of<MessagePassed>(), passed => passed.Notes.Contains("the peer took nothing of it"));
        Assert.Single(pair.B.Installed);
    }

    [Fact]
    public void ARequestInARekeyOfTheChildIsAnsweredWithWhatThePeerHas()
    {
        ConfigurationPayload? answer = null;
        var hooksA = new MessageEditor
        {
            Outgoing = message => message is { Header: { Exchange: ExchangeType.CreateChildSa, IsRequest: true } }
                ? message with { Payloads = message.Payloads.Insert(0, ConfigurationRequest.For(AnyAddress, [])) } : message,
        };
        var hooksB = new MessageEditor
        {
            Outgoing = message =>
            {
                if (message.Header is { Exchange: ExchangeType.CreateChildSa, IsRequest: false })
                    answer = message.Find<ConfigurationPayload>();
                return message;
            },
        };
        using EnginePair pair = Pair(hooksA: hooksA, hooksB: hooksB);
        pair.Establish();
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal("10.3.0.1", Assert.Single(AssignedConfiguration.Read(answer!, AnyAddress).Addresses).Address.ToString());
        Agreement.AssertSame(pair);
    }

    [Theory]
    [InlineData("0001 0003 0a0300")]
    [InlineData("0001 ffff")]
    [InlineData("0001 0004 0a03")]
    public void AMalformedRequestLeavesNothingBehind(string attribute)
    {
        byte[] body = [1, 0, 0, 0, .. HexText.Parse(attribute)];
        var hooksA = new MessageEditor
        {
            Outgoing = message => message with
            {
                Payloads = [.. message.Payloads.Select(payload => payload is ConfigurationPayload ? new OpaquePayload(PayloadType.Configuration, body)
                    : payload)],
            },
        };
        using EnginePair pair = Pair(hooksA: hooksA);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(pair.B.Installed);
        Assert.Empty(pair.B.Status(pair.Now).IkeSas);
        Assert.Equal(0, pair.B.LooseSpis);
    }

    [Theory]
    [InlineData(DuplicatePolicy.Keep)]
    [InlineData(DuplicatePolicy.Never)]
    public void AClientThatAuthenticatesAgainKeepsItsAddressesHoweverFewThereAre(DuplicatePolicy duplicates)
    {
        using EnginePair pair = Pair(
            client => client with { ReauthenticationTime = TimeSpan.FromHours(1), VirtualIps = [IpAddress.AnyV4, IpAddress.AnyV6, IpAddress.AnyV4] },
            gateway => gateway with { DuplicatePolicy = duplicates, Pools = ["four", "six"], Children = [Gateway("10.1.0.0/16", "2001:db8:1::/48")] },
            [Pool("four", "10.3.0.1", "10.3.0.2"), Pool("six", "2001:db8:3::1", "2001:db8:3::1")]);
        pair.Establish();
        TrafficSelector[] first = [.. pair.A.OnlyChild.LocalSelectors];
        Assert.Equal(3, first.Length);
        Assert.False(pair.Run(TimeSpan.FromHours(5), () => pair.A.Installed.Count == 0 || pair.B.Installed.Count == 0));
        Assert.InRange(pair.A.Of<IkeSaEstablished>().Count(), 5, 8);
        Assert.Equal<TrafficSelector>(first, pair.A.OnlyChild.LocalSelectors);
        Assert.Equal(3, Assert.Single(pair.A.VirtualAddresses).Configuration.Addresses.Length);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ReauthenticationThatGetsNoAddressLeavesTheOldIkeSaAlone()
    {
        // A client that does not say which address it has.
        using EnginePair pair = Pair(client => client with { ReauthenticationTime = TimeSpan.FromHours(1) },
            gateway => gateway with { DuplicatePolicy = DuplicatePolicy.Never }, [Pool("four", "10.3.0.1", "10.3.0.1")], new MessageEditor
            {
                Outgoing = message => message with
                {
                    Payloads = [.. message.Payloads.Select(payload => payload is ConfigurationPayload ? ConfigurationRequest.For(AnyAddress, []) : payload)],
                },
            });
        pair.Establish();
        Assert.False(pair.Run(TimeSpan.FromMinutes(58), () => pair.A.Installed.Count == 0));
        Assert.Contains("internal-address-failure", pair.A.ReasonCodes);
        Agreement.AssertSame(pair);
    }

    static EnginePair Pair(Func<ConnectionConfiguration, ConnectionConfiguration>? client = null, Func<ConnectionConfiguration,
        ConnectionConfiguration>? gateway = null,
        ImmutableArray<AddressPool>? pools = null, IMessageHooks? hooksA = null, IMessageHooks? hooksB = null)
    {
        ConnectionConfiguration ofA = Connections.OfA() with
        {
            VirtualIps = AnyAddress,
            Children = [Connections.Child([], [Connections.NetworkB, "2001:db8:1::/48"]) with { DynamicLocalSelectors = [DynamicSelector.Any] }],
        };
        ConnectionConfiguration ofB = Connections.OfB() with { Pools = ["four"], Children = [Gateway(Connections.NetworkB)] };
        return new EnginePair(Connections.EngineA(client?.Invoke(ofA) ?? ofA), Connections.EngineB(gateway?.Invoke(ofB) ?? ofB) with
        {
            Pools = pools ??
            [
                Pool("four", "10.3.0.1", "10.3.0.9") with { Dns = [IpAddress.Parse("10.1.0.53")], DnsDomains = ["corp.example"] },
                Pool("six", "2001:db8:3::1", "2001:db8:3::9"),
            ],
        }, hooksA: hooksA, hooksB: hooksB);
    }

    static ChildConfiguration Gateway(params string[] networks) => Connections.Child(networks, []) with { DynamicRemoteSelectors = [DynamicSelector.Any] };

    static AddressPool Pool(string name, string first, string last) =>
        new() { Name = name, Addresses = new IpAddressRange(IpAddress.Parse(first), IpAddress.Parse(last)) };
}
