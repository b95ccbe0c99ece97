using System.Collections.Immutable;
using System.Text;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Configurations for tests: A is 203.0.113.5 with 10.2.0.0/24 behind it, B is 198.51.100.10 with 10.1.0.0/16.</summary>
static class Connections
{
    public static readonly IpAddress AddressA = IpAddress.Parse("203.0.113.5");
    public static readonly IpAddress AddressB = IpAddress.Parse("198.51.100.10");
    public const string NetworkA = "10.2.0.0/24";
    public const string NetworkB = "10.1.0.0/16";

    /// <summary>A UDP packet that A sends into the tunnel.</summary>
    public static readonly PacketFlow PacketOfA = new(IpAddress.Parse("10.2.0.7"), IpAddress.Parse("10.1.3.4"), IpProtocol.Udp, 40000, 53);

    public static readonly Lifetime LongLifetime = new()
    { RekeyTime = TimeSpan.FromHours(8), HardTime = TimeSpan.FromHours(9), RekeyJitter = TimeSpan.FromMinutes(5) };

    public static ImmutableArray<AlgorithmProposal> Ike(params string[] texts) => [.. texts.Select(text => ProposalText.Parse(text, ProtocolId.Ike))];

    public static ImmutableArray<AlgorithmProposal> Esp(params string[] texts) => [.. texts.Select(text => ProposalText.Parse(text, ProtocolId.Esp))];

    public static ImmutableArray<TrafficSelector> Selectors(params string[] prefixes) =>
        [.. prefixes.Select(text => TrafficSelector.From(IpPrefix.Parse(text)))];

    public static PresharedKey Key(string text = "Gh7s0pQ2xV9k") => new() { Key = new Secret(Encoding.ASCII.GetBytes(text)) };

    public static ChildConfiguration Child(string[] local, string[] remote, string name = "net", string esp = "aes256gcm16") => new()
    {
        Name = name,
        InitiatorProposals = Esp(esp),
        ResponderProposals = Esp(esp),
        LocalSelectors = Selectors(local),
        RemoteSelectors = Selectors(remote),
        Lifetime = LongLifetime,
    };

    public static ConnectionConfiguration OfA(string ike = "aes256gcm16-prfsha256-curve25519", string esp = "aes256gcm16") => new()
    {
        Name = "tunnel",
        RemoteAddress = AddressB,
        InitiatorProposals = Ike(ike),
        ResponderProposals = Ike(ike),
        Lifetime = LongLifetime,
        DeadPeerDetectionDelay = TimeSpan.Zero,
        Children = [Child([NetworkA], [NetworkB], esp: esp)],
    };

    public static ConnectionConfiguration OfB(string ike = "aes256gcm16-prfsha256-curve25519", string esp = "aes256gcm16") => OfA(ike, esp) with
    {
        RemoteAddress = AddressA,
        Children = [Child([NetworkB], [NetworkA], esp: esp)],
    };

    public static IkeEngineConfiguration Engine(IpAddress address, params ConnectionConfiguration[] connections) => new()
    {
        Connections = [.. connections],
        PresharedKeys = [Key()],
        LocalAddresses = [address],
    };

    public static IkeEngineConfiguration EngineA(params ConnectionConfiguration[] connections) =>
        Engine(AddressA, connections.Length == 0 ? [OfA()] : connections);

    public static IkeEngineConfiguration EngineB(params ConnectionConfiguration[] connections) =>
        Engine(AddressB, connections.Length == 0 ? [OfB()] : connections);

    public static EnginePair Pair(Func<ConnectionConfiguration, ConnectionConfiguration>? change = null, ulong seed = 1)
    {
        change ??= connection => connection;
        return new EnginePair(EngineA(change(OfA())), EngineB(change(OfB())), seed);
    }

    /// <summary>A pair whose tunnel is up, brought up by A.</summary>
    public static EnginePair EstablishedPair(Func<ConnectionConfiguration, ConnectionConfiguration>? change = null, ulong seed = 1)
    {
        EnginePair pair = Pair(change, seed);
        pair.Establish();
        return pair;
    }

    public static void Establish(this EnginePair pair)
    {
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Single(pair.A.Installed);
        Assert.Single(pair.B.Installed);
    }
}
