using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Mobility;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.PeerAuthentication;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// A half-open IKE SA: the peer has our IKE_SA_INIT response and must now authenticate (RFC 7296 §1.2). Which connection it is for is not known yet (D10).
/// </summary>
sealed class AuthResponder : HalfOpenResponder
{
    readonly InitialMessages _messages;
    readonly ResponderAuthentication _authentication;
    IkeMessage? _firstRequest;
    MessageTrace? _trace;

    /// <param name="channel">Owned from here on.</param>
    public AuthResponder(IkeSa sa, ProtectedChannel channel, InitialMessages messages, ImmutableArray<ConnectionConfiguration> candidates) : base(sa, channel)
    {
        _messages = messages;
        _authentication = new SingleRoundResponder(new AuthenticationSituation(sa, channel.Suite, channel.Keys, messages), candidates);
    }

    protected override string Exchange => "IKE_AUTH";

    public override void HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        _trace = trace;
        if (kind is not (MessageKind.IkeAuthRequest or MessageKind.IkeAuthChildlessRequest or MessageKind.IkeAuthEapRequest))
        {
            Refuse(Reasons.Known("authentication-failed", "The peer began another exchange before it authenticated."), now);
            return;
        }
        _firstRequest ??= request;
        trace.Note($"as {request.Find<IdentificationPayload>(PayloadType.IdentificationInitiator)!.Identity}");
        _authentication.Read(request, HandleRound, now);
    }

    protected override void StopWork()
    {
        _authentication.End();
        base.StopWork();
    }

    void HandleRound(ResponderRound round, Instant now)
    {
        switch (round)
        {
            case ResponderRound.Continue next:
                Channel.Reply(next.Payloads, []);
                break;
            case ResponderRound.Refused refused:
                Refuse(refused.Reason, now);
                break;
            case ResponderRound.Succeeded succeeded:
                Accept(succeeded, now);
                break;
        }
    }

    void Accept(ResponderRound.Succeeded succeeded, Instant now)
    {
        IkeMessage request = _firstRequest!;
        bool initialContact = InitialContactTask.IsIn(request);
        // A reload may have taken the connection away since IKE_SA_INIT.
        if (!Sa.Context.Connections.TryFind(succeeded.Connection.Name, out ConnectionRuntime? connection)
            || !connection.Configuration.Equals(succeeded.Connection))
        {
            Refuse(AuthenticationReasons.NotForUs($"Connection {succeeded.Connection.Name} has been changed or removed meanwhile."), now);
            return;
        }
        if (connection.Configuration.Childless == ChildlessPolicy.Never && request.Find<SecurityAssociationPayload>() is null)
        {
            Refuse(ChildlessReasons.NotAllowed(connection.Name), now);
            return;
        }
        if (DuplicateResolution.IsRefused(connection, succeeded.Local, succeeded.Remote, Sa, initialContact))
        {
            Refuse(AuthenticationReasons.Duplicate(succeeded.Remote), now);
            return;
        }
        if (MobikeTask.IsUnexpectedlyTranslated(connection.Configuration, request, Channel.InboundPath))
        {
            // The peer is authenticated, and may know (RFC 4555 §3.9).
            Refuse(NotifyType.UnexpectedNatDetected, MobilityReasons.NatInAuthentication, now);
            return;
        }
        StopWork();
        Sa.Context.HalfOpen.HandleAuthenticated(Sa);
        Sa.ConnectionName = connection.Name;
        Sa.Retransmission = connection.Configuration.Retransmission;
        MessageTrace trace = _trace!.For(Sa);
        var ike = new EstablishedIkeSa(Sa, Channel, connection, succeeded.Local, succeeded.Remote, now);
        // They have served their purpose; every IKE SA would keep them for good.
        Sa.Capabilities = Sa.Capabilities with { CertificateAuthorities = default };
        Sa.Become(ike);
        connection.Manager.HandleEstablished(ike, now);

        var situation = new AuthAnswerSituation(ike, request, _messages, Offer: null, trace, now);
        ImmutableArray<Payload> payloads = [.. succeeded.Payloads, .. AuthTask.All.SelectMany(task => task.Answer(situation))];
        Channel.Reply(payloads, [$"for {connection.Name}", succeeded.Note, .. situation.Notes]);
        foreach (AuthTask task in AuthTask.All)
            task.Finish(situation);
    }

    /// <summary>One code path and one answer for a wrong key, an unknown identity and everything else (RFC 7296 §2.21.2).</summary>
    void Refuse(Reason reason, Instant now) => Refuse(NotifyType.AuthenticationFailed, reason, now);
}
