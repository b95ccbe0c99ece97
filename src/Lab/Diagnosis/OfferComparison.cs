using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Diagnosis;

/// <summary>
/// Both offers side by side (D8). A lab has both configurations, so what differs is known even to the side that got only
/// NO_PROPOSAL_CHOSEN, and so is what each side could change.
/// </summary>
/// <param name="Connection">The connection's name.</param>
/// <param name="Initiator">Label of the node that offers.</param>
/// <param name="Responder">Label of the node that accepts none of it.</param>
/// <param name="Subject">"IKE SA" or "child SA".</param>
/// <param name="Changes">What one side alone could change to agree: "on branch: proposals [aes256-sha1-modp1024]".</param>
public sealed record OfferComparison(string Connection, string Initiator, string Responder, string Subject, ProposalMismatch Mismatch,
    ImmutableArray<string> Changes)
{
    public const string Code = "no-proposal-chosen";

    public Reason ToReason()
    {
        string text = $"The {Subject} fails on {Mismatch.Attribute}: {Initiator} offers {List(Mismatch.OfferedWords)}; {Responder} accepts "
            + $"{List(Mismatch.AcceptedWords)}{(Mismatch.AcceptedWords.Length == 1 ? " only" : "")}. "
            + $"{Initiator} offers {List(Mismatch.Offered)}. {Responder} accepts {List(Mismatch.Accepted)}.";
        return new Reason(Code, Certainty.Known, Changes.IsEmpty ? text : $"{text} To agree, {string.Join("; or ", Changes)}.");
    }

    /// <summary>Null if the two agree on an IKE suite and on a suite for the first child SA.</summary>
    internal static OfferComparison? Find(Party initiator, Party responder)
    {
        ConnectionConfiguration dialling = initiator.Connection;
        ConnectionConfiguration answering = responder.Connection;
        if (ProposalSelection.Compare(dialling.InitiatorProposals, answering.ResponderProposals, withKeyExchange: true) is ProposalMismatch ike)
        {
            return new OfferComparison(dialling.Name, initiator.Name, responder.Name, "IKE SA", ike,
                [.. new[] { ChangeIke(initiator, answering.ResponderProposals), ChangeIke(responder, dialling.InitiatorProposals) }.OfType<string>()]);
        }
        return dialling.Children.IsEmpty ? null : FindChild(initiator, dialling.Children[0], responder);
    }

    /// <summary>Null if the two agree on a suite for a child SA of the initiator.</summary>
    internal static OfferComparison? FindChild(Party initiator, ChildConfiguration child, Party responder)
    {
        if (responder.Connection.Children.IsEmpty)
            return null;
        ImmutableArray<AlgorithmProposal> offered = child.InitiatorProposals;
        ImmutableArray<AlgorithmProposal> accepted = responder.Connection.Children[0].ResponderProposals;
        return ProposalSelection.Compare(offered, accepted, withKeyExchange: false) is ProposalMismatch esp
            ? new OfferComparison(initiator.Connection.Name, initiator.Name, responder.Name, "child SA", esp,
                [.. new[] { ChangeEsp(initiator, accepted), ChangeEsp(responder, offered) }.OfType<string>()])
            : null;
    }

    /// <summary>"on branch: espProposals [aes256gcm16]"; null where nothing of the kind would help.</summary>
    internal static string? ChangeEsp(Party party, ImmutableArray<AlgorithmProposal> other) => party.Kind == NodeKind.Device
        ? $"on {party.Name}: espProposals [{First(other)}]"
        : PolicyAdvice.ForEsp(other) is string policy ? $"on connection {party.Connection.Name}: an ipsecPolicy with {policy}" : null;

    static string? ChangeIke(Party party, ImmutableArray<AlgorithmProposal> other) => party.Kind == NodeKind.Device
        ? $"on {party.Name}: proposals [{First(other)}]"
        : PolicyAdvice.ForIke(other) is string policy ? $"on connection {party.Connection.Name}: an ipsecPolicy with {policy}" : null;

    /// <summary>The first proposal with one algorithm of each kind.</summary>
    static string First(ImmutableArray<AlgorithmProposal> proposals)
    {
        AlgorithmProposal first = proposals[0];
        return ProposalText.Print(first with
        {
            Encryption = One(first.Encryption),
            PseudorandomFunctions = One(first.PseudorandomFunctions),
            Integrity = One(first.Integrity),
            KeyExchange = One(first.KeyExchange),
            ExtendedSequenceNumbers = One(first.ExtendedSequenceNumbers),
        });
    }

    static ImmutableArray<T> One<T>(ImmutableArray<T> items) => items.Length > 1 ? [items[0]] : items;

    static string List(ImmutableArray<string> words) => words.IsEmpty ? "none" : string.Join(", ", words);
}
