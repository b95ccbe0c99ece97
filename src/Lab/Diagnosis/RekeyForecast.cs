using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis.Forecast;
using Ipsec.Ike.Outputs;

namespace Ipsec.Lab.Diagnosis;

/// <summary>
/// What will fail hours after a tunnel came up: groups of child SAs are negotiated in CREATE_CHILD_SA only (RFC 7296 §1.2), and a
/// rekey may be started by the side that only answered so far (D8: reported on day one).
/// </summary>
static class RekeyForecast
{
    public const string Code = "rekey-will-fail";

    /// <summary>Null if every rekey that <paramref name="starter"/> starts finds a suite.</summary>
    public static Reason? Check(Party starter, Party answerer) =>
        CheckIke(starter, answerer) ?? starter.Connection.Children.Select(child => CheckChild(starter, child, answerer))
            .FirstOrDefault(failure => failure is not null);

    /// <summary>Null if the IKE SA's rekey finds a suite.</summary>
    public static Reason? CheckIke(Party starter, Party answerer) =>
        ProposalSelection.Compare(starter.Connection.InitiatorProposals, answerer.Connection.ResponderProposals, withKeyExchange: true) is ProposalMismatch ike
            ? new Reason(Code, Certainty.Known, $"The first IKE SA rekey that {starter.Name} starts will fail: {ike.Summary}.") : null;

    /// <summary>Null if the child SA's rekey finds a suite.</summary>
    public static Reason? CheckChild(Party starter, ChildConfiguration child, Party answerer)
    {
        ImmutableArray<AlgorithmProposal> offered = child.InitiatorProposals;
        ChildConfiguration? counterpart = Counterpart(starter, child, answerer);
        if (counterpart is null || ProposalSelection.Compare(offered, counterpart.ResponderProposals, withKeyExchange: true) is not ProposalMismatch esp)
            return null;
        string remedy = OfferComparison.ChangeEsp(answerer, offered) is string change ? $" To agree, {change}." : "";
        return new Reason(Code, Certainty.Known, $"The first child SA rekey that {starter.Name} starts will fail: {esp.Summary}.{remedy}");
    }

    /// <summary>The answerer's child SA that is the other end of this one, whoever of the two made it.</summary>
    static ChildConfiguration? Counterpart(Party starter, ChildConfiguration child, Party answerer) =>
        ChildForecast.Of(starter.Side, child, answerer.Side).Counterpart
        ?? answerer.Connection.Children.FirstOrDefault(candidate => ChildForecast.Of(answerer.Side, candidate, starter.Side).Counterpart == child)
        ?? answerer.Connection.Children.FirstOrDefault(candidate => candidate.Name == child.Name)
        ?? answerer.Connection.Children.FirstOrDefault();
}
