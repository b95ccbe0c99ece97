using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Diagnosis;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Report;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Run;

/// <summary>Whether a tunnel is as a topology expects it, and the sentence about it.</summary>
static class TunnelJudgement
{
    public static ExpectationResult MustBeUp(TunnelExpectation expectation, ConnectionWatch connection)
    {
        ImmutableArray<ILabNode> down = [.. connection.Nodes.Where(node => !ConnectionWatch.IsUp(connection.StatusOf(node)))];
        if (!down.IsEmpty)
            return new ExpectationResult(expectation.Description, false, Why(connection, down));
        TunnelStatus status = connection.StatusOf(connection.Nodes[0]);
        string suites = string.Join(", ", status.ChildSas.Select(child => ProposalText.Print(child.Suite)).Distinct());
        return new ExpectationResult(expectation.Description, true, $"up: IKE {ProposalText.Print(status.IkeSa!.Suite)}, ESP {suites}");
    }

    public static ExpectationResult MustFail(TunnelExpectation expectation, ConnectionWatch connection)
    {
        if (connection.Nodes.Any(node => ConnectionWatch.IsUp(connection.StatusOf(node))))
            return new ExpectationResult(expectation.Description, false, "it is up");
        ImmutableArray<Reason> reasons = [.. connection.Nodes.SelectMany(node => connection.ReasonsOf(node))];
        if (reasons.IsEmpty)
            return new ExpectationResult(expectation.Description, false, "it is not up, and no attempt has failed");
        if (expectation.ReasonCode is not string code)
            return new ExpectationResult(expectation.Description, true, reasons[0].Text);
        Reason? matching = reasons.FirstOrDefault(reason => reason.Code == code && reason.Certainty == Certainty.Known);
        return matching is not null
            ? new ExpectationResult(expectation.Description, true, Explain(connection) ?? matching.Text)
            : new ExpectationResult(expectation.Description, false,
                $"it failed for another reason: {string.Join(", ", reasons.Select(reason => reason.Code).Distinct())}");
    }

    /// <summary>What differs, in a clause: the whole offers stand in the tunnels' reasons.</summary>
    static string? Explain(ConnectionWatch connection) =>
        ReportBuilder.Comparisons(connection).FirstOrDefault() is OfferComparison comparison ? $"{comparison.Subject}, {comparison.Mismatch.Summary}" : null;

    static string Why(ConnectionWatch connection, ImmutableArray<ILabNode> down)
    {
        var sentences = from node in down
                        let reasons = connection.ReasonsOf(node)
                        select $"{node.Label}: {(reasons.IsEmpty ? connection.StatusOf(node).State.ToString().ToLowerInvariant() : reasons[0].Text)}";
        return $"not up: {string.Join("; ", sentences)}";
    }
}
