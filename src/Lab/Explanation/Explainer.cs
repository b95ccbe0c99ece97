using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Diagnosis;
using Ipsec.Lab.Explanation.Traffic;
using Ipsec.Lab.Report;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Explanation;

/// <summary>Says what will happen between configurations without running them (D8).</summary>
public static class Explainer
{
    const string NoCounterpart = "no-counterpart";

    /// <summary>Every connection whose two ends are in one file.</summary>
    /// <param name="fileName">For the words about a peer that is not in it.</param>
    /// <param name="utc">For the validity of certificates.</param>
    public static ExplanationReport Explain(TopologyModel ours, string fileName, DateTimeOffset utc)
    {
        ImmutableArray<ForeseenConnection> foreseen = Foresee(ours, fileName, utc);
        return Report([.. foreseen.Select(one => one.Explanation)], new TrafficExplainer(ours, foreseen).Report());
    }

    /// <summary>Every connection of a file with its peer in the same file, as it will come up.</summary>
    internal static ImmutableArray<ForeseenConnection> Foresee(TopologyModel ours, string fileName, DateTimeOffset utc)
    {
        ImmutableArray<Party> parties = PeerFile.Of(ours, fileName).Parties;
        ImmutableArray<ForeseenConnection>.Builder foreseen = ImmutableArray.CreateBuilder<ForeseenConnection>();
        foreach ((int index, Party party) in parties.Index())
        {
            (int Index, Party Party)[] peers = [.. parties.Index().Where(other => ArePeers(parties, party, other.Item))];
            if (peers.Length == 0)
            {
                string text = $"The peer of {party.Connection.Name} is not in {fileName}; give its configuration with --peer.";
                foreseen.Add(new ForeseenConnection(party, null, Alone(party, text), []));
            }
            // Each pair once, from the side that stands first in the file.
            foreseen.AddRange(peers.Where(other => other.Index > index)
                .Select(other => ConnectionExplainer.Explain(party, other.Party, mayBeTranslated: false, utc)));
        }
        return foreseen.ToImmutable();
    }

    /// <summary>Every connection of ours against the one of the peer's file that it meets.</summary>
    public static ExplanationReport Explain(TopologyModel ours, string fileName, PeerFile peer, DateTimeOffset utc)
    {
        List<ConnectionExplanation> explained = [];
        foreach (Party party in PeerFile.Of(ours, fileName).Parties)
        {
            // By their addresses; by their names where a NAT that nobody mentions hides the addresses.
            Party? other = peer.Parties.Where(one => Meet(party, one)).OrderByDescending(one => one.Connection.Name == party.Connection.Name).FirstOrDefault()
                ?? peer.Parties.FirstOrDefault(one => one.Connection.Name == party.Connection.Name);
            if (other is not null)
                explained.Add(ConnectionExplainer.Explain(party, other, mayBeTranslated: true, utc).Explanation);
        }
        if (explained.Count == 0)
        {
            explained.AddRange(PeerFile.Of(ours, fileName).Parties
                .Select(party => Alone(party, $"No connection of {peer.Name} has the addresses or the name of {party.Connection.Name}.")));
        }
        return Report(explained, TrafficReport.None);
    }

    /// <summary>
    /// Two connections of the same name are meant for each other. Where one of them is several tunnels, as of an active-active gateway, the addresses say
    /// which; so they do where Azure has a connection of another name for each direction (VNet to VNet).
    /// </summary>
    static bool ArePeers(ImmutableArray<Party> parties, Party left, Party right)
    {
        if (Gateway(left) == Gateway(right))
            return false;
        return ConnectionOf(left) == ConnectionOf(right)
            ? Meet(left, right) || !(Namesakes(parties, left).Any(other => Meet(left, other)) || Namesakes(parties, right).Any(other => Meet(right, other)))
            : Meet(left, right) && !Namesakes(parties, left).Any() && !Namesakes(parties, right).Any();
    }

    static IEnumerable<Party> Namesakes(ImmutableArray<Party> parties, Party party) =>
        parties.Where(other => ConnectionOf(other) == ConnectionOf(party) && Gateway(other) != Gateway(party));

    /// <summary>Each knows the other's address, or leaves it open.</summary>
    static bool Meet(Party left, Party right) => Knows(left, right) && Knows(right, left);

    static bool Knows(Party party, Party other)
    {
        if (other.Side.PublicAddress is not IpAddress address)
            return true;
        ImmutableArray<IpPrefix> accepted = party.Connection.AcceptedRemoteAddresses;
        return party.Connection.RemoteAddress == address
            || (party.Connection.RemoteAddress is null || !accepted.IsEmpty) && (accepted.IsEmpty || accepted.Any(prefix => prefix.Contains(address)));
    }

    /// <summary>Instances of one gateway are no peers of each other.</summary>
    static string Gateway(Party party) => party.Name.Split('/')[0];

    /// <summary>Without the number of the instance that it leads to.</summary>
    static string ConnectionOf(Party party) => party.Connection.Name.Split('/')[0];

    static ConnectionExplanation Alone(Party party, string text) => new(party.Connection.Name, party.Name, "", false, false,
        [new Statement(Statement.Start, Statement.Fails, ReasonReport.Of(new Reason(NoCounterpart, Certainty.Known, text)))]);

    static ExplanationReport Report(List<ConnectionExplanation> explained, TrafficReport traffic) =>
        new(explained.TrueForAll(connection => connection.ComesUp && connection.StaysUp)
            && traffic.Expectations.All(expectation => expectation.Passed), [.. explained], traffic);
}
