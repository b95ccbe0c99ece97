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
/// Answers IKE_SA_INIT requests (RFC 7296 §1.2, §2.6): repetitions from the cache, half-open IKE SAs within their bound, and a cookie first under load and
/// where the answer would be longer than the request: an address that may be forged never gets more octets than were sent in its name.
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
                StatelessReply.Send(context, header, datagram.Length, path, [new NotifyPayload(answer, new[] { (byte)fault.Payload })], []);
            return;
        }
        MessageTrace.Begin(context, sent: false, header, path, request.Payloads);
        var init = new InitRequest(request, datagram.ToArray(), hash, path, HasCookie(request, path, now));
        if (IsAdmitted(init, now))
            Negotiate(init, now);
    }

    public void Dispose() => _cookies.Dispose();

    /// <summary>The request returns a cookie of ours: its sender receives what is sent to its address.</summary>
    bool HasCookie(IkeMessage request, NetworkPath path, Instant now) => request.FindNotify(NotifyType.Cookie) is NotifyPayload cookie
        && _cookies.Verify(cookie.Data.Span, request.Find<NoncePayload>()!.Data.Span, path.Remote, request.Header.InitiatorSpi, now);

    /// <summary>Spends no more on a request than its load allows.</summary>
    bool IsAdmitted(InitRequest init, Instant now)
    {
        if (context.HalfOpen.Count >= context.Options.MaximumHalfOpen)
        {
            context.Counters.Add("half-open-limit");
            return false;
        }
        if (context.HalfOpen.Count < context.Options.CookieThreshold)
            return true;
        if (!init.HasCookie)
        {
            AskForCookie(init, "many half-open IKE SAs: the initiator must return a cookie", now);
            return false;
        }
        if (context.HalfOpen.CountOf(init.Path.Remote.Address) < context.Options.MaximumHalfOpenPerAddress)
            return true;
        context.Counters.Add("half-open-per-address");
        return false;
    }

    void AskForCookie(InitRequest init, string why, Instant now)
    {
        context.Counters.Add("cookie-sent");
        byte[] fresh = _cookies.Create(init.Nonce.Span, init.Path.Remote, init.Message.Header.InitiatorSpi, now);
        StatelessReply.Send(context, init.Message.Header, init.Datagram.Length, init.Path, [new NotifyPayload(NotifyType.Cookie, fresh)], [why]);
    }

    /// <summary>False, and the initiator is asked for a cookie, where an answer of these payloads is longer than the request.</summary>
    bool MayAnswer(InitRequest init, ImmutableArray<Payload> answer, Instant now)
    {
        if (StatelessReply.Fits(answer, init.AnswerLimit))
            return true;
        AskForCookie(init, "the answer is longer than the request: the initiator must return a cookie", now);
        return false;
    }

    void Negotiate(InitRequest init, Instant now)
    {
        NetworkPath path = init.Path;
        // D10, first step: every connection that this could be for. Their policies may differ; which one it is, IDi will tell.
        ImmutableArray<ConnectionConfiguration> known = CandidateSelection.Find(context.Configuration.Connections, path.Local.Address, path.Remote.Address,
            context.IsGone);
        ImmutableArray<ConnectionConfiguration> candidates = [.. known.Where(connection => connection.MayRespond)];
        if (candidates.IsEmpty)
        {
            Refuse(init, null, [known.IsEmpty
                ? Reasons.Known("no-connection", $"No connection between {path.Local.Address} and {path.Remote.Address} is configured.")
                : Reasons.Known("only-initiates",
                    $"{path.Remote.Address} dials, and {string.Join(", ", known.Select(connection => connection.Name))} may only initiate from this side.")]);
            return;
        }
        if (RedirectSupportTask.IsAnnouncedIn(init.Message) && RedirectFor(candidates, path) is RedirectTarget target)
        {
            // RFC 5685 §3: no IKE SA comes of it.
            ImmutableArray<Payload> redirect = [target.ToNotify(NotifyType.Redirect, init.Nonce.Span)];
            if (MayAnswer(init, redirect, now))
                Answer(init, redirect, [$"redirects the peer to {target}"]);
            return;
        }
        string? only = candidates.Length == 1 ? candidates[0].Name : null;
        ImmutableArray<AlgorithmProposal> accepted = [.. candidates.SelectMany(connection => connection.ResponderProposals)];
        if (!ProposalSelection.TrySelect(accepted, IntermediateExchangeTask.Usable(init.Message), withKeyExchange: true,
            out SelectedProposal? selected, out ProposalMismatch? mismatch))
        {
            Refuse(init, only, [ProposalReasons.WeRefused(mismatch)]);
            return;
        }
        IkeSuite suite = selected.ToIkeSuite();
        ushort theirs = init.Message.Find<KeyExchangePayload>()!.Method;
        if (theirs == (ushort)suite.KeyExchange)
            Accept(init, candidates, selected, suite, now);
        else
            Answer(init, [InvalidKe.Notify(suite.KeyExchange)], [InvalidKe.Reason(theirs, suite.KeyExchange).Text]);
    }

    /// <summary>Only where it does not matter which connection it is; and nobody is sent to where it is already.</summary>
    static RedirectTarget? RedirectFor(ImmutableArray<ConnectionConfiguration> candidates, NetworkPath path)
    {
        RedirectTarget? target = candidates[0].RedirectTo;
        return candidates.All(candidate => candidate.RedirectAt == RedirectMoment.Init && Equals(candidate.RedirectTo, target))
            && target?.Address != path.Local.Address
            ? target : null;
    }

    void Accept(InitRequest init, ImmutableArray<ConnectionConfiguration> candidates, SelectedProposal selected, IkeSuite suite, Instant now)
    {
        ReadOnlySpan<byte> theirs = init.Message.Find<KeyExchangePayload>()!.Data.Span;
        var sa = new IkeSa(context, context.NextIkeSaId(), isInitiator: false, init.Message.Header.InitiatorSpi, context.Sas.NewSpi(), init.Path, now)
        {
            ConnectionName = candidates.Length == 1 ? candidates[0].Name : null,
        };
        var situation = new InitSituation(sa, init.Path, candidates, init.Message);
        situation.Read(init.Message);
        byte[] nonce = context.NewNonce();
        ImmutableArray<Payload> behindKey = [new NoncePayload(nonce), .. situation.ToPayloads()];
        Payload choice = selected.ToReply(default);
        // How long the answer is, is known before the work of a key exchange is spent on somebody who may not be there.
        if (!MayAnswer(init, [choice, new KeyExchangePayload((ushort)suite.KeyExchange, new byte[KeyExchanges.ResponderValueLength(suite.KeyExchange)]),
            .. behindKey], now))
            return;
        if (!KeyExchanges.TryRespond(suite.KeyExchange, context.Random, theirs, out byte[]? publicValue, out Secret? sharedSecret))
        {
            context.CountFault("invalid-ke-value", init.Path);
            return;
        }
        var header = new IkeHeader(sa.InitiatorSpi, sa.ResponderSpi, ExchangeType.IkeSaInit, IkeHeaderFlags.Response, 0);
        ImmutableArray<Payload> payloads = [choice, new KeyExchangePayload((ushort)suite.KeyExchange, publicValue), .. behindKey];
        IkeMessage response = ClearMessage.Build(context, new IkeMessage(header, payloads), out byte[] reply);
        byte[] nonceI = init.Nonce.ToArray();
        IkeKeys keys = InitialKeys.Derive(sa, suite, sharedSecret, nonceI, nonce);
        var channel = new ProtectedChannel(sa, suite, keys, nextRequestId: 0, expectedId: 1, now);
        var state = new IntermediateResponder(sa, channel, new InitialMessages(init.Datagram, reply, nonceI, nonce), candidates);
        sa.Become(state);
        context.Sas.Add(sa);
        context.HalfOpen.Add(sa, init.Hash, reply, init.HasCookie);
        state.Start(now);
        MessageTrace.Begin(context, sent: true, header, init.Path, response.Payloads).For(sa).Note([$"chose {ProposalText.Print(suite)}", sa.Nat.ToString()]);
        context.Transmit(init.Path, reply);
    }

    void Refuse(InitRequest init, string? connection, ImmutableArray<Reason> reasons)
    {
        Answer(init, [new NotifyPayload(NotifyType.NoProposalChosen)], [.. reasons.Select(reason => reason.Text)]);
        context.Emit(new NegotiationRefused(ByPeer: false, "IKE_SA_INIT", reasons) { Connection = connection });
        context.Connections.HandlePeerRefused(connection, reasons);
    }

    void Answer(InitRequest init, ImmutableArray<Payload> payloads, ImmutableArray<string> notes) =>
        StatelessReply.Send(context, init.Message.Header, init.AnswerLimit, init.Path, payloads, notes);

    /// <summary>A request as it came.</summary>
    /// <param name="Hash">Of the datagram: what a repetition is recognized by.</param>
    /// <param name="HasCookie">It returns a cookie of ours.</param>
    sealed record InitRequest(IkeMessage Message, byte[] Datagram, UInt128 Hash, NetworkPath Path, bool HasCookie)
    {
        public ReadOnlyMemory<byte> Nonce => Message.Find<NoncePayload>()!.Data;

        /// <summary>Octets that the answer may have.</summary>
        public int AnswerLimit => HasCookie ? int.MaxValue : Datagram.Length;
    }
}
