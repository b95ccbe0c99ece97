using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Redirection;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Admission;

/// <summary>
/// Answers IKE_SA_INIT requests (RFC 7296 §1.2, §2.6): repetitions from the cache, cookies before state under load, and half-open IKE SAs
/// within their bound.
/// </summary>
sealed class InitResponder(EngineContext context) : IDisposable
{
    static readonly TimeSpan CookieSecretLifetime = TimeSpan.FromMinutes(1);

    readonly CookieFactory _cookies = new(context.Random, CookieSecretLifetime);

    public void Handle(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now)
    {
        // RFC 7296 §2.6, §3.1: the first message of an initiator has no responder SPI, and message ID 0.
        if (!header.IsFromInitiator || header.ResponderSpi != 0 || header.MessageId != 0)
        {
            context.CountFault("invalid-init-header", path);
            return;
        }
        UInt128 hash = MessageDigest.Of(datagram);
        if (context.HalfOpen.TryFind(hash, path.Remote.Address, out byte[] cached))
        {
            context.Counters.Add("repeated-request");
            context.Transmit(path, cached);
            return;
        }
        if (!MessageReader.TryParse(datagram, out _, out IkeMessage? request, out MessageFault fault)
            || !ExchangeTable.TryMatch(request, isProtected: false, out _, out fault))
        {
            context.CountFault(PeerFaults.Tag(fault.Fault), path);
            if (PeerFaults.Answer(fault.Fault, isAuthenticated: false) is NotifyType answer)
                StatelessReply.Send(context, header, path, new NotifyPayload(answer, new[] { (byte)fault.Payload }), []);
            return;
        }
        MessageTrace.Begin(context, sent: false, header, path, request.Payloads);
        if (IsAdmitted(request, path, now))
            Negotiate(request, datagram, hash, path, now);
    }

    public void Dispose() => _cookies.Dispose();

    /// <summary>Spends no more on a request than its load allows.</summary>
    bool IsAdmitted(IkeMessage request, NetworkPath path, Instant now)
    {
        if (context.HalfOpen.Count >= context.Options.MaximumHalfOpen)
        {
            context.Counters.Add("half-open-limit");
            return false;
        }
        if (context.HalfOpen.Count < context.Options.CookieThreshold)
            return true;
        ReadOnlySpan<byte> nonce = request.Find<NoncePayload>()!.Data.Span;
        if (request.FindNotify(NotifyType.Cookie) is NotifyPayload cookie && _cookies.Verify(cookie.Data.Span, nonce, path.Remote, request.Header.InitiatorSpi, now))
            return true;
        context.Counters.Add("cookie-sent");
        byte[] fresh = _cookies.Create(nonce, path.Remote, request.Header.InitiatorSpi, now);
        StatelessReply.Send(context, request.Header, path, new NotifyPayload(NotifyType.Cookie, fresh), ["many half-open IKE SAs: the initiator must return a cookie"]);
        return false;
    }

    void Negotiate(IkeMessage request, ReadOnlySpan<byte> datagram, UInt128 hash, NetworkPath path, Instant now)
    {
        // D10, first step: every connection that this could be for. Their policies may differ; which one it is, IDi will tell.
        ImmutableArray<ConnectionConfiguration> candidates =
            [.. CandidateSelection.Find(context.Configuration.Connections, path.Local.Address, path.Remote.Address, context.IsGone).Where(connection => connection.MayRespond)];
        if (candidates.IsEmpty)
        {
            Refuse(request, path, new NotifyPayload(NotifyType.NoProposalChosen), null,
                [Reasons.Known("no-connection", $"No connection between {path.Local.Address} and {path.Remote.Address} is configured that may respond.")]);
            return;
        }
        if (RedirectSupportTask.IsAnnouncedIn(request) && RedirectFor(candidates, path) is RedirectTarget target)
        {
            // RFC 5685 §3: no IKE SA comes of it.
            StatelessReply.Send(context, request.Header, path, target.ToNotify(NotifyType.Redirect, request.Find<NoncePayload>()!.Data.Span), [$"redirects the peer to {target}"]);
            return;
        }
        string? only = candidates.Length == 1 ? candidates[0].Name : null;
        ImmutableArray<AlgorithmProposal> accepted = [.. candidates.SelectMany(connection => connection.ResponderProposals)];
        if (!ProposalSelection.TrySelect(accepted, IntermediateExchangeTask.Usable(request), withKeyExchange: true,
            out SelectedProposal? selected, out ProposalMismatch? mismatch))
        {
            Refuse(request, path, new NotifyPayload(NotifyType.NoProposalChosen), only, [ProposalReasons.WeRefused(mismatch)]);
            return;
        }
        IkeSuite suite = selected.ToIkeSuite();
        KeyExchangePayload theirs = request.Find<KeyExchangePayload>()!;
        if (theirs.Method != (ushort)suite.KeyExchange)
        {
            StatelessReply.Send(context, request.Header, path, InvalidKe.Notify(suite.KeyExchange), [InvalidKe.Reason(theirs.Method, suite.KeyExchange).Text]);
            return;
        }
        if (KeyExchanges.TryRespond(suite.KeyExchange, context.Random, theirs.Data.Span, out byte[]? publicValue, out Secret? sharedSecret))
            Answer(request, datagram, hash, path, candidates, selected, publicValue, sharedSecret, now);
        else
            context.CountFault("invalid-ke-value", path);
    }

