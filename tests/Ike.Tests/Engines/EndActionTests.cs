using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>What follows when a tunnel ends without our doing: closeAction, dpdAction, and the pauses between attempts.</summary>
public class EndActionTests
{
    static readonly TimeSpan Liveness = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(EndAction.None, 0)]
    [InlineData(EndAction.Trap, 0)]
    [InlineData(EndAction.Start, 1)]
    [InlineData(EndAction.AsStarted, 1)]
    public void CloseActionFollowsADeletedIkeSa(EndAction action, int ikeSas)
    {
        using EnginePair pair = Started(connection => connection with { CloseAction = action });
        pair.Do(room => room.B.Engine.Terminate("tunnel", room.Now));
        pair.Run(TimeSpan.FromSeconds(20));
        Assert.Equal(ikeSas, pair.A.Status(pair.Now).IkeSas.Length);
        AssertTrapped(pair, action == EndAction.Trap, ikeSas);
    }

    [Theory]
    [InlineData(EndAction.None, 0)]
    [InlineData(EndAction.Trap, 0)]
    [InlineData(EndAction.Start, 1)]
    public void DeadPeerActionFollowsSilence(EndAction action, int ikeSas)
    {
        using EnginePair pair = Started(connection => connection with { DeadPeerAction = action, DeadPeerDetectionDelay = Liveness });
        pair.When(_ => true, EnginePair.Fate.Drop);
        Assert.True(pair.Run(TimeSpan.FromMinutes(5), () => pair.A.Status(pair.Now).IkeSas.IsEmpty));
        Assert.Contains("peer-not-responding", pair.A.ReasonCodes);
        pair.ClearRules();
        pair.Run(TimeSpan.FromMinutes(3));
        Assert.Equal(ikeSas, pair.A.Status(pair.Now).IkeSas.Length);
        AssertTrapped(pair, action == EndAction.Trap, ikeSas);
    }

    [Theory]
    [InlineData(EndAction.None, 0)]
    [InlineData(EndAction.Trap, 0)]
    [InlineData(EndAction.Start, 1)]
    public void CloseActionFollowsADeletedChild(EndAction action, int children)
    {
        using EnginePair pair = Started(connection => connection.RemoteAddress == Connections.AddressB
            ? connection with { CloseAction = action } : connection with { StartAction = StartAction.None });
        pair.Do(room => room.B.Engine.HandleHardLimit(room.B.OnlyChild.Id, room.Now));
        pair.Run(TimeSpan.FromSeconds(20));
        Assert.Equal(children, pair.A.Installed.Count);
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        AssertTrapped(pair, action == EndAction.Trap, 1);
        Assert.Equal(action == EndAction.None ? 0 : 1, pair.A.Installed.Count);
    }

    [Fact]
    public void OurOwnTerminationIsNoEndOfThePeers()
    {
        using EnginePair pair = Started(connection => connection.RemoteAddress != Connections.AddressB ? connection
            : connection with { CloseAction = EndAction.Start, DeadPeerAction = EndAction.Start });
        pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
        pair.Run(TimeSpan.FromMinutes(1));
        Assert.Empty(pair.A.Status(pair.Now).IkeSas);
    }

    [Fact]
    public void PausesBetweenAttemptsGrowUpToTheLongest()
    {
        using EnginePair pair = Connections.Pair(connection => connection with
        {
            StartAction = connection.RemoteAddress == Connections.AddressB ? StartAction.Start : StartAction.None,
            RetryDelay = TimeSpan.FromSeconds(2),
            MaximumRetryDelay = TimeSpan.FromSeconds(20),
            Retransmission = new RetransmissionPolicy { Tries = 1, Timeout = TimeSpan.FromMilliseconds(100), Backoff = 1 },
        });
        pair.When(_ => true, EnginePair.Fate.Drop);
        List<double> starts = [];
        pair.Do(room => room.A.Engine.Start(room.Now));
        for (int attempt = 1; attempt <= 8; attempt++)
        {
            Assert.True(pair.Run(TimeSpan.FromMinutes(1), () => pair.A.Of<IkeSaClosed>().Count() >= attempt));
            starts.Add(pair.Now.Monotonic.TotalSeconds);
        }
        // An attempt takes 0.2 s, the pauses 2, 4, 8, 16, 20 s and so on, each give or take a tenth.
        double[] pauses = [.. starts.Zip(starts.Skip(1), (earlier, later) => later - earlier - 0.2)];
        double[] expected = [2, 4, 8, 16, 20, 20, 20];
        foreach ((double pause, double wanted) in pauses.Zip(expected))
            Assert.InRange(pause, wanted * 0.89, wanted * 1.11);
        // An IKE SA makes them short again.
        pair.ClearRules();
        Assert.True(pair.Run(TimeSpan.FromMinutes(1), () => pair.A.Installed.Count == 1));
        pair.Do(room => room.B.Engine.Terminate("tunnel", room.Now));
        Assert.True(pair.Run(TimeSpan.FromSeconds(3), () => pair.A.Installed.Count == 1));
    }

    [Fact]
    public void PausesBetweenTransmissionsAreThoseOfTheConnection()
    {
        using EnginePair pair = Connections.Pair(connection => connection with
        {
            Retransmission = new RetransmissionPolicy
            {
                Timeout = TimeSpan.FromSeconds(2),
                Backoff = 3,
                Tries = 4,
                Jitter = 0.5,
                MaximumPause = TimeSpan.FromSeconds(10)
            },
        });
        pair.When(_ => true, EnginePair.Fate.Drop);
        List<double> times = [pair.Now.Monotonic.TotalSeconds];
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        for (int sent = 2; sent <= 5; sent++)
        {
            Assert.True(pair.Run(TimeSpan.FromMinutes(1), () => pair.Sent.Count >= sent));
            times.Add(pair.Now.Monotonic.TotalSeconds);
        }
        Assert.True(pair.Run(TimeSpan.FromMinutes(1), () => pair.A.Of<IkeSaClosed>().Any()));
        times.Add(pair.Now.Monotonic.TotalSeconds);
        double[] longest = [2, 6, 10, 10, 10];
        double[] pauses = [.. times.Zip(times.Skip(1), (earlier, later) => later - earlier)];
        Assert.Equal(longest.Length, pauses.Length);
        foreach ((double pause, double most) in pauses.Zip(longest))
            Assert.InRange(pause, most / 2, most);
        Assert.Contains(pauses.Zip(longest), pair => pair.First < pair.Second);
        Assert.Equal(5, pair.Sent.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void TwoThatBothStartAndBothStartAgainComeToRest(ulong seed)
    {
        using EnginePair pair = Connections.Pair(connection => connection with
        {
            StartAction = StartAction.Start,
            CloseAction = EndAction.Start,
            DeadPeerAction = EndAction.Start,
            RetryDelay = TimeSpan.FromSeconds(2),
        }, seed);
        pair.A.Engine.Start(pair.Now);
        pair.Do(room => room.B.Engine.Start(room.Now));
        pair.Run(TimeSpan.FromSeconds(20));
        AssertAtRest(pair);
        foreach (EngineNode node in new[] { pair.A, pair.B })
        {
            pair.Do(room => Assert.Null(node.Engine.Terminate("tunnel", room.Now).Error));
            pair.Run(TimeSpan.FromSeconds(20));
            AssertAtRest(pair);
            pair.Do(room => Assert.Null(node.Engine.Initiate("tunnel", null, room.Now).Error));
            pair.Run(TimeSpan.FromSeconds(20));
            AssertAtRest(pair);
        }
    }

    /// <summary>One IKE SA with one child SA, and nobody says anything any more.</summary>
    static void AssertAtRest(EnginePair pair)
    {
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Assert.Single(pair.A.Installed);
        Agreement.AssertSame(pair);
        int sent = pair.Sent.Count;
        pair.Run(TimeSpan.FromMinutes(2));
        Assert.Equal(sent, pair.Sent.Count);
    }

    static EnginePair Started(Func<ConnectionConfiguration, ConnectionConfiguration> change)
    {
        EnginePair pair = Connections.Pair(connection => change(connection) with
        {
            StartAction = connection.RemoteAddress == Connections.AddressB ? StartAction.Start : StartAction.None,
            RetryDelay = TimeSpan.FromSeconds(2),
        });
        pair.Do(room => room.A.Engine.Start(room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Single(pair.A.Installed);
        return pair;
    }

    /// <summary>A packet brings a trapped one up, and nothing else.</summary>
    static void AssertTrapped(EnginePair pair, bool isTrapped, int ikeSas)
    {
        pair.Do(room => room.A.Engine.HandleAcquire("tunnel", Connections.PacketOfA, room.Now));
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(isTrapped ? 1 : ikeSas, pair.A.Status(pair.Now).IkeSas.Length);
        if (isTrapped)
            Assert.Single(pair.A.Installed);
    }
}
