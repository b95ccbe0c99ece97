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
    ];

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
    public static ProposalMismatch? Compare(ImmutableArray<AlgorithmProposal> initiator, ImmutableArray<AlgorithmProposal> responder, bool withKeyExchange)
    {
        int spiLength = initiator is [{ Protocol: ProtocolId.Esp }, ..] ? 4 : 0;
        ImmutableArray<Proposal> offer = WireProposal.Offer(initiator, new byte[spiLength], withKeyExchange).Proposals;
        return TrySelect(responder, offer, withKeyExchange, out _, out ProposalMismatch? mismatch) ? null : mismatch;
    }

    /// <summary>One transform of each type that both have, in our order of preference. Types that only one side has must be able to be "none".</summary>
    static bool TryChoose(ImmutableArray<Transform> ours, ImmutableArray<Transform> offered, out ImmutableArray<Transform> chosen)
    {
        ImmutableArray<Transform>.Builder builder = ImmutableArray.CreateBuilder<Transform>();
        chosen = [];
        if (offered.Any(transform => !IsKnownType(transform.Type)))
            return false;
        foreach (TransformType type in Enum.GetValues<TransformType>())
        {
            if (!TryChoose(type, ours, offered, out Transform? choice))
                return false;
            if (choice is Transform transform)
                builder.Add(transform);
        }
        chosen = builder.DrainToImmutable();
        return true;
    }

    /// <param name="choice">Null where the type stays away from the reply.</param>
    static bool TryChoose(TransformType type, ImmutableArray<Transform> ours, ImmutableArray<Transform> offered, out Transform? choice)
    {
        choice = null;
        ImmutableArray<Transform> mine = [.. ours.Where(transform => transform.Type == type)];
        ImmutableArray<Transform> theirs = [.. offered.Where(transform => transform.Type == type)];
        // RFC 5282 §8: our ciphers are all combined-mode or none is; with them an integrity algorithm is not needed, whatever else is offered.
        if (type == TransformType.Integrity && mine.IsEmpty)
            return true;
        foreach (Transform transform in mine)
        {
            if (theirs.Contains(transform))
            {
                choice = transform;
                return true;
            }
        }
        // A list that is empty on one side matches a NONE on the other (RFC 7296 §3.3.3: an optional type may be left out).
        return (mine.IsEmpty && (theirs.IsEmpty || theirs.Any(IsNone))) || (theirs.IsEmpty && mine.Any(IsNone));
    }

    static ProposalMismatch Explain(ImmutableArray<AlgorithmProposal> accepted, ImmutableArray<Proposal> offered, bool withKeyExchange)
    {
        var pairs =
            from AlgorithmProposal policy in accepted
            from Proposal proposal in offered
            where policy.Protocol == proposal.Protocol && proposal.Transforms.All(transform => IsKnownType(transform.Type))
            let ours = WireProposal.Transforms(policy, withKeyExchange)
            let theirs = Offered(proposal, withKeyExchange)
            let differing = Attributes.Where(attribute => !TryChoose(attribute.Type, ours, theirs, out _)).ToImmutableArray()
            select (Ours: ours, Theirs: theirs, Differing: differing);
        var ranked = pairs.ToList();
        ImmutableArray<string> offers = [.. offered.Select(ProposalText.Print)];
        ImmutableArray<string> acceptable = [.. accepted.Select(ProposalText.Print)];
        if (ranked.Count == 0)
            return new ProposalMismatch("protocol", offers, acceptable, offers, acceptable);
        int fewest = ranked.Min(pair => pair.Differing.Length);
        var closest = ranked.Where(pair => pair.Differing.Length == fewest).ToList();
        (TransformType type, string name) = closest[0].Differing[0];
        var alike = closest.Where(pair => pair.Differing[0].Type == type).ToList();
        return new ProposalMismatch(name, Words(alike.SelectMany(pair => pair.Theirs), type), Words(alike.SelectMany(pair => pair.Ours), type), offers, acceptable);
    }

    static ImmutableArray<string> Words(IEnumerable<Transform> transforms, TransformType type) =>
        [.. transforms.Where(transform => transform.Type == type).Select(AlgorithmWords.NameOf).Distinct()];

    static ImmutableArray<Transform> Offered(Proposal proposal, bool withKeyExchange) => withKeyExchange
        ? proposal.Transforms
        : [.. proposal.Transforms.Where(transform => transform.Type != TransformType.KeyExchange)];

    static bool IsKnownType(TransformType type) => type is >= TransformType.Encryption and <= TransformType.ExtendedSequenceNumbers;

    static bool IsNone(Transform transform) => transform is { Type: TransformType.Integrity or TransformType.KeyExchange, Id: 0 };
}
