using Ipsec.Lab.Explanation;
using Ipsec.Lab.Explanation.Traffic;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Run;

/// <summary>Why a ping or fetch of a lab gets no answer, as <c>explain</c> would say it; found out when somebody asks.</summary>
/// <param name="model">The file; <see cref="Reload"/> exchanges it.</param>
/// <param name="utc">For the validity of certificates.</param>
sealed class TrafficForesight(TopologyModel model, DateTimeOffset utc)
{
    TopologyModel _model = model;
    readonly Dictionary<Expectation, string?> _known = new(ReferenceEqualityComparer.Instance);
    TrafficExplainer? _explainer;

    /// <summary>The lab has taken over a changed file.</summary>
    public void Reload(TopologyModel changed)
    {
        _model = changed;
        _explainer = null;
        _known.Clear();
    }

    /// <summary>Null where nothing is foreseen to stand in its way.</summary>
    public string? WhyNot(Expectation expectation)
    {
        if (!_known.TryGetValue(expectation, out string? why))
        {
            _explainer ??= new TrafficExplainer(_model, Explainer.Foresee(_model, _model.Name, utc));
            ForeseenExpectation? foreseen = _explainer.Foresee(expectation);
            _known.Add(expectation, why = foreseen?.Verdict == TrafficExplanation.Ends ? foreseen.Reason?.Text : null);
        }
        return why;
    }
}
