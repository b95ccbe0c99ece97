using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Configuration;

/// <summary>Choosing among proposals, RFC 7296 §2.7 and §3.3.6.</summary>
public static class ProposalSelection
{
    /// <summary>The order in which people look for the difference.</summary>
    static readonly ImmutableArray<(TransformType Type, string Name)> Attributes =
    [
        (TransformType.Encryption, "encryption"),
        (TransformType.Integrity, "integrity"),
        (TransformType.PseudorandomFunction, "PRF"),
        (TransformType.KeyExchange, "key exchange"),
        (TransformType.ExtendedSequenceNumbers, "extended sequence numbers"),
        .. Enumerable.Range(0, AdditionalKeyExchanges.Maximum).Select(i => (AdditionalKeyExchanges.TypeOf(i), $"additional key exchange {i + 1}")),
    ];

    static readonly TransformType[] PlainTypes =
        [TransformType.Encryption, TransformType.PseudorandomFunction, TransformType.Integrity, TransformType.ExtendedSequenceNumbers];

    static readonly TransformType[] KeyExchangeTypes =
        [TransformType.KeyExchange, .. Enumerable.Range(0, AdditionalKeyExchanges.Maximum).Select(AdditionalKeyExchanges.TypeOf)];

    /// <summary>
    /// As responder: the first of our proposals that one of the offered ones meets, and of each type the transform that we prefer.
    /// A proposal with a transform type that we do not know cannot be chosen; a transform that we do not know only cannot be chosen itself.
    /// </summary>
    /// <param name="withKeyExchange">False in IKE_AUTH, where groups are not negotiated for the child SA (RFC 7296 §1.2).</param>
    internal static bool TrySelect(ImmutableArray<AlgorithmProposal> accepted, ImmutableArray<Proposal> offered, bool withKeyExchange,
        [NotNullWhen(true)] out SelectedProposal? selected, [NotNullWhen(false)] out ProposalMismatch? mismatch)
    {
        mismatch = null;
        for (int i = 0; i < accepted.Length; i++)
        {
            ImmutableArray<Transform> ours = WireProposal.Transforms(accepted[i], withKeyExchange);
            foreach (Proposal proposal in offered)
            {
                if (proposal.Protocol == accepted[i].Protocol && TryChoose(ours, Offered(proposal, withKeyExchange), out ImmutableArray<Transform> chosen))
                {
                    selected = new SelectedProposal(proposal.Number, proposal.Protocol, proposal.Spi, i, chosen);
                    return true;
                }
            }
        }
        selected = null;
        mismatch = Explain(accepted, offered, withKeyExchange);
        return false;
    }

    /// <summary>
    /// As initiator: the reply must be one of our proposals under its number, cut down to one transform of each type (RFC 7296 §2.7, §3.3.1).
    /// </summary>
    internal static bool TryAcceptReply(ImmutableArray<AlgorithmProposal> offered, SecurityAssociationPayload reply, bool withKeyExchange,
        [NotNullWhen(true)] out SelectedProposal? selected)
    {
        selected = null;
        if (reply.Proposals is not [Proposal answer] || answer.Number > offered.Length)
            return false;
        AlgorithmProposal policy = offered[answer.Number - 1];
        ImmutableArray<Transform> ours = WireProposal.Transforms(policy, withKeyExchange);
        // NONE says what leaving the type out says (RFC 7296 §3.3.2).
        ImmutableArray<Transform> answered = [.. answer.Transforms.Where(transform => ours.Contains(transform) || !IsNone(transform))];
        if (answer.Protocol != policy.Protocol || answered.Any(transform => !ours.Contains(transform))
            || answered.DistinctBy(transform => transform.Type).Count() != answered.Length
            || !TryChoose(ours, answered, out ImmutableArray<Transform> chosen) || chosen.Length != answered.Length)
            return false;
        selected = new SelectedProposal(answer.Number, answer.Protocol, answer.Spi, answer.Number - 1, chosen);
        return true;
    }

    /// <summary>From two configurations alone: null if they agree on something, else why not.</summary>
    public static ProposalMismatch? Compare(ImmutableArray<AlgorithmProposal> initiator, ImmutableArray<AlgorithmProposal> responder, bool withKeyExchange) =>
        TryAgree(initiator, responder, withKeyExchange, out _, out ProposalMismatch? mismatch) ? null : mismatch;

    /// <summary>From two configurations alone: what they agree on, or why they do not.</summary>
    /// <param name="suite">As in a proposal.</param>
    public static bool TryAgree(ImmutableArray<AlgorithmProposal> initiator, ImmutableArray<AlgorithmProposal> responder, bool withKeyExchange,
        [NotNullWhen(true)] out string? suite, [NotNullWhen(false)] out ProposalMismatch? mismatch)
    {
        int spiLength = initiator is [{ Protocol: ProtocolId.Esp }, ..] ? 4 : 0;
        ImmutableArray<Proposal> offer = WireProposal.Offer(initiator, new byte[spiLength], withKeyExchange).Proposals;
        bool agreed = TrySelect(responder, offer, withKeyExchange, out SelectedProposal? selected, out mismatch);
        suite = selected is null ? null : ProposalText.Print(new Proposal(selected.Number, selected.Protocol, selected.PeerSpi, selected.Transforms));
        return agreed;
    }

