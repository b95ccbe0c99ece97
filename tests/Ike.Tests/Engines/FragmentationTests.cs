using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>IKE fragmentation between two engines, RFC 7383.</summary>
public class FragmentationTests
{
    const string FirstOfA = "A IKE_AUTH request 1 1/2";
    const string SecondOfA = "A IKE_AUTH request 1 2/2";

    [Theory]
    [MemberData(nameof(SuiteTests.IkeSuites), MemberType = typeof(SuiteTests))]
    public void EstablishesInFragmentsWithEveryCipher(string suite)
    {
        using var pair = new EnginePair(Connections.EngineA(Small(Connections.OfA(suite))), Connections.EngineB(Small(Connections.OfB(suite))));
        pair.Establish();
        Assert.Contains(pair.Sent, name => name.StartsWith("A IKE_AUTH request 1 1/", StringComparison.Ordinal));
        Assert.Contains(pair.Sent, name => name.StartsWith("B IKE_AUTH response 1 2/", StringComparison.Ordinal));
        // The IP datagram around each fragment is as long as was said, at most.
        Assert.All(Fragments(pair), fragment => Assert.InRange(fragment.Length, 40, 200 - 28));
        Agreement.AssertSame(pair);
        pair.Do(room => room.B.Engine.RekeyIke("tunnel", room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Agreement.AssertSame(pair);
        Assert.Equal(2, pair.A.EverInstalled.Count);
    }

    [Fact]
    public void SendsWhatFitsInOnePiece()
    {
        using EnginePair pair = Connections.EstablishedPair();
        Assert.Empty(Fragments(pair));
        Assert.Equal(4, pair.Sent.Count);
    }

    [Theory]
    [InlineData(FragmentationPolicy.No, FragmentationPolicy.Yes)]
    [InlineData(FragmentationPolicy.Yes, FragmentationPolicy.No)]
    [InlineData(FragmentationPolicy.No, FragmentationPolicy.No)]
    public void DoesNotFragmentUnlessBothAnnouncedIt(FragmentationPolicy ofA, FragmentationPolicy ofB)
    {
        using var pair = new EnginePair(Connections.EngineA(Small(Connections.OfA()) with { Fragmentation = ofA }),
            Connections.EngineB(Small(Connections.OfB()) with { Fragmentation = ofB }));
        pair.Establish();
        Assert.Empty(Fragments(pair));
    }

    [Fact]
    public void AnswersInTheFormOfTheRequest()
    {
        using var pair = new EnginePair(Connections.EngineA(Small(Connections.OfA())),
            Connections.EngineB(Small(Connections.OfB()) with { Fragmentation = FragmentationPolicy.Accept }));
        pair.Establish();
        Assert.Contains("B IKE_AUTH response 1 2/2", pair.Sent);
        pair.Do(room => room.B.Engine.RekeyIke("tunnel", room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Contains("B CREATE_CHILD_SA request 0", pair.Sent);
    }

    [Fact]
    public void AnswersInFragmentsNoLargerThanThoseThatCame()
    {
        using var pair = new EnginePair(Connections.EngineA(Small(Connections.OfA())),
            Connections.EngineB(Small(Connections.OfB()) with { FragmentSize = 1280 }));
        pair.Establish();
        Assert.Contains("B IKE_AUTH response 1 1/2", pair.Sent);
        Assert.All(Fragments(pair), fragment => Assert.InRange(fragment.Length, 40, 200 - 28));
    }

    [Theory]
    [InlineData(FirstOfA)]
    [InlineData(SecondOfA)]
    [InlineData("B IKE_AUTH response 1 1/2")]
    [InlineData("B IKE_AUTH response 1 2/2")]
    public void SurvivesTheLossOfOneFragment(string name)
    {
        using EnginePair pair = Connections.Pair(Small);
        pair.When(name, EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        Assert.True(pair.Run(TimeSpan.FromSeconds(5), () => pair.A.Installed.Count == 1));
        Agreement.AssertSame(pair);
        Assert.Equal(2, pair.Sent.Count(sent => sent == FirstOfA));
    }

    [Theory]
    [InlineData(nameof(EnginePair.Fate.Duplicate))]
    [InlineData(nameof(EnginePair.Fate.Delay))]
    public void TakesFragmentsInAnyOrderAndAnyNumber(string fateName)
    {
        EnginePair.Fate fate = Enum.Parse<EnginePair.Fate>(fateName);
        using EnginePair pair = Connections.Pair(Small);
        pair.When(sent => sent.EndsWith(" 1/2", StringComparison.Ordinal), fate);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        Assert.True(pair.Run(TimeSpan.FromSeconds(5), () => pair.A.Installed.Count == 1));
        pair.Run(TimeSpan.FromSeconds(1));
        Agreement.AssertSame(pair);
        Assert.Single(pair.B.EverInstalled);
    }

    [Fact]
    public void AnswersARepetitionToItsFirstFragmentOnly()
    {
        using EnginePair pair = Connections.Pair(Small);
        pair.When(sent => sent.StartsWith("B IKE_AUTH", StringComparison.Ordinal), EnginePair.Fate.Drop, times: 2);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        Assert.True(pair.Run(TimeSpan.FromSeconds(5), () => pair.A.Installed.Count == 1));
        // Two fragments came again, and the reply went out again once, the same octet for octet.
        Assert.Equal(4, pair.Sent.Count(sent => sent.StartsWith("B IKE_AUTH", StringComparison.Ordinal)));
        Assert.Equal(1ul, pair.B.Engine.GetStatus(pair.Now).Counters["repeated-request"]);
        Assert.Equal(1ul, pair.B.Engine.GetStatus(pair.Now).Counters["repeated-fragment"]);
        Agreement.AssertSame(pair);
    }

    [Theory]
    [InlineData(FragmentationPolicy.Yes)]
    [InlineData(FragmentationPolicy.Accept)]
    public void MakesSmallerFragmentsWhereLargeDatagramsGetLost(FragmentationPolicy policy)
    {
        using EnginePair pair = Connections.Pair(connection => ManySelectors(connection) with { Fragmentation = policy });
        pair.WhenLonger(576 - 28, EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        Assert.True(pair.Run(TimeSpan.FromSeconds(30), () => pair.A.Installed.Count == 1));
        Agreement.AssertSame(pair);
        // From here on the size is known.
        pair.Sent.Clear();
        pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(2, pair.A.EverInstalled.Count);
        Assert.DoesNotContain("A CREATE_CHILD_SA request 2", pair.Sent);
    }

    [Fact]
    public void ForgetsFragmentsWhoseRestDoesNotCome()
    {
        using EnginePair pair = Connections.Pair(Small);
        pair.When(SecondOfA, EnginePair.Fate.Drop, int.MaxValue);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromMinutes(2));
        Assert.Null(pair.B.Engine.NextTimeout);
        Assert.Equal(0, pair.B.Engine.GetStatus(pair.Now).HalfOpen);
    }

    static ConnectionConfiguration Small(ConnectionConfiguration connection) => connection with { FragmentSize = 200 };

    static ConnectionConfiguration ManySelectors(ConnectionConfiguration connection)
    {
        ImmutableArray<TrafficSelector> more = Connections.Selectors([.. Enumerable.Range(0, 60).Select(i => $"10.200.{i}.0/24")]);
        return connection with
        {
            Children = [connection.Children[0] with
            {
                LocalSelectors = [.. connection.Children[0].LocalSelectors, .. more],
                RemoteSelectors = [.. connection.Children[0].RemoteSelectors, .. more],
            }],
        };
    }

    static IEnumerable<byte[]> Fragments(EnginePair pair) =>
        pair.Datagrams.Where(datagram => MessageEnvelope.TryParse(datagram, out _, out MessageEnvelope envelope, out _) && envelope.IsFragment);
}
