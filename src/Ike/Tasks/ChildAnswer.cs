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
/// or the one notify that refuses it. A request for transport mode is answered without USE_TRANSPORT_MODE, which means tunnel mode (§1.3.1).
/// </summary>
abstract record ChildAnswer
{
    /// <param name="SharedSecret">Null without perfect forward secrecy; the receiver disposes it.</param>
    /// <param name="Nonce">Ours; empty in IKE_AUTH.</param>
    public sealed record Grant(ChildConfiguration Configuration, EspSuite Suite, uint InboundSpi, uint OutboundSpi, ChildSelectors Selectors,
        Secret? SharedSecret, byte[] Nonce, ImmutableArray<Payload> Payloads) : ChildAnswer;

    public sealed record Refuse(NotifyPayload Error, ImmutableArray<Reason> Reasons) : ChildAnswer;

    /// <param name="children">Those that the request may be for, in order of preference.</param>
    /// <param name="withKeyExchange">False in IKE_AUTH.</param>
    public static ChildAnswer To(EngineContext context, IkeMessage request, ImmutableArray<ChildConfiguration> children, bool withKeyExchange)
    {
        if (request.Find<SecurityAssociationPayload>() is not SecurityAssociationPayload offer || ChildSelectors.From(request, weInitiate: false) is not ChildSelectors proposed)
            return new Refuse(new NotifyPayload(NotifyType.InvalidSyntax), [Reasons.Known("invalid-syntax", "SA or TS payloads are missing.")]);

        List<(ChildConfiguration Child, ChildSelectors Selectors)> matching = [];
        foreach (ChildConfiguration child in children)
        {
            if (Narrow(proposed, child) is ChildSelectors narrowed)
                matching.Add((child, narrowed));
        }
        if (matching.Count == 0)
            return new Refuse(new NotifyPayload(NotifyType.TsUnacceptable), [SelectorReasons.NoOverlap(proposed, children)]);

        ProposalMismatch? firstMismatch = null;
        foreach ((ChildConfiguration child, ChildSelectors selectors) in matching)
        {
            if (ProposalSelection.TrySelect(child.ResponderProposals, offer.Proposals, withKeyExchange, out SelectedProposal? selected, out ProposalMismatch? mismatch))
                return Agree(context, request, child, selectors, selected);
            firstMismatch ??= mismatch;
        }
        return new Refuse(new NotifyPayload(NotifyType.NoProposalChosen), [ProposalReasons.WeRefused(firstMismatch!)]);
    }

    /// <summary>What both sides allow, or null.</summary>
    public static ChildSelectors? Narrow(ChildSelectors proposed, ChildConfiguration child)
    {
        ChildSelectors narrowed = child.AcceptAnySelectors
            ? new ChildSelectors(SelectorNarrowing.AcceptAny(proposed.Local), SelectorNarrowing.AcceptAny(proposed.Remote))
            : new ChildSelectors(SelectorNarrowing.Narrow(proposed.Local, child.LocalSelectors), SelectorNarrowing.Narrow(proposed.Remote, child.RemoteSelectors));
        return narrowed.Local.IsEmpty || narrowed.Remote.IsEmpty ? null : narrowed;
    }

    static ChildAnswer Agree(EngineContext context, IkeMessage request, ChildConfiguration child, ChildSelectors selectors, SelectedProposal selected)
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
            return new Refuse(new NotifyPayload(NotifyType.InvalidSyntax), [Reasons.Known("invalid-ke", "The peer's key exchange value is not acceptable for its group (RFC 6989 §2).")]);
        }

        bool hasNonce = request.Find<NoncePayload>() is not null;
        byte[] nonce = hasNonce ? context.NewNonce() : [];
        byte[] spiOctets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(spiOctets, spi);
        List<Payload> payloads = [selected.ToReply(spiOctets)];
        if (hasNonce)
            payloads.Add(new NoncePayload(nonce));
        if (publicValue is not null)
            payloads.Add(new KeyExchangePayload((ushort)method, publicValue));
        payloads.AddRange(selectors.ToPayloads(weInitiate: false));
        return new Grant(child, suite, spi, BinaryPrimitives.ReadUInt32BigEndian(selected.PeerSpi.Span), selectors, sharedSecret, nonce, [.. payloads]);
    }
}
