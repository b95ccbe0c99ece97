using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Things that hold for every seed.</summary>
public class PropertyTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(11)]
    public void TwoEnginesAlwaysAgreeWhateverIsLostAndWhoeverRekeys(int actions)
    {
        for (ulong seed = 1; seed <= 100; seed++)
        {
            var random = new Random((int)seed);
            using EnginePair pair = Connections.Pair(connection =>
                connection with { DeadPeerDetectionDelay = TimeSpan.FromSeconds(20), StartAction = StartAction.Start }, seed);
            pair.When(_ => random.Next(10) < 2, EnginePair.Fate.Drop);
            pair.When(_ => random.Next(20) == 0, EnginePair.Fate.Duplicate);
            pair.When(_ => random.Next(20) == 0, EnginePair.Fate.Delay);
            pair.Do(room => room.A.Engine.Start(room.Now));
            for (int step = 0; step < 30; step++)
            {
                pair.Run(TimeSpan.FromMilliseconds(random.Next(3000)));
                EngineNode node = random.Next(2) == 0 ? pair.A : pair.B;
                pair.Do(room =>
                {
                    switch (random.Next(actions))
                    {
                        case 0: node.Engine.RekeyIke("tunnel", room.Now); break;
                        case 1 or 2 or 3: node.Engine.RekeyChild("tunnel", null, room.Now); break;
                        case 4: room.A.Engine.RekeyChild("tunnel", null, room.Now); room.B.Engine.RekeyChild("tunnel", null, room.Now); break;
                        case 5: room.A.Engine.RekeyIke("tunnel", room.Now); room.B.Engine.RekeyIke("tunnel", room.Now); break;
                        case 6: node.Engine.Initiate("tunnel", null, room.Now); break;
                        case 8 or 9: ReachHardLimit(node, room.Now); break;
                        case 10: ReachHardLimit(room.A, room.Now); ReachHardLimit(room.B, room.Now); break;
                    }
                });
                AssertPairsAgree(pair);
            }
            pair.ClearRules();
            pair.Run(TimeSpan.FromMinutes(10));
            Assert.True(pair.A.Installed.Count == 1 && pair.B.Installed.Count == 1,
                $"seed {seed}: {pair.A.Installed.Count} and {pair.B.Installed.Count} children");
            Assert.True(pair.A.Status(pair.Now).IkeSas.Length == 1 && pair.B.Status(pair.Now).IkeSas.Length == 1, $"seed {seed}: more than one IKE SA");
            Agreement.AssertSame(pair);
            Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));
        }
    }

    [Fact]
    public void SameSeedGivesTheSameBytes()
    {
        Assert.Equal(Run(5), Run(5));
        Assert.NotEqual(Run(5), Run(6));

        static List<string> Run(ulong seed)
        {
            using EnginePair pair = Connections.EstablishedPair(seed: seed);
            pair.Do(room => { room.A.Engine.RekeyIke("tunnel", room.Now); room.B.Engine.RekeyChild("tunnel", null, room.Now); });
            pair.Run(TimeSpan.FromHours(9));
            return [.. pair.Datagrams.Select(Convert.ToHexString)];
        }
    }

    [Fact]
    public void MutatedMessagesNeverThrowAndNeverInstall()
    {
        var random = new Random(11);
        using EnginePair source = Connections.EstablishedPair();
        source.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        source.Run(TimeSpan.FromSeconds(1));
        byte[][] genuine = [.. source.Datagrams];
        using EnginePair pair = Connections.EstablishedPair(seed: 2);
        var path = new NetworkPath(new TransportAddress(Connections.AddressB, 500), new TransportAddress(Connections.AddressA, 500), PathEncapsulation.Ike);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] message = [.. genuine[random.Next(genuine.Length)]];
            for (int change = random.Next(1, 4); change > 0; change--)
                message[random.Next(message.Length)] = (byte)random.Next(256);
            pair.B.Engine.HandleDatagram(message.AsSpan(0, random.Next(4) == 0 ? random.Next(message.Length + 1) : message.Length), path, pair.Now);
        }
        while (pair.B.Engine.TryTakeOutput(out IkeOutput? output))
            Assert.IsNotType<InstallChildSa>(output);
        Assert.Single(pair.B.Installed);
    }

    [Fact]
    public void MutationsBehindTheEncryptionNeverThrow()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var hooks = new MessageEditor();
            using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB(), (ulong)seed, hooksB: hooks);
            if (seed % 2 == 0)
                pair.Establish();
            hooks.Incoming = payloads =>
            {
                for (int change = random.Next(4); change > 0 && payloads.Length > 0; change--)
                    payloads[random.Next(payloads.Length)] = (byte)random.Next(256);
            };
            pair.Do(room =>
            {
                room.A.Engine.Initiate("tunnel", null, room.Now);
                room.A.Engine.RekeyChild("tunnel", null, room.Now);
                room.A.Engine.RekeyIke("tunnel", room.Now);
            });
            pair.Run(TimeSpan.FromMinutes(1));
            pair.Do(room => { room.A.Engine.Shutdown(room.Now); room.B.Engine.Shutdown(room.Now); });
            pair.Run(TimeSpan.FromSeconds(5));
            Assert.True(pair.A.IsShutDown && pair.B.IsShutDown);
            Assert.Empty(pair.A.Installed);
            Assert.Empty(pair.B.Installed);
        }
    }

    static void ReachHardLimit(EngineNode node, Instant now)
    {
        if (node.Installed.Count > 0)
            node.Engine.HandleHardLimit(node.Installed.Keys.MaxBy(id => id.Value), now);
    }

    static void AssertPairsAgree(EnginePair pair)
    {
        foreach (InstallChildSa ours in pair.A.Installed.Values)
        {
            if (pair.B.Installed.Values.FirstOrDefault(candidate => candidate.InboundSpi == ours.OutboundSpi) is InstallChildSa theirs)
                Agreement.AssertSame(ours, theirs);
        }
    }
}
