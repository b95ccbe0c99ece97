using Ipsec.Ike;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Mobility;
using Ipsec.Ike.Recovery;
using Ipsec.Ike.Redirection;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Fuzz;

/// <summary>Puts the engine into a stage: IKE SAs are made from given keys in place of a handshake, everything after that happens by itself.</summary>
sealed class StageBuilder(Target target, Dice dice)
{
    static readonly PeerCapabilities Everything = new()
    {
        Fragmentation = true,
        IntermediateExchange = true,
        SignatureHashAlgorithms = [2, 5],
        Childless = true,
        Redirect = true,
        NatTraversal = true,
        Mobike = true,
    };

    ulong _count;

    EngineContext Context => target.Context;
    Instant Now => target.Now;

    public Session Build(Stage stage)
    {
        target.Sent.Clear();
        Session session = stage switch
        {
            Stage.Nothing => new Session(target, dice, targetBegan: false, 0, 0, null),
            Stage.InitSent => Initiate(),
            Stage.HalfOpen => HalfOpen(Policy.PlainSuite),
            Stage.HalfOpenIntermediate => HalfOpen(Policy.HybridSuite),
            Stage.IntermediateSent => Ask(Policy.HybridSuite, Policy.Site),
            Stage.AuthSent => Ask(Policy.PlainSuite, Policy.Site),
            Stage.AuthSentWithCertificate => Ask(Policy.PlainSuite, Policy.Certified),
            Stage.AuthSentByClient => Ask(Policy.PlainSuite, Policy.Client),
            Stage.AuthSentWithPostquantumKey => Ask(Policy.PlainSuite, Policy.Quantum),
            Stage.AuthSentWithRawKey => Ask(Policy.PlainSuite, Policy.Raw),
            _ => Established(stage),
        };
        target.Drain();
        session.Listen();
        Prepare(stage, session);
        return session;
    }

    Session Initiate()
    {
        ConnectionRuntime connection = target.Connection(Policy.Site);
        Context.Connections.Initiate(connection, null, Now);
        return new Session(target, dice, targetBegan: true, connection.Attempt!.InitiatorSpi, 0, null) { Sa = connection.Attempt };
    }

    Session HalfOpen(IkeSuite suite)
    {
        IkeSa sa = NewSa(isInitiator: false);
        sa.Capabilities = sa.Capabilities with { PostquantumPresharedKey = true };
        sa.ConnectionName = null;
        var channel = new ProtectedChannel(sa, suite, Policy.NewKeys(), nextRequestId: 0, expectedId: 1, Now);
        var state = new IntermediateResponder(sa, channel, Policy.Messages, Context.Configuration.Connections);
        sa.Become(state);
        Context.Sas.Add(sa);
        Context.HalfOpen.Add(sa, new UInt128(dice.Next64(), dice.Next64()), [], hasCookie: false);
        state.Start(Now);
        return new Session(target, dice, targetBegan: false, sa.LocalSpi, 1, suite) { Sa = sa };
    }

    Session Ask(IkeSuite suite, string name)
    {
        ConnectionRuntime connection = target.Connection(name);
        IkeSa sa = NewSa(isInitiator: true);
        sa.ConnectionName = name;
        sa.Capabilities = sa.Capabilities with { PostquantumPresharedKey = !connection.Configuration.PostquantumKeys.IsEmpty };
        Context.Sas.Add(sa);
        connection.Attempt = sa;
        var state = new IntermediateInitiator(sa, connection, new ProtectedChannel(sa, suite, Policy.NewKeys(), nextRequestId: 1, expectedId: 0, Now),
            Policy.Messages);
        sa.Become(state);
        state.Start(Now);
        return new Session(target, dice, targetBegan: true, sa.LocalSpi, 0, suite) { Sa = sa };
    }

