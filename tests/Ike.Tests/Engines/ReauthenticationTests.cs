using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>AUTH_LIFETIME, RFC 4478, and reauthentication make before break.</summary>
public class ReauthenticationTests
{
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    static EnginePair Up(TimeSpan? a, TimeSpan? b, Func<ConnectionConfiguration, ConnectionConfiguration>? change = null,
        DuplicatePolicy duplicates = DuplicatePolicy.Replace)
    {
        change ??= connection => connection;
        var pair = new EnginePair(
            Connections.EngineA(change(Connections.OfA() with { ReauthenticationTime = a })),
            Connections.EngineB(Connections.OfB() with { ReauthenticationTime = b, DuplicatePolicy = duplicates }));
        pair.Establish();
        return pair;
    }

    static int Authentications(EnginePair pair) => pair.A.Of<IkeSaEstablished>().Count(established => !established.IsRekey);

    /// <summary>At every moment A could send and B could receive: there never was a time without an installed pair.</summary>
    static void AssertNeverDown(EnginePair pair, TimeSpan duration)
    {
        bool wasDown = pair.Run(duration, () => pair.A.Installed.Count == 0 || pair.B.Installed.Count == 0);
        Assert.False(wasDown);
    }

    [Theory]
    [InlineData(DuplicatePolicy.Replace)]
    [InlineData(DuplicatePolicy.Keep)]
    [InlineData(DuplicatePolicy.Never)]
    public void InitiatorAuthenticatesAgainBeforeItsOwnTimeIsUp(DuplicatePolicy duplicates)
    {
        using EnginePair pair = Up(Hour, null, duplicates: duplicates);
        AssertNeverDown(pair, TimeSpan.FromMinutes(47));
        Assert.Equal(1, Authentications(pair));
        AssertNeverDown(pair, TimeSpan.FromMinutes(9));
        Assert.Equal(2, Authentications(pair));
        Agreement.AssertSame(pair);
        Assert.Single(pair.A.Installed);
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        AssertNeverDown(pair, 10 * Hour);
        Assert.InRange(Authentications(pair), 12, 14);
    }

