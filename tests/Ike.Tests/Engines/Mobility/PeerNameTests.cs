using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines.Mobility;

/// <summary>A peer that is configured by its DNS name.</summary>
public class PeerNameTests
{
    static readonly IpAddress Dead = IpAddress.Parse("198.51.100.99"), DeadV6 = IpAddress.Parse("2001:db8::99");

    static EnginePair Pair(params OperationResult[] answers) => Pair([Connections.AddressA], answers);

    static EnginePair Pair(IpAddress[] addressesA, params OperationResult[] answers)
    {
        ConnectionConfiguration a = Connections.OfA() with { RemoteAddress = null, RemoteName = "hub.example", StartAction = StartAction.Start };
        var pair = new EnginePair(Connections.EngineA(a) with { LocalAddresses = [.. addressesA] }, Connections.EngineB(Connections.OfB()));
        pair.A.Answers = new Queue<OperationResult>(answers);
        // Only B's own address leads to B.
        pair.Reaches = path => path.Remote.Address == Connections.AddressB || path.Remote.Address == Connections.AddressA;
        return pair;
    }

    static NameResolved Is(params IpAddress[] addresses) => new([.. addresses]);

    [Fact]
    public void DialsTheAddressOfTheName()
    {
        using EnginePair pair = Pair(Is(Connections.AddressB));
        pair.Do(room => room.A.Engine.Start(room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Agreement.AssertSame(pair);
        Assert.Equal(Connections.AddressB, pair.A.OnlyChild.Path.Remote.Address);
        Assert.Equal(["hub.example"], pair.A.Operations.OfType<ResolveNameOperation>().Select(operation => operation.Name));
    }

    [Fact]
    public void TriesTheAddressesInOrder()
    {
        using EnginePair pair = Pair([Connections.AddressA, IpAddress.Parse("2001:db8::5")], Is(Dead, DeadV6, Connections.AddressB));
        pair.Do(room => room.A.Engine.Start(room.Now));
        pair.Run(TimeSpan.FromMinutes(4));
        Agreement.AssertSame(pair);
        Assert.Equal([Dead, DeadV6, Connections.AddressB],
            pair.A.Of<MessagePassed>().Where(passed => passed is { Sent: true, Exchange: "IKE_SA_INIT", IsRetransmission: false })
                .Select(passed => passed.Path.Remote.Address));
        Assert.Single(pair.A.Operations);
    }

    [Fact]
    public void AddressOfAFamilyThatWeDoNotHaveIsPassedOver()
    {
        using EnginePair pair = Pair(Is(DeadV6, Connections.AddressB));
        pair.Do(room => room.A.Engine.Start(room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void FailureIsSaidInWordsAndTriedAgain()
    {
        using EnginePair pair = Pair(new OperationFailed("No such host is known."), Is(), Is(DeadV6), Is(Connections.AddressB));
        pair.Do(room => room.A.Engine.Start(room.Now));
        Reason failed = Assert.Single(pair.A.Status(pair.Now).Reasons);
        Assert.Equal(("name-not-resolved", "The peer's name hub.example could not be resolved: No such host is known."), (failed.Code, failed.Text));
        pair.Run(TimeSpan.FromSeconds(6));
        Assert.Contains("has no address", pair.A.Status(pair.Now).Reasons[0].Text);
        pair.Run(TimeSpan.FromSeconds(11));
        Assert.Contains("of a family", pair.A.Status(pair.Now).Reasons[0].Text);
        pair.Run(TimeSpan.FromSeconds(22));
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ReconnectAsksAgain()
    {
        using EnginePair pair = Pair(Is(Connections.AddressB), Is(Connections.AddressB));
        pair.Do(room => room.A.Engine.Start(room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Do(room => room.B.Engine.Terminate("tunnel", room.Now));
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(2, pair.A.Operations.Count);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void UnansweredQuestionEndsAtItsDeadline()
    {
        using EnginePair pair = Pair();
        pair.Do(room => room.A.Engine.Start(room.Now));
        Assert.Equal(ConnectionState.Connecting, pair.A.Status(pair.Now).State);
        pair.Run(TimeSpan.FromMinutes(1));
        Assert.Contains("name-not-resolved", pair.A.ReasonCodes);
    }

    [Fact]
    public void TerminationCancelsTheQuestion()
    {
        using EnginePair pair = Pair();
        pair.Do(room => room.A.Engine.Start(room.Now));
        pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
        Assert.Null(pair.A.Engine.NextTimeout);
        Assert.Equal(ConnectionState.Down, pair.A.Status(pair.Now).State);
    }

    [Fact]
    public void ResponderThatKnowsItsPeerByNameOnlyAcceptsItByIdentityFromAnywhere()
    {
        ConnectionConfiguration b = Connections.OfB() with
        {
            RemoteAddress = null,
            RemoteName = "branch.example",
            RemoteIdentity = Ipsec.Ike.Wire.Identity.From(Connections.AddressA)
        };
        using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB(b));
        pair.Establish();
        Agreement.AssertSame(pair);
    }
}