    Session Established(Stage stage)
    {
        bool isClient = stage is Stage.EstablishedByClient;
        bool weBegan = isClient || stage is Stage.EstablishedByUs || stage != Stage.Established && dice.Percent(50);
        ConnectionRuntime connection = target.Connection(isClient ? Policy.Client : Policy.Site);
        IkeSa sa = NewSa(weBegan);
        sa.ConnectionName = connection.Name;
        sa.Mobility.Announced = Context.LocalAddresses;
        var channel = new ProtectedChannel(sa, Policy.PlainSuite, Policy.NewKeys(), nextRequestId: weBegan ? 2u : 0, expectedId: weBegan ? 0u : 2, Now);
        var ike = new EstablishedIkeSa(sa, channel, connection, Policy.TargetIdentity, Policy.SiteIdentity, Now);
        sa.Become(ike);
        Context.Sas.Add(sa);
        connection.Manager.HandleEstablished(ike, Now);
        InstallChild(ike, connection.Configuration.Children[stage == Stage.FollowupSent ? 2 : 0],
            stage == Stage.FollowupSent ? Policy.HybridEsp : Policy.PlainEsp, weBegan);
        return new Session(target, dice, weBegan, sa.LocalSpi, weBegan ? 0u : 2, Policy.PlainSuite) { Sa = sa };
    }

    void InstallChild(EstablishedIkeSa ike, ChildConfiguration configuration, string suite, bool weBegan)
    {
        if (!target.TryAllocate(out uint spi))
            throw new InvalidOperationException("no SPI");
        var selectors = new ChildSelectors(configuration.LocalSelectors.IsEmpty ? Policy.Selectors("10.9.0.7/32") : configuration.LocalSelectors,
            configuration.RemoteSelectors);
        ike.Children.Install(new ChildSaAgreement(configuration, Policy.EspSuites[suite], spi, Samples.ChildSpi, selectors, null, Policy.Messages.NonceI,
            Policy.Messages.NonceR, weBegan), Now);
    }

    /// <summary>From an established IKE SA into the middle of an exchange.</summary>
    void Prepare(Stage stage, Session session)
    {
        if (session.Sa?.State is not EstablishedIkeSa ike)
            return;
        switch (stage)
        {
            case Stage.FollowupAwaited:
                Say(session, Samples.AskHybrid);
                return;
            case Stage.CreatingChild:
                if (dice.Percent(50))
                    ike.ChildUpkeep.Rekey(ike.Children.All[0], Now);
                else
                    ike.ChildUpkeep.Ensure([dice.Percent(50) ? "group" : "hybrid"], Now);
                break;
            case Stage.RekeyingIke:
                ike.RekeyIke(Now);
                break;
            case Stage.FollowupSent:
                ike.ChildUpkeep.Rekey(ike.Children.All[0], Now);
                target.Drain();
                session.Listen();
                Say(session, Samples.GrantHybrid);
                return;
            case Stage.Informing:
                Inform(ike);
                break;
            case Stage.Closing:
                ike.Close(Reasons.Terminated, Farewell.Delete, Now);
                break;
            case Stage.Retired:
                Say(session, Samples.RekeyIke);
                return;
            case Stage.Lingering:
                Say(session, Samples.DeleteIke);
                return;
        }
        target.Drain();
        session.Listen();
    }

    void Inform(EstablishedIkeSa ike)
    {
        switch (dice.Next(5))
        {
            case 0:
                ike.Requests.Enqueue(new CrashTokenExchange(), Now);
                break;
            case 1:
                ike.Requests.Enqueue(new RedirectExchange(RedirectTarget.Of(Policy.PeerAddress)), Now);
                break;
            case 2:
                ike.ChildUpkeep.Expire(ike.Children.All[0], Reasons.HardLimit, Now);
                break;
            case 3:
                ike.Requests.Enqueue(new UpdateAddressesExchange(), Now);
                break;
            default:
                ike.Requests.Enqueue(new LivenessExchange(), Now);
                break;
        }
    }

    /// <summary>A whole and right message on the way into the stage.</summary>
    void Say(Session session, Sample sample)
    {
        target.Deliver(session.SealWhole(session.HeaderFor(sample), sample.Payloads), Policy.Path);
        session.Listen();
    }

    IkeSa NewSa(bool isInitiator)
    {
        // Its own SPI is new each time; the keys do not depend on it, because they are given.
        ulong own = 0xA000000000000000 + ++_count;
        return new IkeSa(Context, Context.NextIkeSaId(), isInitiator, isInitiator ? own : Session.PeerSpi, isInitiator ? Session.PeerSpi : own,
            Policy.Path, Now)
        {
            Capabilities = Everything,
            FragmentSize = dice.Percent(20) ? 300 : 1280,
        };
    }
}
