using System.Collections.Immutable;
using System.Text;
using Ipsec.Crypto;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Endpoint.Tests.Room;

/// <summary>Configurations for tests: what a test does not say has a default that works.</summary>
static class Sites
{
    public const string WestAddress = "198.51.100.10";
    public const string EastAddress = "203.0.113.5";
    public const string WestNetwork = "10.1.0.0/16";
    public const string EastNetwork = "10.2.0.0/24";
    public const string WestHost = "10.1.1.4";
    public const string EastHost = "10.2.0.10";

    static readonly Lifetime LongLife = new() { RekeyTime = TimeSpan.FromHours(8), HardTime = TimeSpan.FromHours(9) };

    /// <summary>The side that starts.</summary>
    public static EndpointConfiguration West(Func<ConnectionConfiguration, ConnectionConfiguration>? change = null) =>
        Endpoint("west", [WestAddress], [WestNetwork],
            Tunnel(Change(Connection("east", WestAddress, EastAddress, WestNetwork, EastNetwork) with { StartAction = StartAction.Start }, change),
                EastNetwork));

    /// <summary>The side that answers.</summary>
    public static EndpointConfiguration East(Func<ConnectionConfiguration, ConnectionConfiguration>? change = null) =>
        Endpoint("east", [EastAddress], [EastNetwork],
            Tunnel(Change(Connection("west", EastAddress, WestAddress, EastNetwork, WestNetwork), change), WestNetwork));

    public static EndpointConfiguration Endpoint(string name, string[] addresses, string[] networks, params TunnelConfiguration[] tunnels) => new()
    {
        Name = name,
        LocalAddresses = [.. addresses.Select(IpAddress.Parse)],
        LocalNetworks = [.. networks.Select(IpPrefix.Parse)],
        Tunnels = [.. tunnels],
        PresharedKeys = [Key("Gh7s0pQ2xV9k")],
    };

    public static PresharedKey Key(string text) => new() { Key = new Secret(Encoding.UTF8.GetBytes(text)) };

    /// <summary>Route-based with routes, policy-based without.</summary>
    public static TunnelConfiguration Tunnel(ConnectionConfiguration connection, params string[] routes) => new()
    {
        Connection = connection,
        Routes = [.. routes.Select(IpPrefix.Parse)],
    };

    public static ConnectionConfiguration Connection(string name, string local, string remote, string localSelector, string remoteSelector) => new()
    {
        Name = name,
        LocalAddress = IpAddress.Parse(local),
        RemoteAddress = IpAddress.Parse(remote),
        AcceptedRemoteAddresses = [IpPrefix.Parse(remote)],
        InitiatorProposals = [Ike("aes256gcm16-prfsha256-curve25519")],
        ResponderProposals = [Ike("aes256gcm16-prfsha256-curve25519"), Ike("aes256-sha256-modp2048")],
        Lifetime = LongLife,
        Children = [Child("net", localSelector, remoteSelector)],
    };

    public static ChildConfiguration Child(string name, string localSelector, string remoteSelector) => new()
    {
        Name = name,
        InitiatorProposals = [Esp("aes256gcm16")],
        ResponderProposals = [Esp("aes256gcm16"), Esp("aes256-sha256"), Esp("aes256gcm16-esn")],
        LocalSelectors = [TrafficSelector.From(IpPrefix.Parse(localSelector))],
        RemoteSelectors = [TrafficSelector.From(IpPrefix.Parse(remoteSelector))],
        Lifetime = LongLife,
    };

    /// <summary>The same change to every child of a connection.</summary>
    public static ConnectionConfiguration WithChildren(this ConnectionConfiguration connection, Func<ChildConfiguration, ChildConfiguration> change) =>
        connection with { Children = [.. connection.Children.Select(change)] };

    public static AlgorithmProposal Ike(string text) => ProposalText.Parse(text, ProtocolId.Ike);

    public static AlgorithmProposal Esp(string text) => ProposalText.Parse(text, ProtocolId.Esp);

    static ConnectionConfiguration Change(ConnectionConfiguration connection, Func<ConnectionConfiguration, ConnectionConfiguration>? change) =>
        change?.Invoke(connection) ?? connection;
}
