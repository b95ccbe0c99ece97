using System.Collections.Immutable;
using System.Reflection;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Configuration;

/// <summary>A reload compares configurations by value: what reads the same is the same, and any difference is seen.</summary>
public sealed class ConfigurationEqualityTests
{
    /// <summary>For every property a value other than that of <see cref="Connection"/>.</summary>
    static readonly Dictionary<string, object?> OtherConnectionValues = new()
    {
        [nameof(ConnectionConfiguration.Name)] = "other",
        [nameof(ConnectionConfiguration.LocalAddress)] = IpAddress.Parse("192.0.2.9"),
        [nameof(ConnectionConfiguration.RemoteAddress)] = null,
        [nameof(ConnectionConfiguration.AcceptedRemoteAddresses)] = ImmutableArray.Create(IpPrefix.AnyV4),
        [nameof(ConnectionConfiguration.RemoteIkePort)] = (ushort)1500,
        [nameof(ConnectionConfiguration.RemoteNatTraversalPort)] = (ushort)14500,
        [nameof(ConnectionConfiguration.LocalIdentity)] = null,
        [nameof(ConnectionConfiguration.RemoteIdentity)] = Identity.Fqdn("someone.example"),
        [nameof(ConnectionConfiguration.LocalAuthentication)] = new LocalAuthentication.SignatureAuthentication([]),
        [nameof(ConnectionConfiguration.RemoteAuthentication)] = new RemoteAuthentication(),
        [nameof(ConnectionConfiguration.PostquantumKeys)] = ImmutableArray.Create(new PostquantumKey { Identity = "ppk", Key = new Secret(new byte[32]) }),
        [nameof(ConnectionConfiguration.RequiresPostquantumKey)] = true,
        [nameof(ConnectionConfiguration.ReauthenticationTime)] = TimeSpan.FromHours(3),
        [nameof(ConnectionConfiguration.InitiatorProposals)] = ImmutableArray.Create(Proposal(KeyExchangeMethod.Modp1024)),
        [nameof(ConnectionConfiguration.ResponderProposals)] = ImmutableArray<AlgorithmProposal>.Empty,
        [nameof(ConnectionConfiguration.Lifetime)] = new Lifetime { RekeyTime = TimeSpan.FromHours(1), HardTime = TimeSpan.FromHours(3) },
        [nameof(ConnectionConfiguration.MayInitiate)] = false,
        [nameof(ConnectionConfiguration.MayRespond)] = false,
        [nameof(ConnectionConfiguration.StartAction)] = StartAction.Traffic,
        [nameof(ConnectionConfiguration.CloseAction)] = EndAction.Trap,
        [nameof(ConnectionConfiguration.DeadPeerAction)] = EndAction.None,
        [nameof(ConnectionConfiguration.Retransmission)] = new RetransmissionPolicy { Tries = 3 },
        [nameof(ConnectionConfiguration.MaximumRetryDelay)] = TimeSpan.FromSeconds(70),
        [nameof(ConnectionConfiguration.DeadPeerDetectionDelay)] = TimeSpan.FromSeconds(9),
        [nameof(ConnectionConfiguration.StartDelay)] = TimeSpan.FromSeconds(8),
        [nameof(ConnectionConfiguration.RetryDelay)] = TimeSpan.FromSeconds(7),
        [nameof(ConnectionConfiguration.ForceUdpEncapsulation)] = true,
        [nameof(ConnectionConfiguration.Fragmentation)] = FragmentationPolicy.No,
        [nameof(ConnectionConfiguration.FragmentSize)] = 576,
        [nameof(ConnectionConfiguration.DuplicatePolicy)] = DuplicatePolicy.Never,
        [nameof(ConnectionConfiguration.VirtualIps)] = ImmutableArray.Create(IpAddress.AnyV4),
        [nameof(ConnectionConfiguration.Pools)] = ImmutableArray.Create("clients"),
        [nameof(ConnectionConfiguration.Childless)] = ChildlessPolicy.Force,
        [nameof(ConnectionConfiguration.FollowRedirects)] = false,
        [nameof(ConnectionConfiguration.RedirectTo)] = RedirectTarget.Parse("gw.example"),
        [nameof(ConnectionConfiguration.RedirectAt)] = RedirectMoment.Auth,
        [nameof(ConnectionConfiguration.RemoteName)] = "branch.example",
        [nameof(ConnectionConfiguration.Mobike)] = new MobikeOptions(),
        [nameof(ConnectionConfiguration.Children)] = ImmutableArray.Create(Child() with { ReplayWindow = 0 }),
    };

    static readonly Dictionary<string, object?> OtherChildValues = new()
    {
        [nameof(ChildConfiguration.Name)] = "other",
        [nameof(ChildConfiguration.InitiatorProposals)] = ImmutableArray<AlgorithmProposal>.Empty,
        [nameof(ChildConfiguration.ResponderProposals)] = ImmutableArray.Create(Proposal(KeyExchangeMethod.Ecp256)),
        [nameof(ChildConfiguration.LocalSelectors)] = ImmutableArray.Create(TrafficSelector.AnyV4),
        [nameof(ChildConfiguration.RemoteSelectors)] = ImmutableArray.Create(TrafficSelector.AnyV6),
        [nameof(ChildConfiguration.DynamicLocalSelectors)] = ImmutableArray.Create(DynamicSelector.Any),
        [nameof(ChildConfiguration.DynamicRemoteSelectors)] = ImmutableArray.Create(new DynamicSelector(6, 80, 80)),
        [nameof(ChildConfiguration.Mode)] = ChildMode.Transport,
        [nameof(ChildConfiguration.AcceptAnySelectors)] = true,
        [nameof(ChildConfiguration.Lifetime)] = new Lifetime { RekeyTime = TimeSpan.FromHours(1), HardTime = TimeSpan.FromHours(3) },
        [nameof(ChildConfiguration.ReplayWindow)] = 64,
        [nameof(ChildConfiguration.InactivityTimeout)] = TimeSpan.FromMinutes(10),
    };

