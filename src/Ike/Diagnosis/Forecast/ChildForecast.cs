using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Tasks;
using Ipsec.Net;

namespace Ipsec.Ike.Diagnosis.Forecast;

/// <summary>What becomes of one configured child SA when its side initiates it.</summary>
/// <param name="Counterpart">The responder's child that will take it; null where none does.</param>
/// <param name="Suite">What will be agreed on, as in a proposal; null where nothing is.</param>
/// <param name="Local">The initiator's selectors as they will be narrowed.</param>
/// <param name="Refusal">Why it is refused; null where it is not.</param>
public sealed record ChildForecast(ChildConfiguration Child, ChildConfiguration? Counterpart, string? Suite,
    ImmutableArray<TrafficSelector> Local, ImmutableArray<TrafficSelector> Remote, Reason? Refusal)
{
    /// <summary>The initiator named networks that it will not get (RFC 7296 §2.9). Who proposes everything leaves the choice to the other side.</summary>
    public bool IsNarrowed => Refusal is null && Child.Mode == ChildMode.Tunnel && Child.DynamicLocalSelectors.IsEmpty && Child.DynamicRemoteSelectors.IsEmpty
        && (IsCut(Child.LocalSelectors, Local) || IsCut(Child.RemoteSelectors, Remote));

    /// <summary>The responder's rule: the first child whose selectors overlap and whose proposals agree.</summary>
    /// <param name="initiator">Whose child it is.</param>
    public static ChildForecast Of(ForecastSide initiator, ChildConfiguration child, ForecastSide responder)
    {
        ChildSelectors proposed = ChildAddresses.Undecided.SelectorsOf(child);
        ChildSelectors seen = new(proposed.Remote, proposed.Local);
        ProposalMismatch? mismatch = null;
        foreach (ChildConfiguration candidate in responder.Connection.Children)
        {
            if (candidate.Mode != child.Mode || ChildAnswer.Narrow(seen, candidate) is not ChildSelectors narrowed)
                continue;
            if (ProposalSelection.TryAgree(child.InitiatorProposals, candidate.ResponderProposals, withKeyExchange: false, out string? suite,
                out ProposalMismatch? difference))
                return new ChildForecast(child, candidate, suite, narrowed.Remote, narrowed.Local, null);
            mismatch ??= difference;
        }
        Reason refusal = mismatch is not null
            ? Reasons.Known("no-proposal-chosen",
                $"{responder.Name} accepts no proposal of {initiator.Name} for the child SA {child.Name}: {mismatch.Summary}.")
            : WhyNoneFits(initiator, child, proposed, responder);
        return new ChildForecast(child, null, null, [], [], refusal);
    }

    static bool IsCut(ImmutableArray<TrafficSelector> wanted, ImmutableArray<TrafficSelector> got) =>
        wanted.Any(one => one != TrafficSelector.AnyV4 && one != TrafficSelector.AnyV6 && !got.Any(other => other.Contains(one)));

    static Reason WhyNoneFits(ForecastSide initiator, ChildConfiguration child, ChildSelectors proposed, ForecastSide responder)
    {
        ImmutableArray<ChildConfiguration> ofMode = [.. responder.Connection.Children.Where(candidate => candidate.Mode == child.Mode)];
        if (ofMode.IsEmpty && !responder.Connection.Children.IsEmpty)
            return Reasons.Known("no-proposal-chosen",
                $"{initiator.Name} wants {child.Mode.ToString().ToLowerInvariant()} mode for {child.Name}, and {responder.Name} has no such child SA.");
        string there = string.Join("; ", ofMode.Select(candidate => ChildAddresses.Undecided.SelectorsOf(candidate))
            .Select(own => $"{List(own.Remote)} === {List(own.Local)}"));
        return Reasons.Known("ts-unacceptable",
            $"{initiator.Name} proposes {List(proposed.Local)} === {List(proposed.Remote)} for {child.Name}; seen from there {responder.Name} allows " +
                $"{(there.Length == 0 ? "nothing" : there)}, which has nothing in common.");
    }

    static string List(ImmutableArray<TrafficSelector> selectors) => string.Join(" ", selectors);
}
