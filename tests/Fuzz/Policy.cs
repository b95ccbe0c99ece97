using System.Collections.Immutable;
using System.Text;
using Ipsec.Crypto;
using Ipsec.Crypto.Certificates;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Wire;
using Ipsec.Net;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Fuzz;

/// <summary>How the engine under attack is configured, and the values that its IKE SAs are made from in place of a handshake.</summary>
static class Policy
{
    public const string Site = "site", Certified = "certified", Gateway = "gateway", Client = "client", Quantum = "quantum", Raw = "raw",
        Away = "away";

    public static readonly IpAddress TargetAddress = IpAddress.Parse("198.51.100.10");
    public static readonly IpAddress PeerAddress = IpAddress.Parse("203.0.113.5");

    /// <summary>As the target sees it.</summary>
    public static readonly NetworkPath Path = new(new TransportAddress(TargetAddress, 500), new TransportAddress(PeerAddress, 500), PathEncapsulation.Ike);
    public static readonly NetworkPath NatPath = new(new TransportAddress(TargetAddress, 4500), new TransportAddress(PeerAddress, 4500),
        PathEncapsulation.UdpEncapsulated);

    public static readonly Instant Begin = new(TimeSpan.FromSeconds(1), CertificateOptions.Now);

    public static readonly Identity TargetIdentity = Identity.Fqdn("target.example");
    public static readonly Identity SiteIdentity = Identity.Fqdn("site.example");
    public static readonly Identity CertifiedIdentity = Identity.Fqdn("certified.example");
    public static readonly Identity ClientIdentity = Identity.Fqdn("client.example");

    public static readonly Identity QuantumIdentity = Identity.Fqdn("quantum.example");
    public static readonly Identity RawIdentity = Identity.Fqdn("raw.example");
    public static readonly Identity AwayIdentity = Identity.Fqdn("away.example");

    public const string PlainIke = "aes256gcm16-prfsha256-curve25519";
    public const string HybridIke = "aes256gcm16-prfsha256-curve25519-ke1_ecp256";
    public const string PlainEsp = "aes256gcm16";
    public const string GroupEsp = "aes256gcm16-curve25519";
    public const string HybridEsp = "aes256gcm16-curve25519-ke1_ecp256";

    public static readonly IkeSuite PlainSuite = SuiteOf(PlainIke);
    public static readonly IkeSuite HybridSuite = SuiteOf(HybridIke);
    public static readonly Dictionary<string, EspSuite> EspSuites = new[] { PlainEsp, GroupEsp, HybridEsp }.ToDictionary(text => text, text =>
        Choose(Esp(text)).ToEspSuite());
    public static readonly Secret Key = new("the key of the fuzzer"u8);

    public static readonly PostquantumKey PostquantumKey = new() { Identity = "quantum", Key = new Secret("the post-quantum key of the fuzzer"u8) };

    // Made once: AUTH covers them, and is the same in every attempt then.
    public static readonly InitialMessages Messages = new(Octets(200, 1), Octets(200, 2), Octets(32, 3), Octets(32, 4));

    static readonly TestCertificate Root = TestCertificate.Root("CN=Fuzz Root");
    public static readonly TestCertificate TargetCertificate = Root.Issue("CN=target", new CertificateOptions { Key = "ed25519", Dns = ["target.example"] });
    public static readonly TestCertificate PeerCertificate = Root.Issue("CN=certified", new CertificateOptions
    {
        Key = "ed25519",
        Dns = ["certified.example"]
    });

    static readonly Lifetime Long = new() { RekeyTime = TimeSpan.FromHours(8), HardTime = TimeSpan.FromHours(9), RekeyJitter = TimeSpan.FromMinutes(5) };

    public static ImmutableArray<AlgorithmProposal> Ike(params string[] texts) => [.. texts.Select(text => ProposalText.Parse(text, ProtocolId.Ike))];

    public static ImmutableArray<AlgorithmProposal> Esp(params string[] texts) => [.. texts.Select(text => ProposalText.Parse(text, ProtocolId.Esp))];

    public static byte[] Octets(int count, byte first) => [.. Enumerable.Range(0, count).Select(i => (byte)(first + 7 * i))];

    /// <summary>The same keys for every IKE SA; each call makes an owner of its own.</summary>
    public static IkeKeys NewKeys() => new()
    {
        SkD = new Secret(Octets(32, 10)),
        SkAi = new Secret([]),
        SkAr = new Secret([]),
        SkEi = new Secret(Octets(36, 20)),
        SkEr = new Secret(Octets(36, 30)),
        SkPi = new Secret(Octets(32, 40)),
        SkPr = new Secret(Octets(32, 50)),
    };

