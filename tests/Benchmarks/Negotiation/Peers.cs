using System.Collections.Immutable;
using System.Text;
using Ipsec.Crypto;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>One responder for any number of initiators, and one endpoint that plays those initiators: each with an identity and one inner address of its own.</summary>
static class Peers
{
    public const string Key = "benchmark-Gh7s0pQ2xV9k";

    /// <summary>Behind the responder.</summary>
    public const string ResponderNetwork = "172.16.0.0/16";

    /// <summary>Every initiator has one address of it.</summary>
    public const string InitiatorNetwork = "10.0.0.0/8";

    static readonly Lifetime LongLife = new() { RekeyTime = TimeSpan.FromHours(8), HardTime = TimeSpan.FromHours(9) };

    public static EndpointConfiguration Responder(IpAddress address, NegotiationSuite suite) => new()
    {
        Name = "responder",
        LocalAddresses = [address],
        LocalNetworks = [IpPrefix.Parse(ResponderNetwork)],
        PresharedKeys = [new PresharedKey { Key = Secret() }],
        Tunnels =
        [
            new TunnelConfiguration
            {
                Connection = Connection("initiators", address, null, suite) with
                {
                    LocalIdentity = Identity.Fqdn("responder.example"),
                    Children = [Child(suite, IpPrefix.Parse(ResponderNetwork), IpPrefix.Parse(InitiatorNetwork))],
                },
                Routes = [IpPrefix.Parse(InitiatorNetwork)],
            },
        ],
    };

    public static EndpointConfiguration Initiators(IpAddress address, IpAddress responder, NegotiationSuite suite, int count) => new()
    {
        Name = "initiators",
        LocalAddresses = [address],
        LocalNetworks = [IpPrefix.Parse(InitiatorNetwork)],
        PresharedKeys = [new PresharedKey { Key = Secret() }],
        Tunnels = [.. Enumerable.Range(0, count).Select(number => new TunnelConfiguration
        {
            Connection = Connection(Name(number), address, responder, suite) with
            {
                LocalIdentity = Identity.Fqdn($"{Name(number)}.example"),
                Children = [Child(suite, InnerAddress(number), IpPrefix.Parse(ResponderNetwork))],
            },
            Routes = [IpPrefix.Parse(ResponderNetwork)],
        })],
    };

    public static string Name(int number) => $"initiator-{number}";

    static IpPrefix InnerAddress(int number) => IpPrefix.Parse($"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}/32");

    static Secret Secret() => new(Encoding.UTF8.GetBytes(Key));

    static ConnectionConfiguration Connection(string name, IpAddress local, IpAddress? remote, NegotiationSuite suite) => new()
    {
        Name = name,
        LocalAddress = local,
        RemoteAddress = remote,
        AcceptedRemoteAddresses = remote is IpAddress one ? [new IpPrefix(one, one.IsV6 ? 128 : 32)] : [],
        InitiatorProposals = [ProposalText.Parse(suite.Ike, ProtocolId.Ike)],
        ResponderProposals = [ProposalText.Parse(suite.Ike, ProtocolId.Ike)],
        Lifetime = LongLife,
        DeadPeerDetectionDelay = TimeSpan.Zero,
        Children = [],
    };

    static ChildConfiguration Child(NegotiationSuite suite, IpPrefix local, IpPrefix remote) => new()
    {
        Name = "net",
        InitiatorProposals = [ProposalText.Parse(suite.Esp, ProtocolId.Esp)],
        ResponderProposals = [ProposalText.Parse(suite.Esp, ProtocolId.Esp)],
        LocalSelectors = [TrafficSelector.From(local)],
        RemoteSelectors = [TrafficSelector.From(remote)],
        Lifetime = LongLife,
    };
}

/// <param name="Ike">As in a proposal; the group is in it.</param>
sealed record NegotiationSuite(string Name, string Ike, string Esp)
{
    /// <summary>What <c>handshakes</c> goes through.</summary>
    public static readonly ImmutableArray<NegotiationSuite> Handshakes =
    [
        new("PSK, group 14 (MODP-2048)", "aes256gcm16-prfsha256-modp2048", "aes256gcm16"),
        new("PSK, group 19 (P-256)", "aes256gcm16-prfsha256-ecp256", "aes256gcm16"),
        Compared,
    ];

    /// <summary>What our host and charon are compared with.</summary>
    public static NegotiationSuite Compared => new("PSK, group 31 (X25519)", "aes256gcm16-prfsha256-curve25519", "aes256gcm16");

    /// <summary>What memory is measured with.</summary>
    public static NegotiationSuite Scale => new("AES-CBC-256, HMAC-SHA-256, X25519", "aes256-sha256-curve25519", "aes256-sha256");
}
