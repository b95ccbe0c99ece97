using Ipsec.Endpoint.Tests.Room;
using Ipsec.Ike.Configuration;

namespace Ipsec.Endpoint.Tests;

/// <summary>
/// Property: whatever the wire loses, doubles or reorders, and whoever rekeys when, once the wire is quiet both sides hold the same SAs
/// and packets pass through them.
/// </summary>
public sealed class AgreementTests
{
    static readonly string[] IkeSuites = ["aes256gcm16-prfsha256-curve25519", "aes256-sha256-ecp256", "aes128-sha1-modp1024"];
    static readonly string[] EspSuites = ["aes256gcm16", "aes128-sha1", "aes256gcm16-curve25519", "aes256-sha256-ecp256", "aes128gcm16-esn"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void BothSidesAgreeAfterARoughTime(int seed)
    {
        Random dice = new(seed);
        using VirtualRoom room = new();
        string ike = IkeSuites[dice.Next(IkeSuites.Length)];
        string esp = EspSuites[dice.Next(EspSuites.Length)];
        Lifetime childLife = new()
        {
            RekeyTime = TimeSpan.FromSeconds(dice.Next(15, 60)),
            RekeyJitter = TimeSpan.FromSeconds(dice.Next(0, 10)),
            HardTime = TimeSpan.FromSeconds(150),
        };
        Lifetime ikeLife = childLife with { RekeyTime = TimeSpan.FromSeconds(dice.Next(20, 90)) };
        ConnectionConfiguration Change(ConnectionConfiguration connection) => (connection with
        {
            InitiatorProposals = [Sites.Ike(ike)],
            ResponderProposals = [Sites.Ike(ike)],
            Lifetime = ikeLife,
            DeadPeerDetectionDelay = TimeSpan.FromSeconds(15),
        }).WithChildren(child => child with { InitiatorProposals = [Sites.Esp(esp)], ResponderProposals = [Sites.Esp(esp)], Lifetime = childLife });
        Station west = room.Add(Sites.West(Change), (ulong)seed * 2);
        Station east = room.Add(Sites.East(Change), (ulong)seed * 2 + 1);
        double loss = dice.NextDouble() * 0.3;
        room.Wire = packet => dice.NextDouble() < loss ? [] : dice.NextDouble() < 0.1 ? [packet, packet] : [packet];
        room.Start();

        room.RunFor(TimeSpan.FromMinutes(6), TimeSpan.FromSeconds(1), i =>
        {
            room.Delay = TimeSpan.FromMilliseconds(dice.Next(1, 400));
            west.SendInner(InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, i));
            east.SendInner(InnerPackets.Numbered(Sites.EastHost, Sites.WestHost, i));
            switch (dice.Next(40))
            {
                case 0:
                    west.Command((endpoint, now) => endpoint.RekeyChild("east", null, now));
                    break;
                case 1:
                    east.Command((endpoint, now) => endpoint.RekeyChild("west", null, now));
                    break;
                case 2:
                    west.Command((endpoint, now) => endpoint.RekeyIke("east", now));
                    break;
                case 3:
                    east.Command((endpoint, now) => endpoint.RekeyIke("west", now));
                    break;
            }
        });
        room.Wire = null;
        room.Delay = TimeSpan.FromMilliseconds(5);
        // Longer than the retransmissions of a request that is under way, and than the lifetime of what one side may still hold alone.
        room.RunFor(TimeSpan.FromMinutes(4));
        room.RunUntil(() => IsQuiet(west) && IsQuiet(east), TimeSpan.FromMinutes(2), "no rekey is under way");

        TunnelStatus ofWest = west.Tunnel("east");
        TunnelStatus ofEast = east.Tunnel("west");
        Assert.Equal(ofWest.ChildSas.Select(child => (child.InboundSpi, child.OutboundSpi)).Order(),
            ofEast.ChildSas.Select(child => (child.OutboundSpi, child.InboundSpi)).Order());
        Assert.Equal((ofWest.IkeSa!.InitiatorSpi, ofWest.IkeSa.ResponderSpi), (ofEast.IkeSa!.InitiatorSpi, ofEast.IkeSa.ResponderSpi));
        Assert.NotEqual(ofWest.IkeSa.IsInitiator, ofEast.IkeSa.IsInitiator);
        room.AssertCarries(west, east);
        Assert.Equal(0UL, west.Status.Counters["esp.integrity"] + east.Status.Counters["esp.integrity"]);
    }

    static bool IsQuiet(Station station) => station.Status.Tunnels[0] is { State: TunnelState.Established, ChildSas.Length: 1 };
}
