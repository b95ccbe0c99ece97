using System.Collections.Immutable;
using System.Text;
using Ipsec.Crypto;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>
/// One responder for any number of initiators, and who plays those initiators, one endpoint or many: each initiator has an identity and one inner
/// address of its own.
/// </summary>
static class Peers
{
    public const string Key = "benchmark-Gh7s0pQ2xV9k";

    /// <summary>Behind the responder.</summary>
    public const string ResponderNetwork = "172.16.0.0/16";

    /// <summary>Every initiator has one address of it.</summary>
    public const string InitiatorNetwork = "10.0.0.0/8";

    // The fewest that there are.
    const int FewSpiSlots = 256;

    static readonly Lifetime LongLife = new() { RekeyTime = TimeSpan.FromHours(8), HardTime = TimeSpan.FromHours(9) };

    public static EndpointConfiguration Responder(IpAddress address, NegotiationSuite suite, Credentials credentials) => new()
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
                    LocalAuthentication = credentials.Own("responder.example"),
                    RemoteAuthentication = credentials.OfPeer,
                    Children = [Child(suite, IpPrefix.Parse(ResponderNetwork), IpPrefix.Parse(InitiatorNetwork))],
                },
                Routes = [IpPrefix.Parse(InitiatorNetwork)],
            },
        ],
    };

    /// <summary>One endpoint with as many tunnels.</summary>
    public static EndpointConfiguration Initiators(IpAddress address, IpAddress responder, NegotiationSuite suite, Credentials credentials, int count) =>
        Initiators(address) with
        {
            Tunnels = [.. Enumerable.Range(0, count).Select(number => InitiatorTunnel(address, responder, suite, credentials, number))],
        };

    /// <summary>An endpoint with one of these tunnels.</summary>
    public static EndpointConfiguration Initiator(IpAddress address, IpAddress responder, NegotiationSuite suite, Credentials credentials, int number) =>
        Initiators(address) with
        {
            Name = Name(number),
            Tunnels = [InitiatorTunnel(address, responder, suite, credentials, number)],
            Inner = new InnerOptions { SpiSlots = FewSpiSlots },
        };

    static EndpointConfiguration Initiators(IpAddress address) => new()
    {
        Name = "initiators",
        LocalAddresses = [address],
        LocalNetworks = [IpPrefix.Parse(InitiatorNetwork)],
        PresharedKeys = [new PresharedKey { Key = Secret() }],
        Tunnels = [],
    };

    static TunnelConfiguration InitiatorTunnel(IpAddress address, IpAddress responder, NegotiationSuite suite, Credentials credentials, int number) => new()
    {
        Connection = Connection(Name(number), address, responder, suite) with
        {
            LocalIdentity = Identity.Fqdn($"{Name(number)}.example"),
            LocalAuthentication = credentials.Own($"{Name(number)}.example"),
            RemoteAuthentication = credentials.OfPeer,
            Children = [Child(suite, InnerAddress(number), IpPrefix.Parse(ResponderNetwork))],
        },
        Routes = [IpPrefix.Parse(ResponderNetwork)],
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
