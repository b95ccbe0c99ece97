using System.Buffers.Binary;
using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>
/// A responder's answer to a request for a child SA (RFC 7296 §1.2, §1.3, §2.9): it either holds everything that an SA is made of,
/// or the one notify that refuses it. Transport mode is granted where it is asked for and configured; a request for it where only tunnel mode is
/// configured is answered without USE_TRANSPORT_MODE, which means tunnel mode (§1.3.1).
/// </summary>
abstract record ChildAnswer
{
    /// <param name="SharedSecret">Null without perfect forward secrecy; the receiver disposes it.</param>
    /// <param name="Nonce">Ours; empty in IKE_AUTH.</param>
    /// <param name="TransportMode">Null is tunnel mode.</param>
    public sealed record Grant(ChildConfiguration Configuration, EspSuite Suite, uint InboundSpi, uint OutboundSpi, ChildSelectors Selectors,
        TransportAddresses? TransportMode, Secret? SharedSecret, byte[] Nonce, ImmutableArray<Payload> Payloads) : ChildAnswer;

    public sealed record Refuse(NotifyPayload Error, ImmutableArray<Reason> Reasons) : ChildAnswer;

    /// <param name="children">Those that the request may be for, in order of preference.</param>
    /// <param name="addresses">Of the IKE SA.</param>
    /// <param name="withKeyExchange">False in IKE_AUTH.</param>
    public static ChildAnswer To(EngineContext context, IkeMessage request, ImmutableArray<ChildConfiguration> children, ChildAddresses addresses,
        bool withKeyExchange)
    {
        if (request.Find<SecurityAssociationPayload>() is not SecurityAssociationPayload offer
            || ChildSelectors.From(request, weInitiate: false) is not ChildSelectors proposed)
            return new Refuse(new NotifyPayload(NotifyType.InvalidSyntax), [Reasons.Known("invalid-syntax", "SA or TS payloads are missing.")]);

        List<Match> matching = [.. children.Select(child => Find(request, proposed, child, addresses)).OfType<Match>()
            .OrderByDescending(match => Fit(match, proposed, addresses))];
        if (matching.Count == 0)
            return RefuseSelectors(request, proposed, children, addresses);

        ProposalMismatch? firstMismatch = null;
        foreach (Match match in matching)
        {
            if (ProposalSelection.TrySelect(match.Child.ResponderProposals, offer.Proposals, withKeyExchange, out SelectedProposal? selected,
                out ProposalMismatch? mismatch))
                return Agree(context, request, match, selected);
            firstMismatch ??= mismatch;
        }
        return new Refuse(new NotifyPayload(NotifyType.NoProposalChosen), [ProposalReasons.WeRefused(firstMismatch!)]);
    }

    /// <summary>
    /// 2 where the child is meant for all that is proposed, 1 where it is meant for the first choices, which a responder that allows them at all must not
    /// leave out (RFC 7296 §2.9).
    /// </summary>
    static int Fit(Match match, ChildSelectors proposed, ChildAddresses addresses)
    {
        if (match.Child.Mode == ChildMode.Transport)
            return 0;
        ChildSelectors allowed = addresses.SelectorsOf(match.Child);
        if (SelectorNarrowing.IsWithin(proposed, allowed))
            return 2;
        return new SelectorPair(proposed.Local[0], proposed.Remote[0]).IsWithin(allowed) ? 1 : 0;
    }

    /// <summary>What both sides may come to allow, or null: asked when it is not known yet which addresses the peer will have.</summary>
    public static ChildSelectors? Narrow(ChildSelectors proposed, ChildConfiguration child) => Narrow(proposed, child, ChildAddresses.Undecided);

    /// <summary>What both sides allow, or null.</summary>
    static Match? Find(IkeMessage request, ChildSelectors proposed, ChildConfiguration child, ChildAddresses addresses)
    {
        if (child.Mode == ChildMode.Tunnel)
            return Narrow(proposed, child, addresses) is ChildSelectors narrowed ? new Match(child, narrowed, null) : null;
        return AsksForTransportMode(request) && addresses.Substitute(proposed, out TransportAddresses original) is ChildSelectors substituted
            && Narrow(substituted, child, addresses) is ChildSelectors between ? new Match(child, between, original) : null;
    }