    /// <summary>Only where it does not matter which connection it is; and nobody is sent to where it is already.</summary>
    static RedirectTarget? RedirectFor(ImmutableArray<ConnectionConfiguration> candidates, NetworkPath path)
    {
        RedirectTarget? target = candidates[0].RedirectTo;
        return candidates.All(candidate => candidate.RedirectAt == RedirectMoment.Init && Equals(candidate.RedirectTo, target)) && target?.Address != path.Local.Address
            ? target : null;
    }

    void Answer(IkeMessage request, ReadOnlySpan<byte> datagram, UInt128 hash, NetworkPath path, ImmutableArray<ConnectionConfiguration> candidates,
        SelectedProposal selected, byte[] publicValue, Secret sharedSecret, Instant now)
    {
        IkeSuite suite = selected.ToIkeSuite();
        var sa = new IkeSa(context, context.NextIkeSaId(), isInitiator: false, request.Header.InitiatorSpi, context.Sas.NewSpi(), path, now)
        {
            ConnectionName = candidates.Length == 1 ? candidates[0].Name : null,
        };
        var situation = new InitSituation(sa, path, candidates, request);
        situation.Read(request);
        byte[] nonce = context.NewNonce();
        var header = new IkeHeader(sa.InitiatorSpi, sa.ResponderSpi, ExchangeType.IkeSaInit, IkeHeaderFlags.Response, 0);
        ImmutableArray<Payload> payloads =
        [
            selected.ToReply(default),
            new KeyExchangePayload((ushort)suite.KeyExchange, publicValue),
            new NoncePayload(nonce),
            .. situation.ToPayloads(),
        ];
        IkeMessage response = ClearMessage.Build(context, new IkeMessage(header, payloads), out byte[] reply);
        byte[] nonceI = request.Find<NoncePayload>()!.Data.ToArray();
        IkeKeys keys = InitialKeys.Derive(sa, suite, sharedSecret, nonceI, nonce);
        var channel = new ProtectedChannel(sa, suite, keys, nextRequestId: 0, expectedId: 1, now);
        var state = new IntermediateResponder(sa, channel, new InitialMessages(datagram.ToArray(), reply, nonceI, nonce), candidates);
        sa.Become(state);
        context.Sas.Add(sa);
        context.HalfOpen.Add(sa, hash, reply);
        state.Start(now);
        MessageTrace.Begin(context, sent: true, header, path, response.Payloads).For(sa).Note([$"chose {ProposalText.Print(suite)}", sa.Nat.ToString()]);
        context.Transmit(path, reply);
    }

    void Refuse(IkeMessage request, NetworkPath path, NotifyPayload error, string? connection, ImmutableArray<Reason> reasons)
    {
        StatelessReply.Send(context, request.Header, path, error, [.. reasons.Select(reason => reason.Text)]);
        context.Emit(new NegotiationRefused(ByPeer: false, "IKE_SA_INIT", reasons) { Connection = connection });
        context.Connections.HandlePeerRefused(connection, reasons);
    }
}