    [Fact]
    public void WhatIsOnItsWayOnTheOldChildSaIsStillTaken()
    {
        using EnginePair pair = Up(Hour, null);
        pair.Run(Hour);
        Assert.Equal(2, Authentications(pair));
        Assert.Equal([TimeSpan.FromSeconds(5)], pair.A.Removed.Select(removed => removed.InboundGrace));
        Assert.Equal([TimeSpan.FromSeconds(5)], pair.B.Removed.Select(removed => removed.InboundGrace));
        // A termination is another matter: nothing carries on.
        pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
        pair.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.Zero, pair.A.Removed[^1].InboundGrace);
        Assert.Equal(TimeSpan.Zero, pair.B.Removed[^1].InboundGrace);
    }

    [Fact]
    public void ResponderSendsOnTheOldChildSaUntilThePeerHasTheNewOne()
    {
        using EnginePair pair = Up(Hour, null);
        Assert.Equal(OutboundActivation.Immediately, pair.B.OnlyChild.Activation);
        ChildSaId old = pair.B.OnlyChild.Id;
        Assert.True(pair.Run(Hour, () => pair.B.Installed.Count == 2));
        InstallChildSa renewed = pair.B.EverInstalled[^1];
        Assert.Equal((OutboundActivation.OnFirstInbound, (ChildSaId?)old), (renewed.Activation, renewed.Replaces));
        Assert.True(pair.Run(Hour, () => pair.A.Installed.Count == 2));
        Assert.Equal(OutboundActivation.Immediately, pair.A.EverInstalled[^1].Activation);
        // What it waited for is gone.
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Equal([renewed.Id], pair.B.Installed.Keys);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ResponderDoesNotWaitForLongWhereThePeerHasForgottenTheOldIkeSa(bool isUsed)
    {
        using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB(Connections.OfB() with { DuplicatePolicy = DuplicatePolicy.Never }),
            hooksA: new MessageEditor
            {
                Outgoing = message => message with
                {
                    Payloads = message.Payloads.RemoveAll(payload =>
                    payload is NotifyPayload { NotifyType: NotifyType.InitialContact })
                },
            });
        pair.Establish();
        pair.When(name => name.StartsWith("A INFORMATIONAL"), EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(4));
        Assert.Equal(2, pair.B.Installed.Count);
        Assert.Equal(OutboundActivation.OnFirstInbound, pair.B.EverInstalled[^1].Activation);
        Assert.Empty(pair.B.Activated);
        if (isUsed)
            pair.Do(room => room.B.Engine.HandleFirstInbound(room.B.EverInstalled[^1].Id, room.Now));
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(isUsed ? [] : [pair.B.EverInstalled[^1].Id], pair.B.Activated);
    }

    [Fact]
    public void PeersLimitIsKept()
    {
        using EnginePair pair = Up(null, Hour);
        Assert.Contains("N(AUTH_LIFETIME)", pair.A.Of<MessagePassed>().Last(passed => passed.Exchange == "IKE_AUTH").Payloads);
        AssertNeverDown(pair, 10 * Hour);
        Assert.InRange(Authentications(pair), 11, 14);
        Agreement.AssertSame(pair);
        Assert.DoesNotContain("authentication-expired", pair.B.ReasonCodes);
    }

    [Fact]
    public void RekeyDoesNotProlongAnAuthentication()
    {
        using EnginePair pair = Up(null, Hour);
        for (int i = 0; i < 4; i++)
        {
            pair.Run(TimeSpan.FromMinutes(11));
            pair.Do(room => Assert.Null(room.A.Engine.RekeyIke("tunnel", room.Now).Error));
        }
        pair.Run(TimeSpan.FromMinutes(12));
        Assert.Equal(2, Authentications(pair));
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ResponderClosesWhatIsNotRenewed()
    {
        using EnginePair pair = Up(null, Hour);
        // The new attempts do not get through, everything else does.
        pair.When(name => name.Contains("IKE_SA_INIT"), EnginePair.Fate.Drop);
        pair.Run(TimeSpan.FromMinutes(65));
        Assert.Single(pair.B.Installed);
        pair.Run(TimeSpan.FromMinutes(2));
        Assert.Empty(pair.B.Installed);
        Assert.Empty(pair.A.Installed);
        Assert.Contains(pair.B.Of<IkeSaClosed>(), closed => closed.Reasons[0].Code == "authentication-expired");
    }

    [Fact]
    public void FailedAttemptIsTriedAgainWhileTheOldOneLives()
    {
        using EnginePair pair = Up(null, Hour);
        pair.When(name => name.Contains("IKE_SA_INIT"), EnginePair.Fate.Drop);
        pair.Run(TimeSpan.FromMinutes(58));
        pair.ClearRules();
        AssertNeverDown(pair, TimeSpan.FromMinutes(5));
        Assert.Equal(2, Authentications(pair));
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void EveryChildMovesToTheNewIkeSa()
    {
        ChildConfiguration second = Connections.Child([Connections.NetworkA], ["10.9.0.0/16"], "second");
        using var pair = new EnginePair(
            Connections.EngineA(Connections.OfA() with { ReauthenticationTime = Hour, Children = [.. Connections.OfA().Children, second] }),
            Connections.EngineB(Connections.OfB() with
            {
                Children = [.. Connections.OfB().Children,
                Connections.Child(["10.9.0.0/16"], [Connections.NetworkA], "second")]
            }));
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(2, pair.A.Installed.Count);
        bool wasOneDown = pair.Run(TimeSpan.FromMinutes(56), () =>
            new[] { pair.A, pair.B }.Any(node => node.Installed.Values.Select(child => child.Child).Distinct().Count() < 2));
        Assert.False(wasOneDown);
        Assert.Equal(2, Authentications(pair));
        Assert.Equal(["net", "second"], pair.A.Installed.Values.Select(child => child.Child).Order());
        Assert.Equal(2, pair.B.Installed.Count);
        Agreement.AssertSame(pair);
    }

    static EnginePair WithTwoChildren(MessageEditor? hooksA = null, MessageEditor? hooksB = null)
    {
        ChildConfiguration second = Connections.Child([Connections.NetworkA], ["10.9.0.0/16"], "second");
        return new EnginePair(
            Connections.EngineA(Connections.OfA() with { ReauthenticationTime = Hour, Children = [.. Connections.OfA().Children, second] }),
            Connections.EngineB(Connections.OfB() with
            {
                Children = [.. Connections.OfB().Children,
                Connections.Child(["10.9.0.0/16"], [Connections.NetworkA], "second")]
            }),
            hooksA: hooksA, hooksB: hooksB);
    }

    static bool IsOneDown(EnginePair pair) =>
        new[] { pair.A, pair.B }.Any(node => node.Installed.Values.Select(child => child.Child).Distinct().Count() < 2);

    static void BringUpBoth(EnginePair pair)
    {
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        Assert.True(pair.Run(TimeSpan.FromMinutes(1), () => !IsOneDown(pair)));
        pair.Run(TimeSpan.FromSeconds(10));
    }

    /// <summary>RFC 7296 §2.8.3.</summary>
    [Theory]
    [InlineData("slow")]
    [InlineData("lost")]
    public void TheOldIkeSaStaysUntilEveryChildIsOnTheNewOne(string path)
    {
        using EnginePair pair = WithTwoChildren();
        if (path == "slow")
            pair.Latency = TimeSpan.FromSeconds(4);
        BringUpBoth(pair);
        if (path == "lost")
            pair.When(name => name.StartsWith("A CREATE_CHILD_SA", StringComparison.Ordinal), EnginePair.Fate.Drop, 5);
        bool wasOneDown = pair.Run(TimeSpan.FromMinutes(56), () => IsOneDown(pair));
        Assert.False(wasOneDown);
        Assert.Equal(2, Authentications(pair));
        Assert.Equal(2, pair.A.Installed.Count);
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void ChildThatThePeerGrantsNoMoreEndsTheWaiting()
    {
        bool refuses = false;
        // What it asks for is changed into something that B refuses.
        using EnginePair pair = WithTwoChildren(hooksA: new MessageEditor
        {
            Outgoing = message => refuses && message.Header is { Exchange: ExchangeType.CreateChildSa, IsRequest: true } ? message with
            {
                Payloads = [.. message.Payloads.Select(payload => payload is TrafficSelectorPayload
                    ? new TrafficSelectorPayload(payload.Type, Connections.Selectors("192.0.2.0/24")) : payload)],
            } : message,
        });
        BringUpBoth(pair);
        refuses = true;
        Assert.True(pair.Run(Hour, () => pair.A.Status(pair.Now).IkeSas.Length == 2));
        bool wasOneDown = pair.Run(TimeSpan.FromMinutes(1), () => IsOneDown(pair));
        Assert.False(wasOneDown);
        pair.Run(TimeSpan.FromMinutes(5));
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Assert.Equal("net", pair.A.OnlyChild.Child);
    }

    [Fact]
    public void NewIkeSaThatEndsBeforeItHasTakenOverLeavesTheOldOneToBeRenewedAgain()
    {
        bool refuses = false;
        using EnginePair pair = WithTwoChildren(hooksB: new MessageEditor
        {
            Outgoing = message => refuses && message.Header is { Exchange: ExchangeType.CreateChildSa, IsRequest: false }
                ? message with { Payloads = [new NotifyPayload(NotifyType.InvalidSyntax)] } : message,
        });
        BringUpBoth(pair);
        refuses = true;
        Assert.True(pair.Run(Hour, () => pair.A.Status(pair.Now).IkeSas.Length == 2));
        bool wasOneDown = pair.Run(TimeSpan.FromSeconds(20), () => IsOneDown(pair));
        Assert.False(wasOneDown);
        refuses = false;
        wasOneDown = pair.Run(TimeSpan.FromMinutes(5), () => IsOneDown(pair));
        Assert.False(wasOneDown);
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Agreement.AssertSame(pair);
    }

    /// <summary>Each has come up for a packet; A proposes single hosts only, as a peer that narrows would leave them.</summary>
    [Fact]
    public void PartsOfANarrowedChildMoveToTheNewIkeSa()
    {
        var hooks = new MessageEditor
        {
            Outgoing = message => message with
            {
                Payloads = [.. message.Payloads.Select(payload => payload is TrafficSelectorPayload selectors
                    ? selectors with { Selectors = [ToHost(selectors.Selectors[0])] } : payload)],
            },
        };
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA() with { StartAction = StartAction.Traffic, ReauthenticationTime = Hour }),
            Connections.EngineB(),
            hooksA: hooks);
        pair.Do(room => room.A.Engine.Start(room.Now));
        foreach (string to in (string[])["10.1.3.4", "10.1.3.5", "10.1.3.6"])
        {
            pair.Do(room => room.A.Engine.HandleAcquire("tunnel", Connections.PacketOfA with { Destination = IpAddress.Parse(to) }, room.Now));
            pair.Run(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(3, Parts());
        Assert.False(pair.Run(3 * Hour, () => Parts() < 3));
        Assert.InRange(Authentications(pair), 4, 5);
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Agreement.AssertSame(pair);

        static TrafficSelector ToHost(TrafficSelector selector) => selector.Addresses.First == selector.Addresses.Last ? selector
            : Connections.Selectors(selector.Addresses.Contains(Connections.PacketOfA.Source) ? "10.2.0.7/32" : "10.1.3.4/32")[0];

        int Parts() => pair.A.Installed.Values.Where(child => child.RemoteSelectors[0].Addresses.First == child.RemoteSelectors[0].Addresses.Last)
            .Select(child => child.RemoteSelectors[0].Addresses.First).Distinct().Count();
    }

    /// <summary>Without a child SA in IKE_AUTH the new IKE SA carries nothing for a round trip: until then the old one does.</summary>
    [Fact]
    public void ResponderThatReplacesKeepsTheOldOneUntilTheNewOneCarries()
    {
        using EnginePair pair = Up(Hour, null, connection => connection with { Childless = ChildlessPolicy.Prefer });
        AssertNeverDown(pair, 3 * Hour);
        Assert.InRange(Authentications(pair), 3, 4);
        Agreement.AssertSame(pair);
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Assert.DoesNotContain("replaced", pair.B.ReasonCodes);
    }

    [Fact]
    public void LimitOfSecondsDoesNotDriveUsInCircles()
    {
        var hooks = new MessageEditor
        {
            Outgoing = message => message with
            {
                Payloads = [.. message.Payloads.Select(payload => payload is NotifyPayload { NotifyType: NotifyType.AuthLifetime }
                    ? new NotifyPayload(NotifyType.AuthLifetime, new byte[4]) : payload)],
            },
        };
        using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB(Connections.OfB() with { ReauthenticationTime = Hour }), 1, null, hooks);
        pair.Establish();
        pair.Run(TimeSpan.FromMinutes(1));
        Assert.InRange(Authentications(pair), 5, 9);
    }
}