    static readonly Dictionary<string, object?> OtherProposalValues = new()
    {
        [nameof(AlgorithmProposal.Protocol)] = ProtocolId.Esp,
        [nameof(AlgorithmProposal.Encryption)] = ImmutableArray.Create(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 128)),
        [nameof(AlgorithmProposal.PseudorandomFunctions)] = ImmutableArray<PseudorandomFunction>.Empty,
        [nameof(AlgorithmProposal.Integrity)] = ImmutableArray.Create(IntegrityAlgorithm.HmacSha1_96),
        [nameof(AlgorithmProposal.KeyExchange)] = ImmutableArray.Create(KeyExchangeMethod.Ecp384),
        [nameof(AlgorithmProposal.ExtendedSequenceNumbers)] = ImmutableArray.Create(true),
        [nameof(AlgorithmProposal.AdditionalKeyExchanges)] = ImmutableArray.Create(ImmutableArray.Create(KeyExchangeMethod.Ecp384)),
    };

    public static TheoryData<string> ConnectionProperties => PropertiesOf(typeof(ConnectionConfiguration));

    public static TheoryData<string> ChildProperties => PropertiesOf(typeof(ChildConfiguration));

    public static TheoryData<string> ProposalProperties => PropertiesOf(typeof(AlgorithmProposal));

    [Fact]
    public void ConfigurationsThatWereBuiltTwiceAreEqual()
    {
        Assert.Equal(Connection(), Connection());
        Assert.Equal(Connection().GetHashCode(), Connection().GetHashCode());
        Assert.Equal(Child().GetHashCode(), Child().GetHashCode());
        Assert.Equal(Proposal(KeyExchangeMethod.Modp2048).GetHashCode(), Proposal(KeyExchangeMethod.Modp2048).GetHashCode());
    }

    [Theory]
    [MemberData(nameof(ConnectionProperties))]
    public void SeesADifferenceInAnyPropertyOfAConnection(string property) =>
        Assert.NotEqual(Connection(), With(Connection(), property, OtherConnectionValues));

    [Theory]
    [MemberData(nameof(ChildProperties))]
    public void SeesADifferenceInAnyPropertyOfAChild(string property) => Assert.NotEqual(Child(), With(Child(), property, OtherChildValues));

    [Theory]
    [MemberData(nameof(ProposalProperties))]
    public void SeesADifferenceInAnyPropertyOfAProposal(string property) =>
        Assert.NotEqual(Proposal(KeyExchangeMethod.Modp2048), With(Proposal(KeyExchangeMethod.Modp2048), property, OtherProposalValues));

    [Fact]
    public void AnUnsetListIsAnEmptyOne()
    {
        Assert.True(ValueEquality.Same(default, ImmutableArray<int>.Empty));
        Assert.False(ValueEquality.Same([1], default));
        Assert.False(ValueEquality.Same([1, 2], [2, 1]));
    }

    static TheoryData<string> PropertiesOf(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).Select(property => property.Name)];

    /// <summary>The same record with one property set to another value; fails for a property that nobody gave another value.</summary>
    static T With<T>(T record, string property, Dictionary<string, object?> otherValues)
    {
        typeof(T).GetProperty(property)!.SetValue(record, otherValues[property]);
        return record;
    }

    static ConnectionConfiguration Connection() => new()
    {
        Name = "hub-to-branch",
        LocalAddress = IpAddress.Parse("198.51.100.10"),
        RemoteAddress = IpAddress.Parse("203.0.113.5"),
        AcceptedRemoteAddresses = [IpPrefix.Parse("203.0.113.0/24")],
        LocalIdentity = Identity.Fqdn("hub.example"),
        InitiatorProposals = [Proposal(KeyExchangeMethod.Modp2048)],
        ResponderProposals = [Proposal(KeyExchangeMethod.Modp2048), Proposal(KeyExchangeMethod.Curve25519)],
        Lifetime = new Lifetime { RekeyTime = TimeSpan.FromHours(1), HardTime = TimeSpan.FromHours(2) },
        Children = [Child()],
    };

    static ChildConfiguration Child() => new()
    {
        Name = "net",
        InitiatorProposals = [Proposal(KeyExchangeMethod.Modp2048)],
        ResponderProposals = [Proposal(KeyExchangeMethod.Modp2048)],
        LocalSelectors = [TrafficSelector.From(IpPrefix.Parse("10.1.0.0/16"))],
        RemoteSelectors = [TrafficSelector.From(IpPrefix.Parse("10.2.0.0/24"))],
        Lifetime = new Lifetime { RekeyTime = TimeSpan.FromHours(1), HardTime = TimeSpan.FromHours(2) },
    };

    static AlgorithmProposal Proposal(KeyExchangeMethod group) => new(ProtocolId.Ike,
        [new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256)], [PseudorandomFunction.HmacSha256],
        [IntegrityAlgorithm.HmacSha256_128], [group], [false]);
}
