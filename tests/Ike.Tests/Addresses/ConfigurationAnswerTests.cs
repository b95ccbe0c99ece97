using System.Collections.Immutable;
using Ipsec.Ike.Addresses;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;
using static Ipsec.Ike.Wire.ConfigurationAttributeType;

namespace Ipsec.Ike.Tests.Addresses;

public class ConfigurationAnswerTests
{
    static readonly Identity Alice = Identity.Parse("alice.example");

    [Fact]
    public void GivesAddressesAndTellsWhatBelongsToThem()
    {
        List<AddressLease> held = [];
        ConfigurationPayload reply = Answer(held, Ask(InternalIp4Address), Ask(InternalIp6Address), Ask(InternalIp4Netmask), Ask(InternalDnsDomain));
        Assert.Equal(ConfigurationType.Reply, reply.ConfigurationType);
        AssignedConfiguration read = AssignedConfiguration.Read(reply, [IpAddress.AnyV4, IpAddress.AnyV6]);
        Assert.Equal([new AssignedAddress(IpAddress.Parse("10.3.0.1"), 24), new AssignedAddress(IpAddress.Parse("2001:db8:3::1"), 128)], read.Addresses);
        Assert.Equal([IpAddress.Parse("10.1.0.53"), IpAddress.Parse("2001:db8::53")], read.Dns);
        Assert.Equal([IpAddress.Parse("10.1.0.54")], read.Nbns);
        Assert.Equal([IpPrefix.Parse("10.1.0.0/16")], read.Subnets);
        Assert.Equal(["corp.example"], read.DnsDomains);
        Assert.Equal(2, held.Count);
    }

    [Fact]
    public void TellsDomainsOnlyToWhoAsks() =>
        Assert.DoesNotContain(Answer([], Ask(InternalIp4Address)).Attributes, attribute => attribute.Type == InternalDnsDomain);

    [Fact]
    public void TellsWhoAsksAgainTheAddressesThatItHas()
    {
        List<AddressLease> held = [];
        ConfigurationPayload first = Answer(held, Ask(InternalIp4Address));
        Assert.Equal(first, Answer(held, Ask(InternalIp4Address)));
        Assert.Single(held);
    }

    [Fact]
    public void LeavesOutAFamilyThatNoPoolHas()
    {
        List<AddressLease> held = [];
        var four = new LeasedPool(Pool("four", "10.3.0.1", "10.3.0.9"), []);
        ConfigurationPayload reply = ConfigurationAnswer.To(new ConfigurationPayload(ConfigurationType.Request,
            [Ask(InternalIp6Address), Ask(InternalIp4Address)]),
            [four], Alice, held, mayShare: _ => false);
        Assert.Equal(InternalIp4Address, Assert.Single(reply.Attributes).Type);
    }

    [Fact]
    public void BoundsTheAddressesOfOneAsker()
    {
        List<AddressLease> held = [];
        Answer(held, [.. Enumerable.Repeat(Ask(InternalIp4Address), WireLimits.ConfigurationAttributes)]);
        Assert.Equal(ConfigurationAnswer.MaximumAddresses, held.Count);
    }

    [Fact]
    public void FallsBackToTheNextPoolWhenOneIsExhausted()
    {
        List<AddressLease> held = [];
        ImmutableArray<LeasedPool> pools = [new(Pool("one", "10.3.0.1", "10.3.0.1"), []), new(Pool("two", "10.4.0.1", "10.4.0.1"), [])];
        ConfigurationPayload request = new(ConfigurationType.Request, [Ask(InternalIp4Address), Ask(InternalIp4Address), Ask(InternalIp4Address)]);
        ConfigurationPayload reply = ConfigurationAnswer.To(request, pools, Alice, held, mayShare: _ => false);
        Assert.Equal(["10.3.0.1", "10.4.0.1"], held.Select(lease => lease.Address.ToString()));
        Assert.Equal(2, reply.Attributes.Length);
    }

    [Fact]
    public void DeclinesToTellItsVersionAndTellsWhatItUnderstands()
    {
        ConfigurationPayload reply = Answer([], Ask(ApplicationVersion), Ask(SupportedAttributes), Ask((ConfigurationAttributeType)0x7ABC));
        Assert.Equal(0, reply.Attributes.Single(attribute => attribute.Type == ApplicationVersion).Value.Length);
        ConfigurationAttribute supported = reply.Attributes.Single(attribute => attribute.Type == SupportedAttributes);
        Assert.Equal(26, supported.Value.Length);
        Assert.DoesNotContain(reply.Attributes, attribute => attribute.Type == (ConfigurationAttributeType)0x7ABC);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("127.0.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("ff02::1")]
    public void TakesNoAddressThatIsNobodys(string address)
    {
        IpAddress given = IpAddress.Parse(address);
        var reply = new ConfigurationPayload(ConfigurationType.Reply, [ConfigurationAttribute.Of(given.IsV6 ? InternalIp6Address : InternalIp4Address, given)]);
        Assert.Empty(AssignedConfiguration.Read(reply, [IpAddress.AnyV4, IpAddress.AnyV6]).Addresses);
    }

    [Fact]
    public void TakesNoMoreAddressesThanItAskedFor()
    {
        var reply = new ConfigurationPayload(ConfigurationType.Reply,
            [.. Enumerable.Range(1, 100).Select(i => ConfigurationAttribute.Of(InternalIp4Address, IpAddress.Parse($"10.3.0.{i}")))]);
        Assert.Single(AssignedConfiguration.Read(reply, [IpAddress.AnyV4]).Addresses);
        Assert.Empty(AssignedConfiguration.Read(reply, [IpAddress.AnyV6]).Addresses);
    }

    [Fact]
    public void TakesNoTextThatATerminalWouldObey() => Assert.Equal("", AssignedConfiguration.Read(
        new ConfigurationPayload(ConfigurationType.Reply, [new ConfigurationAttribute(ApplicationVersion, new byte[] { 0x1B, 0x5B, 0x32, 0x4A })]), [])
            .ApplicationVersion);

    static ConfigurationAttribute Ask(ConfigurationAttributeType type) => new(type);

    static ConfigurationPayload Answer(List<AddressLease> held, params ImmutableArray<ConfigurationAttribute> asked) =>
        ConfigurationAnswer.To(new ConfigurationPayload(ConfigurationType.Request, asked), Pools, Alice, held, mayShare: _ => false);

    static ImmutableArray<LeasedPool> Pools =>
    [
        new(Pool("four", "10.3.0.1", "10.3.0.250") with
        {
            PrefixLength = 24, Dns = [IpAddress.Parse("10.1.0.53")], Nbns = [IpAddress.Parse("10.1.0.54")], Subnets = [IpPrefix.Parse("10.1.0.0/16")],
            DnsDomains = ["corp.example"],
        }, []),
        new(Pool("six", "2001:db8:3::1", "2001:db8:3::ffff") with { Dns = [IpAddress.Parse("2001:db8::53")] }, []),
    ];

    static AddressPool Pool(string name, string first, string last) =>
        new() { Name = name, Addresses = new IpAddressRange(IpAddress.Parse(first), IpAddress.Parse(last)) };
}
