using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis.Forecast;
using Ipsec.Lab.Diagnosis;
using Ipsec.Net;

namespace Ipsec.Lab.Explanation;

/// <summary>What will become of a connection between two nodes, and the child SAs that it will have.</summary>
/// <param name="Right">Null where the peer is not known.</param>
/// <param name="Sas">Empty where it does not come up by itself.</param>
sealed record ForeseenConnection(Party Left, Party? Right, ConnectionExplanation Explanation, ImmutableArray<ForeseenSa> Sas)
{
    /// <summary>It is this connection of this node.</summary>
    public bool IsOf(string node, string connection)
    {
        return Is(Left) || Right is not null && Is(Right);

        bool Is(Party party) => party.Name == node && party.Connection.Name == connection;
    }

    /// <summary>Why it is not up, in a sentence: the first thing that fails. The whole of it stands with the connection.</summary>
    public string WhyDown => Sentence(First(Statement.Fails) ?? First(Statement.Warns) ?? "nobody dials.");

    string? First(string verdict) =>
        Explanation.Statements.FirstOrDefault(statement => statement.Stage == Statement.Start && statement.Verdict == verdict)?.Reason.Text;

    static string Sentence(string text) => text.IndexOf(". ", StringComparison.Ordinal) is int end and >= 0 ? text[..(end + 1)] : text;
}

/// <summary>A child SA that will be there, from the side of whoever asks.</summary>
/// <param name="ByPackets">Only once its initiator has a packet for it.</param>
sealed record ForeseenSa(ForecastSide Initiator, ChildForecast Forecast, bool ByPackets)
{
    /// <summary>Those of a side's child SAs that the other side takes.</summary>
    public static IEnumerable<ForeseenSa> Accepted(ForecastSide initiator, IEnumerable<ChildConfiguration> children, ForecastSide responder, bool byPackets) =>
        from child in children
        let forecast = ChildForecast.Of(initiator, child, responder)
        where forecast.Refusal is null
        select new ForeseenSa(initiator, forecast, byPackets);

    public string ChildOf(ForecastSide side) => ReferenceEquals(side, Initiator) ? Forecast.Child.Name : Forecast.Counterpart!.Name;

    public ImmutableArray<TrafficSelector> LocalOf(ForecastSide side) => ReferenceEquals(side, Initiator) ? Forecast.Local : Forecast.Remote;

    public ImmutableArray<TrafficSelector> RemoteOf(ForecastSide side) => ReferenceEquals(side, Initiator) ? Forecast.Remote : Forecast.Local;
}