    static ChildSelectors? Narrow(ChildSelectors proposed, ChildConfiguration child, ChildAddresses addresses)
    {
        ChildSelectors allowed = addresses.SelectorsOf(child);
        ChildSelectors narrowed = child.AcceptAnySelectors && child.Mode == ChildMode.Tunnel
            ? new ChildSelectors(SelectorNarrowing.AcceptAny(proposed.Local), SelectorNarrowing.AcceptAny(proposed.Remote))
            : new ChildSelectors(SelectorNarrowing.Narrow(proposed.Local, allowed.Local), SelectorNarrowing.Narrow(proposed.Remote, allowed.Remote));
        return narrowed.Local.IsEmpty || narrowed.Remote.IsEmpty ? null : narrowed;
    }

    static bool AsksForTransportMode(IkeMessage request) => request.FindNotify(NotifyType.UseTransportMode) is not null;

    static Refuse RefuseSelectors(IkeMessage request, ChildSelectors proposed, ImmutableArray<ChildConfiguration> children, ChildAddresses addresses) =>
        !AsksForTransportMode(request) && children.Any(child => child.Mode == ChildMode.Transport)
            ? new Refuse(new NotifyPayload(NotifyType.NoProposalChosen),
                [Reasons.Known("transport-mode", "The peer did not ask for transport mode (USE_TRANSPORT_MODE), which is configured here.")])
            : new Refuse(new NotifyPayload(NotifyType.TsUnacceptable),
                [SelectorReasons.NoOverlap(proposed, [.. children.Select(child => (child.Name, addresses.SelectorsOf(child)))])]);

    sealed record Match(ChildConfiguration Child, ChildSelectors Selectors, TransportAddresses? TransportMode);

    static ChildAnswer Agree(EngineContext context, IkeMessage request, Match match, SelectedProposal selected)
    {
        EspSuite suite = selected.ToEspSuite();
        KeyExchangeMethod method = suite.KeyExchange;
        KeyExchangePayload? theirs = request.Find<KeyExchangePayload>();
        // RFC 7296 §1.3: a group other than that of KEi is chosen by refusing with the group that is wanted.
        if (method != KeyExchangeMethod.None && (theirs is null || theirs.Method != (ushort)method))
            return new Refuse(InvalidKe.Notify(method), [InvalidKe.Reason(theirs?.Method, method)]);
        if (!context.Spis.TryAllocate(out uint spi))
            return new Refuse(new NotifyPayload(NotifyType.NoAdditionalSas), Reasons.NoSpi);

        Secret? sharedSecret = null;
        byte[]? publicValue = null;
        if (method != KeyExchangeMethod.None && !KeyExchanges.TryRespond(method, context.Random, theirs!.Data.Span, out publicValue, out sharedSecret))
        {
            context.Spis.Release(spi);
            return new Refuse(new NotifyPayload(NotifyType.InvalidSyntax),
                [Reasons.Known("invalid-ke", "The peer's key exchange value is not acceptable for its group (RFC 6989 §2).")]);
        }

        bool hasNonce = request.Find<NoncePayload>() is not null;
        byte[] nonce = hasNonce ? context.NewNonce() : [];
        byte[] spiOctets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(spiOctets, spi);
        List<Payload> payloads = [];
        if (match.TransportMode is not null)
            payloads.Add(new NotifyPayload(NotifyType.UseTransportMode));
        payloads.Add(selected.ToReply(spiOctets));
        if (hasNonce)
            payloads.Add(new NoncePayload(nonce));
        if (publicValue is not null)
            payloads.Add(new KeyExchangePayload((ushort)method, publicValue));
        payloads.AddRange(match.Selectors.ToPayloads(weInitiate: false));
        return new Grant(match.Child, suite, spi, BinaryPrimitives.ReadUInt32BigEndian(selected.PeerSpi.Span), match.Selectors, match.TransportMode,
            sharedSecret, nonce, [.. payloads]);
    }
}
