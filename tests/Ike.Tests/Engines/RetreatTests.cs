using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>An IKE SA that another one has replaced goes without a peer missing anything that it would start again.</summary>
public class RetreatTests
{
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void TheChildSasOfAReplacedIkeSaAreDeletedBeforeIt()
    {
        List<(string Sent, TimeSpan At)> deletes = [];
        EnginePair? room = null;
        var hooks = new MessageEditor
        {
            Outgoing = message =>
            {
                if (message.Header.IsRequest)
                    deletes.AddRange(message.Payloads.OfType<DeletePayload>()
                        .Select(delete => ($"{delete.Protocol} {delete.Spis.Length}", room!.Now.Monotonic)));
                return message;
            },
        };
        using EnginePair pair = room = Up(hooks: hooks);
        pair.Run(Hour);
        Assert.Equal(["Esp 1", "Ike 0"], deletes.Select(delete => delete.Sent));
        Assert.InRange(deletes[1].At - deletes[0].At, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6));
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Agreement.AssertSame(pair);
    }

    [Theory]
    [InlineData(EndAction.None)]
    [InlineData(EndAction.Start)]
    [InlineData(EndAction.Trap)]
    public void ThePeerMissesNothingAndTakesWhatIsOnItsWay(EndAction action)
    {
        using EnginePair pair = Up(b => b with { CloseAction = action, StartAction = StartAction.Start, StartDelay = TimeSpan.FromMinutes(1) });
        pair.Do(room => room.B.Engine.Start(room.Now));
        pair.Run(3 * Hour);
        Assert.Equal(pair.B.Of<IkeSaEstablished>().Count(), pair.B.EverInstalled.Count);
        Assert.All(pair.B.Removed, removed => Assert.Equal(TimeSpan.FromSeconds(5), removed.InboundGrace));
        // It still wants what it wanted.
        int before = pair.B.EverInstalled.Count;
        pair.Do(room => room.B.Engine.HandleHardLimit(room.B.OnlyChild.Id, room.Now));
        pair.Run(TimeSpan.FromMinutes(1));
        Assert.Equal(before + 1, pair.B.EverInstalled.Count);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void WhatThePeerAsksForMeanwhileIsRefused()
    {
        // What B takes for a DELETE of its child SA, and closes, it would ask for again; here it does so because it never hears of that DELETE.
        using EnginePair pair = Up();
        ChildSaId old = pair.B.OnlyChild.Id;
        pair.When(name => name.StartsWith("A INFORMATIONAL", StringComparison.Ordinal), EnginePair.Fate.Drop);
        Assert.True(pair.Run(Hour, () => pair.A.Installed.Count == 2));
        Assert.True(pair.Run(Hour, () => pair.A.Installed.Count == 1));
        pair.Do(room => room.B.Engine.HandleSoftLimit(old, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Contains(pair.B.Of<MessagePassed>(), passed => passed.Exchange == "CREATE_CHILD_SA" && passed.Payloads.Contains("N(TEMPORARY_FAILURE)"));
        pair.ClearRules();
        pair.Run(TimeSpan.FromMinutes(3));
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ShutdownDoesNotWaitForIt()
    {
        using EnginePair pair = Up();
        Assert.True(pair.Run(Hour, () => pair.A.Installed.Count == 2));
        Assert.True(pair.Run(Hour, () => pair.A.Installed.Count == 1));
        pair.Do(room => room.A.Engine.Shutdown(room.Now));
        Assert.True(pair.Run(TimeSpan.FromSeconds(1), () => pair.A.IsShutDown));
        Assert.Empty(pair.B.Installed);
        Assert.Empty(pair.B.Status(pair.Now).IkeSas);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void WhoseInitiatorDoesNotCloseItAfterACrossingIsClosedByTheOther(ulong seed)
    {
        using EnginePair pair = Connections.Pair(connection => connection with { StartAction = StartAction.Start }, seed);
        pair.Do(room => { room.A.Engine.Start(room.Now); room.B.Engine.Start(room.Now); });
        pair.When(name => name.StartsWith("A INFORMATIONAL request", StringComparison.Ordinal), EnginePair.Fate.Drop);
        pair.Run(TimeSpan.FromMinutes(1));
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Assert.Single(pair.B.Installed);
    }

    static EnginePair Up(Func<ConnectionConfiguration, ConnectionConfiguration>? change = null, MessageEditor? hooks = null)
    {
        var pair = new EnginePair(Connections.EngineA(Connections.OfA() with { ReauthenticationTime = Hour }),
            Connections.EngineB((change ?? (b => b))(Connections.OfB())), hooksA: hooks);
        pair.Establish();
        return pair;
    }
}
