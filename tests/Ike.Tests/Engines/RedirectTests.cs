using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Redirection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Redirection (RFC 5685): A is the client. B has a second address that stands for the other gateway.</summary>
public class RedirectTests
{
    static readonly IpAddress Other = IpAddress.Parse("198.51.100.20");

    [Fact]
    public void IkeSaInitIsAnsweredWithTheOtherGateway()
    {
        using EnginePair pair = Pair(RedirectMoment.Init);
        Initiate(pair);
        Assert.Equal(Other, pair.A.Status(pair.Now).IkeSas.Single().Path.Remote.Address);
        Assert.Single(pair.A.Installed);
        Assert.Contains(pair.B.Of<MessagePassed>(), passed => !passed.Sent && passed.Payloads.Contains("N(REDIRECTED_FROM)"));
        Assert.Contains(pair.B.Of<MessagePassed>(), passed => passed.Sent && passed.Payloads.SequenceEqual(["N(REDIRECT)"]) && passed.ResponderSpi == 0);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void IkeAuthIsAnsweredWithTheOtherGatewayOnceBothHaveAuthenticated()
    {
        using EnginePair pair = Pair(RedirectMoment.Auth);
        Initiate(pair);
        Assert.Equal(Other, pair.A.Status(pair.Now).IkeSas.Single().Path.Remote.Address);
        Assert.Single(pair.B.Status(pair.Now, "other").IkeSas);
        Assert.Single(pair.A.Installed);
        // The client deleted the IKE SA with the gateway that sent it away.
        Assert.Empty(pair.B.Status(pair.Now, "tunnel").IkeSas);
        Assert.Single(pair.A.EverInstalled);
    }

    [Fact]
    public void AnActiveSessionIsRedirectedByCommand()
    {
        using EnginePair pair = Pair(null);
        Initiate(pair);
        Assert.Equal(Connections.AddressB, pair.A.Status(pair.Now).IkeSas.Single().Path.Remote.Address);
        pair.Do(room => Assert.Null(room.B.Engine.Redirect("tunnel", Other.ToString(), room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(Other, pair.A.Status(pair.Now).IkeSas.Single().Path.Remote.Address);
        Assert.Single(pair.A.Installed);
        Assert.Single(pair.B.Installed);
        Assert.NotNull(pair.B.Engine.Redirect("tunnel", "not a name", pair.Now).Error);
        Assert.NotNull(pair.B.Engine.Redirect("tunnel", "gw.example", pair.Now).Error);
    }

    /// <summary>The client dials its configured gateway for this, which sends it on to where its old IKE SA is.</summary>
    [Theory]
    [InlineData(RedirectMoment.Init)]
    [InlineData(RedirectMoment.Auth)]
    public void AReauthenticationIsRedirectedToo(RedirectMoment moment)
    {
        using EnginePair pair = new(Connections.EngineA(Client() with { ReauthenticationTime = TimeSpan.FromHours(1) }), Gateways(moment));
        Initiate(pair);
        Assert.False(pair.Run(TimeSpan.FromHours(3), () => pair.A.Installed.Count == 0));
        Assert.Equal(Other, pair.A.Status(pair.Now).IkeSas.Single().Path.Remote.Address);
        Assert.InRange(pair.A.EverInstalled.Select(child => child.Id).Distinct().Count(), 4, 6);
        Assert.DoesNotContain("redirect-loop", pair.A.ReasonCodes);
        Assert.Contains("reauthenticated", pair.A.ReasonCodes);
    }

    /// <summary>In IKE_SA_INIT it is not known yet which of two connections is meant, and only one of them is redirected so early.</summary>
    [Fact]
    public void WhatCouldNotBeToldInIkeSaInitIsToldInIkeAuth()
    {
        ConnectionConfiguration here = Gateway("tunnel", Connections.AddressB) with { RedirectTo = RedirectTarget.Of(Other), RedirectAt = RedirectMoment.Init };
        ConnectionConfiguration neighbour = here with
        {
            Name = "neighbour",
            RemoteIdentity = Identity.Fqdn("neighbour.example"),
            RedirectAt = RedirectMoment.Auth
        };
        using EnginePair pair = Pair(Client(), here, neighbour, Gateway("other", Other));
        Initiate(pair);
        Assert.Equal(Other, pair.A.Status(pair.Now).IkeSas.Single().Path.Remote.Address);
        Assert.Empty(pair.B.Status(pair.Now, "tunnel").IkeSas);
        Assert.Single(pair.A.Installed);
    }

    [Fact]
    public void AClientThatMayNotFollowStays()
    {
        using EnginePair pair = Pair(RedirectMoment.Init, follow: false);
        Initiate(pair);
        Assert.Equal(Connections.AddressB, pair.A.Status(pair.Now).IkeSas.Single().Path.Remote.Address);
        Assert.NotNull(pair.B.Engine.Redirect("tunnel", Other.ToString(), pair.Now).Error);
    }

    [Fact]
    public void ANameIsResolvedFirst()
    {
        using EnginePair pair = Pair(null);
        Initiate(pair);
        pair.A.Answers.Enqueue(new NameResolved([Other]));
        pair.Do(room => room.B.Engine.Redirect("tunnel", "gw2.example", room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal<OperationInput>([new ResolveNameOperation("gw2.example")], pair.A.Operations);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(Other, pair.A.Status(pair.Now).IkeSas.Single().Path.Remote.Address);
    }

    [Fact]
    public void ACircleOfGatewaysIsLeftAfterFiveRedirections()
    {
        // Each of the two sends the client to the other one.
        ConnectionConfiguration here = Gateway("tunnel", Connections.AddressB) with { RedirectTo = RedirectTarget.Of(Other) };
        ConnectionConfiguration there = Gateway("other", Other) with { RedirectTo = RedirectTarget.Of(Connections.AddressB) };
        using EnginePair pair = Pair(Client(), here, there);
        Initiate(pair);
        Assert.Equal(1 + RedirectLimit.Maximum, pair.Sent.Count(name => name == "A IKE_SA_INIT request 0"));
        Assert.Contains("redirect-loop", pair.A.ReasonCodes);
        Assert.Empty(pair.A.Installed);
        Assert.Equal(ConnectionState.Failed, pair.A.Status(pair.Now).State);
    }

    [Fact]
    public void AForgedRedirectIsIgnoredAndTheWaitGoesOn()
    {
        using EnginePair pair = Pair(null);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        IkeHeader sent = Header(pair.Datagrams[0]);
        var path = new NetworkPath(new TransportAddress(Connections.AddressA, 500), new TransportAddress(Connections.AddressB, 500), PathEncapsulation.Ike);
        foreach (NotifyPayload forged in new[]
        {
            RedirectTarget.Of(IpAddress.Parse("192.0.2.66")).ToNotify(NotifyType.Redirect, new byte[32]),
            RedirectTarget.Of(IpAddress.Parse("192.0.2.66")).ToNotify(NotifyType.Redirect),
            new NotifyPayload(NotifyType.Redirect, new byte[] { 1, 200, 1 }),
        })
        {
            pair.Inject(pair.A, MessageWriter.Write(new IkeMessage(new IkeHeader(sent.InitiatorSpi, 0, ExchangeType.IkeSaInit, IkeHeaderFlags.Response, 0),
                [forged])), path);
        }
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(Connections.AddressB, pair.A.Status(pair.Now).IkeSas.Single().Path.Remote.Address);
        Assert.Equal(3, pair.A.Of<PeerFaultCounted>().Count(fault => fault.Fault == "invalid-redirect"));
    }

    [Fact]
    public void OnlyTheOriginalResponderMayRedirect()
    {
        var hooks = new MessageEditor
        {
            Outgoing = message => message.Header is { Exchange: ExchangeType.Informational, IsRequest: true }
                ? message with { Payloads = [RedirectTarget.Of(Other).ToNotify(NotifyType.Redirect)] } : message,
        };
        using EnginePair pair = new(Connections.EngineA(Client() with { DeadPeerDetectionDelay = TimeSpan.FromSeconds(5) }), Gateways(null), hooksA: hooks);
        Initiate(pair);
        pair.Run(TimeSpan.FromSeconds(12));
        Assert.Single(pair.B.Status(pair.Now, "tunnel").IkeSas);
        Assert.Single(pair.B.Installed);
    }

    [Fact]
    public void AGatewayEndsWhatItsClientDoesNotDelete()
    {
        using EnginePair pair = Pair(null);
        Initiate(pair);
        pair.When(name => name.StartsWith("A INFORMATIONAL request") || name.StartsWith("A IKE_SA_INIT"), EnginePair.Fate.Drop);
        pair.Do(room => room.B.Engine.Redirect("tunnel", Other.ToString(), room.Now));
        pair.Run(TimeSpan.FromSeconds(40));
        Assert.Empty(pair.B.Installed);
        Assert.Contains("redirected", pair.B.ReasonCodes);
    }

    [Fact]
    public void AGatewayEndsWhatItsClientDoesNotDeleteAlsoAfterARekey()
    {
        // The client takes it for nothing, and the IKE SA is rekeyed.
        var hooks = new MessageEditor
        {
            Outgoing = message => message with
            {
                Payloads = [.. message.Payloads.Where(payload =>
                payload is not NotifyPayload { NotifyType: NotifyType.Redirect })]
            },
        };
        using EnginePair pair = new(Connections.EngineA(Client()), Gateways(null), hooksB: hooks);
        Initiate(pair);
        pair.Do(room => Assert.Null(room.B.Engine.Redirect("tunnel", Other.ToString(), room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Do(room => Assert.Null(room.B.Engine.RekeyIke("tunnel", room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Single(pair.B.Installed);
        pair.Run(TimeSpan.FromSeconds(60));
        Assert.Empty(pair.B.Installed);
        Assert.Contains("redirected", pair.B.ReasonCodes);
    }

    [Fact]
    public void ARedirectionThatARekeyOvertakesIsSentOnTheNewIkeSa()
    {
        using EnginePair pair = Pair(null);
        Initiate(pair);
        pair.When("B INFORMATIONAL request 0", EnginePair.Fate.Drop);
        pair.Do(room => room.B.Engine.Redirect("tunnel", Other.ToString(), room.Now));
        pair.Do(room => Assert.Null(room.A.Engine.RekeyIke("tunnel", room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(Other, pair.A.Status(pair.Now).IkeSas.Single().Path.Remote.Address);
        Assert.Single(pair.B.Installed);
    }

    static IkeHeader Header(byte[] datagram)
    {
        Assert.True(MessageEnvelope.TryParse(datagram, out IkeHeader header, out _, out _));
        return header;
    }

    static void Initiate(EnginePair pair)
    {
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromSeconds(1));
    }

    static EnginePair Pair(RedirectMoment? moment, bool follow = true) =>
        new(Connections.EngineA(Client() with { FollowRedirects = follow }), Gateways(moment));

    static EnginePair Pair(ConnectionConfiguration client, params ConnectionConfiguration[] gateways) =>
        new(Connections.EngineA(client), Connections.EngineB(gateways) with { LocalAddresses = [Connections.AddressB, Other] });

    static IkeEngineConfiguration Gateways(RedirectMoment? moment)
    {
        ConnectionConfiguration here = Gateway("tunnel", Connections.AddressB);
        if (moment is RedirectMoment at)
            here = here with { RedirectTo = RedirectTarget.Of(Other), RedirectAt = at };
        return Connections.EngineB(here, Gateway("other", Other)) with { LocalAddresses = [Connections.AddressB, Other] };
    }

    static ConnectionConfiguration Client() => Connections.OfA() with { RemoteIdentity = Identity.Fqdn("gateways.example") };

    static ConnectionConfiguration Gateway(string name, IpAddress address) => Connections.OfB() with
    {
        Name = name,
        LocalAddress = address,
        LocalIdentity = Identity.Fqdn("gateways.example"),
    };
}