    /// <param name="cookieThreshold">0 makes every initiator return a cookie.</param>
    public static IkeEngineConfiguration Engine(int cookieThreshold) => new()
    {
        Connections = [SiteConnection, CertifiedConnection, GatewayConnection, ClientConnection, QuantumConnection, RawConnection, AwayConnection],
        PresharedKeys = [new PresharedKey { Key = Key }],
        LocalAddresses = [TargetAddress],
        Pools = [new AddressPool { Name = "pool", Addresses = new IpAddressRange(IpAddress.Parse("10.9.0.1"), IpAddress.Parse("10.9.0.200")) }],
        QuickCrashDetectionSecret = new Secret(Encoding.ASCII.GetBytes("tokens come from this secret")),
        Options = new IkeEngineOptions { CookieThreshold = cookieThreshold },
    };

    public static ConnectionConfiguration SiteConnection { get; } = new()
    {
        Name = Site,
        RemoteAddress = PeerAddress,
        LocalIdentity = TargetIdentity,
        RemoteIdentity = SiteIdentity,
        InitiatorProposals = Ike(PlainIke, HybridIke),
        ResponderProposals = Ike(PlainIke, HybridIke),
        Lifetime = Long,
        DeadPeerDetectionDelay = TimeSpan.Zero,
        Mobike = new MobikeOptions(),
        Children = [Child("net", PlainEsp, "10.1.0.0/16", "10.2.0.0/16"), Child("group", GroupEsp, "10.3.0.0/16", "10.4.0.0/16"), Child("hybrid",
            HybridEsp, "10.5.0.0/16", "10.6.0.0/16")],
    };

    static ConnectionConfiguration CertifiedConnection { get; } = SiteConnection with
    {
        Name = Certified,
        RemoteIdentity = CertifiedIdentity,
        LocalAuthentication = new LocalAuthentication.SignatureAuthentication([new LocalSigner { Key = TargetCertificate.Key,
            Chain = [TargetCertificate.Certificate] }]),
        RemoteAuthentication = new RemoteAuthentication { Trust = new CertificatePathValidator([Root.Certificate], [], []) },
    };

    static ConnectionConfiguration GatewayConnection { get; } = SiteConnection with
    {
        Name = Gateway,
        RemoteIdentity = ClientIdentity,
        Pools = ["pool"],
        Mobike = null,
        Children = [Child("net", PlainEsp, "0.0.0.0/0") with { DynamicRemoteSelectors = [DynamicSelector.Any] }],
    };

    static ConnectionConfiguration ClientConnection { get; } = SiteConnection with
    {
        Name = Client,
        VirtualIps = [IpAddress.Parse("0.0.0.0")],
        Children = [Child("net", PlainEsp, null, "0.0.0.0/0") with { DynamicLocalSelectors = [DynamicSelector.Any] }],
    };

    static ConnectionConfiguration QuantumConnection { get; } = SiteConnection with
    {
        Name = Quantum,
        RemoteIdentity = QuantumIdentity,
        PostquantumKeys = [PostquantumKey],
    };

    static ConnectionConfiguration RawConnection { get; } = SiteConnection with
    {
        Name = Raw,
        RemoteIdentity = RawIdentity,
        LocalAuthentication = new LocalAuthentication.SignatureAuthentication([new LocalSigner { Key = TargetCertificate.Key }]),
        RemoteAuthentication = new RemoteAuthentication { TrustedKeys = [PeerCertificate.Key.PublicKey] },
    };

    static ConnectionConfiguration AwayConnection { get; } = SiteConnection with
    {
        Name = Away,
        RemoteIdentity = AwayIdentity,
        RedirectTo = RedirectTarget.Of(IpAddress.Parse("192.0.2.7")),
        RedirectAt = RedirectMoment.Auth,
    };

    static ChildConfiguration Child(string name, string esp, string? local, string? remote = null) => new()
    {
        Name = name,
        InitiatorProposals = Esp(esp),
        ResponderProposals = Esp(esp),
        LocalSelectors = Selectors(local),
        RemoteSelectors = Selectors(remote),
        Lifetime = Long,
    };

    public static ImmutableArray<TrafficSelector> Selectors(string? prefix) => prefix is null ? [] : [TrafficSelector.From(IpPrefix.Parse(prefix))];

    static IkeSuite SuiteOf(string text) => Choose(Ike(text)).ToIkeSuite();

    static SelectedProposal Choose(ImmutableArray<AlgorithmProposal> policy)
    {
        SecurityAssociationPayload offer = WireProposal.Offer(policy, default, withKeyExchange: true);
        return ProposalSelection.TrySelect(policy, offer.Proposals, withKeyExchange: true, out SelectedProposal? selected, out _)
            ? selected : throw new InvalidOperationException("A proposal does not match itself.");
    }
}