    /// <summary>
    /// One transform of each type that both have, in our order of preference. Types that only one side has must be able to be "none". RFC 9370 §2.2.2: no
    /// key exchange method is used twice.
    /// </summary>
    static bool TryChoose(ImmutableArray<Transform> ours, ImmutableArray<Transform> offered, out ImmutableArray<Transform> chosen)
    {
        ImmutableArray<Transform>.Builder builder = ImmutableArray.CreateBuilder<Transform>();
        chosen = [];
        if (offered.Any(transform => !IsKnownType(transform.Type)))
            return false;
        foreach (TransformType type in PlainTypes)
        {
            if (Choices(type, ours, offered) is not [var choice, ..])
                return false;
            if (choice is Transform transform)
                builder.Add(transform);
        }
        List<Transform> keyExchanges = [];
        if (!TryChooseKeyExchanges(KeyExchangeTypes, ours, offered, keyExchanges))
            return false;
        builder.AddRange(keyExchanges);
        chosen = builder.DrainToImmutable();
        return true;
    }

    /// <summary>What we want most of each type may be what another type needs, so that a choice may have to be taken back.</summary>
    static bool TryChooseKeyExchanges(ReadOnlySpan<TransformType> types, ImmutableArray<Transform> ours, ImmutableArray<Transform> offered,
        List<Transform> chosen)
    {
        if (types.IsEmpty)
            return true;
        foreach (Transform? choice in Choices(types[0], ours, offered))
        {
            if (choice is not Transform transform)
                return TryChooseKeyExchanges(types[1..], ours, offered, chosen);
            if (transform.Id != 0 && chosen.Exists(other => other.Id == transform.Id))
                continue;
            chosen.Add(transform);
            if (TryChooseKeyExchanges(types[1..], ours, offered, chosen))
                return true;
            chosen.RemoveAt(chosen.Count - 1);
        }
        return false;
    }

    /// <summary>What could be agreed on of a type, most wanted first; null where the type stays away from the reply, nothing where both sides differ.</summary>
    static Transform?[] Choices(TransformType type, ImmutableArray<Transform> ours, ImmutableArray<Transform> offered)
    {
        ImmutableArray<Transform> mine = [.. ours.Where(transform => transform.Type == type)];
        ImmutableArray<Transform> theirs = [.. offered.Where(transform => transform.Type == type)];
        // RFC 5282 §8: our ciphers are all combined-mode or none is; with them an integrity algorithm is not needed, whatever else is offered.
        if (type == TransformType.Integrity && mine.IsEmpty)
            return [null];
        Transform?[] common = [.. mine.Where(theirs.Contains).Select(transform => (Transform?)transform)];
        if (common.Length > 0)
            return common;
        // A list that is empty on one side matches a NONE on the other (RFC 7296 §3.3.3: an optional type may be left out).
        bool mayBeNone = (mine.IsEmpty && (theirs.IsEmpty || theirs.Any(IsNone))) || (theirs.IsEmpty && mine.Any(IsNone));
        return mayBeNone ? [null] : [];
    }

    static ProposalMismatch Explain(ImmutableArray<AlgorithmProposal> accepted, ImmutableArray<Proposal> offered, bool withKeyExchange)
    {
        var pairs =
            from AlgorithmProposal policy in accepted
            from Proposal proposal in offered
            where policy.Protocol == proposal.Protocol && proposal.Transforms.All(transform => IsKnownType(transform.Type))
            let ours = WireProposal.Transforms(policy, withKeyExchange)
            let theirs = Offered(proposal, withKeyExchange)
            let differing = Attributes.Where(attribute => Choices(attribute.Type, ours, theirs).Length == 0).ToImmutableArray()
            select (Ours: ours, Theirs: theirs, Differing: differing);
        var ranked = pairs.ToList();
        ImmutableArray<string> offers = [.. offered.Select(ProposalText.Print)];
        ImmutableArray<string> acceptable = [.. accepted.Select(ProposalText.Print)];
        if (ranked.Count == 0)
            return new ProposalMismatch("protocol", offers, acceptable, offers, acceptable);
        int fewest = ranked.Min(pair => pair.Differing.Length);
        var closest = ranked.Where(pair => pair.Differing.Length == fewest).ToList();
        // Where each type has something in common and still nothing could be chosen, the methods are too few (RFC 9370 §2.2.2).
        (TransformType type, string name) = fewest > 0 ? closest[0].Differing[0] : (TransformType.AdditionalKeyExchange1, "additional key exchange 1");
        var alike = closest.Where(pair => fewest == 0 || pair.Differing[0].Type == type).ToList();
        return new ProposalMismatch(name, Words(alike.SelectMany(pair => pair.Theirs), type), Words(alike.SelectMany(pair => pair.Ours), type), offers,
            acceptable);
    }

    static ImmutableArray<string> Words(IEnumerable<Transform> transforms, TransformType type) =>
        [.. transforms.Where(transform => transform.Type == type).Select(ProposalText.NameOf).Distinct()];

    static ImmutableArray<Transform> Offered(Proposal proposal, bool withKeyExchange) => withKeyExchange
        ? proposal.Transforms
        : [.. proposal.Transforms.Where(transform => !KeyExchangeTypes.Contains(transform.Type))];

    static bool IsKnownType(TransformType type) => type is >= TransformType.Encryption and <= TransformType.AdditionalKeyExchange7;

    static bool IsNone(Transform transform) =>
        transform is { Type: TransformType.Integrity or TransformType.KeyExchange or >= TransformType.AdditionalKeyExchange1, Id: 0 };
}
