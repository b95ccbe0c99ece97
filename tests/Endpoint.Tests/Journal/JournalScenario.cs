using System.Security.Cryptography;
using Ipsec.Endpoint.Tests.Room;
using Ipsec.Ike.Configuration;
using Ipsec.Tests.Support;

namespace Ipsec.Endpoint.Tests.Journal;

/// <summary>A run in which much happens: loss, rekeys of both kinds, liveness, a reload, a refused command, an end.</summary>
static class JournalScenario
{
    /// <summary>The argument with which this test program prints <see cref="Hash"/> and does nothing else.</summary>
    public const string PrintHash = "--print-journal-hash";

    public static EndpointConfiguration Configuration(TimeSpan deadPeerDetection) => Sites.West(connection => Short(connection) with
    {
        DeadPeerDetectionDelay = deadPeerDetection,
    });

    /// <summary>The configurations of the west side in their order, as a replay wants them.</summary>
    public static EndpointConfiguration[] Configurations => [Configuration(TimeSpan.FromSeconds(10)), Configuration(TimeSpan.FromSeconds(20))];

    /// <summary>SHA-256 over both journals.</summary>
    public static string Hash()
    {
        (byte[] west, byte[] east) = Record();
        return Convert.ToHexStringLower(SHA256.HashData([.. west, .. east]));
    }

    public static (byte[] West, byte[] East) Record(ulong seed = 1)
    {
        MemoryJournal westJournal = new();
        MemoryJournal eastJournal = new();
        using VirtualRoom room = new();
        SeededRandomSource dice = new(seed + 100);
        byte[] die = new byte[1];
        room.Wire = packet =>
        {
            dice.Fill(die);
            return packet.IsIke && die[0] < 25 ? [] : die[0] > 245 ? [packet, packet] : [packet];
        };
        Station west = room.Add(Configurations[0], seed, westJournal);
        Station east = room.Add(Sites.East(Short), seed + 1, eastJournal);
        room.Start();
        room.RunFor(TimeSpan.FromSeconds(90), TimeSpan.FromMilliseconds(250), i =>
        {
            west.SendInner(InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, i));
            if (i % 3 == 0)
                east.SendInner(InnerPackets.Numbered(Sites.EastHost, Sites.WestHost, i));
        });
        room.RunFor(TimeSpan.FromSeconds(60));
        west.Command((endpoint, now) => endpoint.RekeyIke("nowhere", now));
        west.Command((endpoint, now) => endpoint.RekeyIke("east", now));
        room.RunFor(TimeSpan.FromSeconds(10));
        west.Reload(Configurations[1]);
        room.RunFor(TimeSpan.FromSeconds(30));
        west.Shutdown();
        room.RunFor(TimeSpan.FromSeconds(10));
        return (westJournal.ToArray(), eastJournal.ToArray());
    }

    static ConnectionConfiguration Short(ConnectionConfiguration connection) => connection.WithChildren(child => child with
    {
        Lifetime = new Lifetime
        {
            RekeyTime = TimeSpan.FromSeconds(20),
            RekeyJitter = TimeSpan.FromSeconds(5),
            HardTime = TimeSpan.FromSeconds(60),
            RekeyPackets = 50,
        },
    }) with
    {
        Lifetime = new Lifetime { RekeyTime = TimeSpan.FromSeconds(45), RekeyJitter = TimeSpan.FromSeconds(5), HardTime = TimeSpan.FromSeconds(120) },
    };
}
