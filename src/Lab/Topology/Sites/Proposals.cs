using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>Proposal texts of this project's own making: they are known to be right.</summary>
static class Proposals
{
    public static ImmutableArray<AlgorithmProposal> Parse(ProtocolId protocol, params ReadOnlySpan<string> texts)
    {
        ImmutableArray<AlgorithmProposal>.Builder proposals = ImmutableArray.CreateBuilder<AlgorithmProposal>(texts.Length);
        foreach (string text in texts)
            proposals.Add(ProposalText.Parse(text, protocol));
        return proposals.MoveToImmutable();
    }
}
