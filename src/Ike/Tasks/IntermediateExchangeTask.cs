using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>INTERMEDIATE_EXCHANGE_SUPPORTED, both ways (RFC 9242 §3.1): where a policy has additional key exchanges, which need it (RFC 9370 §2.2.2).</summary>
sealed class IntermediateExchangeTask : InitTask
{
    public override IEnumerable<Payload> ToPayloads(InitSituation situation)
    {
        if (situation.Request is null ? IsWanted(situation) : situation.Sa.Capabilities.IntermediateExchange)
            yield return new NotifyPayload(NotifyType.IntermediateExchangeSupported);
    }

    public override void Read(InitSituation situation, IkeMessage message)
    {
        IkeSa sa = situation.Sa;
        if (IsWanted(situation) && message.FindNotify(NotifyType.IntermediateExchangeSupported) is not null)
            sa.Capabilities = sa.Capabilities with { IntermediateExchange = true };
    }

    /// <summary>The proposals of a request as far as they can be chosen: without IKE_INTERMEDIATE there is no additional key exchange.</summary>
    public static ImmutableArray<Proposal> Usable(IkeMessage request)
    {
        ImmutableArray<Proposal> offered = request.Find<SecurityAssociationPayload>()!.Proposals;
        if (request.FindNotify(NotifyType.IntermediateExchangeSupported) is not null)
            return offered;
        return
        [
            .. from Proposal proposal in offered
               where proposal.Transforms.All(transform => !IsAdditional(transform) || MayBeNone(proposal, transform.Type))
               select proposal with { Transforms = [.. proposal.Transforms.Where(transform => !IsAdditional(transform))] }
        ];
    }

    static bool IsAdditional(Transform transform) => AdditionalKeyExchangeWords.IsAdditional(transform) && transform.Id != 0;

    static bool MayBeNone(Proposal proposal, TransformType type) => proposal.Transforms.Any(transform => transform.Type == type && transform.Id == 0);

    static bool IsWanted(InitSituation situation) => situation.Connections.Any(connection => situation.Request is null
        ? connection.InitiatorProposals.Any(HasAdditional)
        : connection.ResponderProposals.Any(HasAdditional));

    static bool HasAdditional(AlgorithmProposal proposal) => proposal.AdditionalKeyExchanges.Any(methods => !methods.IsEmpty);
}
