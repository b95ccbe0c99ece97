using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;

namespace Ipsec.Ike.Diagnosis;

/// <summary>Why no proposal was chosen (RFC 7296 §2.7). NO_PROPOSAL_CHOSEN itself carries nothing, so only the responder knows.</summary>
static class ProposalReasons
{
    /// <summary>At the responder, which has both offers.</summary>
    public static Reason WeRefused(ProposalMismatch mismatch) => Reasons.Known("no-proposal-chosen", $"No offered proposal is accepted. {mismatch}");

    /// <summary>At the responder in IKE_AUTH: the IKE suite came from the union of several connections and this one does not accept it (D10).</summary>
    public static Reason SuiteNotForConnection(IkeSuite suite, ConnectionConfiguration connection) => Reasons.Known("no-proposal-chosen",
        $"The identities belong to {connection.Name}, which accepts {Print(connection.ResponderProposals)} and not {ProposalText.Print(suite)}.");

    /// <summary>At the initiator: what was offered is known, why it was refused is not.</summary>
    public static ImmutableArray<Reason> PeerRefused(ImmutableArray<AlgorithmProposal> offered, string what)
    {
        ImmutableArray<Reason>.Builder reasons = ImmutableArray.CreateBuilder<Reason>();
        reasons.Add(Reasons.Known("no-proposal-chosen", $"The peer answered NO_PROPOSAL_CHOSEN. Offered for the {what}: {Print(offered)}."));
        ImmutableArray<KeyExchangeMethod> groups = [.. offered.SelectMany(proposal => proposal.KeyExchange).Distinct()];
        if (!groups.IsEmpty)
            reasons.Add(Reasons.Likely("no-proposal-chosen",
                $"The peer accepts none of the groups {string.Join(", ", groups.Select(group => MessageNames.Group((ushort)group)))}."));
        reasons.Add(Reasons.Likely("no-proposal-chosen",
            "The peer's encryption, integrity or PRF algorithms differ; compare them word by word with the offer."));
        if (what == "IKE SA")
            reasons.Add(Reasons.Likely("no-proposal-chosen", "The peer knows no connection with our address, and says so in this way."));
        return reasons.DrainToImmutable();
    }

    static string Print(ImmutableArray<AlgorithmProposal> proposals) => string.Join(", ", proposals.Select(ProposalText.Print));
}
