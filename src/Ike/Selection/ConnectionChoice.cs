using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Selection;

/// <summary>
/// The second step of D10: from the connections that an IKE_SA_INIT could be for to the one that IKE_AUTH is for. Every refusal is the same to
/// the peer; the reason is for our own events.
/// </summary>
static class ConnectionChoice
{
    /// <param name="candidates">Most specific address first.</param>
    /// <param name="verify">Does the peer's AUTH verify with this key? Asked at least once, whatever the identity, so that time tells nothing.</param>
    public static ConnectionChoiceResult Choose(ImmutableArray<ConnectionConfiguration> candidates, ImmutableArray<PresharedKey> keys, IkeSuite suite,
        NetworkPath path, Identity remote, Identity? asked, ChildSelectors? proposed, Func<Secret, bool> verify)
    {
        List<Candidate> named = [];
        foreach (ConnectionConfiguration connection in candidates)
        {
            Identity local = connection.LocalIdentity ?? Identity.From(path.Local.Address);
            // RFC 7296 §1.2: IDr asks for one of our identities.
            if ((connection.RemoteIdentity is null || connection.RemoteIdentity.Equals(remote)) && (asked is null || asked.Equals(local)))
                named.Add(new Candidate(connection, local, PresharedKeySelection.Find(keys, local, remote, path.Remote.Address)));
        }
        // A connection that names this peer comes before one that takes anybody; then the order of the addresses holds.
        List<Candidate> ordered = [.. named.OrderBy(candidate => candidate.Connection.RemoteIdentity is null)];
        List<Candidate> authentic = Authentic(ordered, verify);
        if (authentic.Count == 0)
        {
            return new ConnectionChoiceResult.Refused(named.Count == 0 ? AuthenticationReasons.UnknownIdentity(remote, asked)
                : ordered.Find(candidate => candidate.Key is not null) is null ? AuthenticationReasons.NoKey(ordered[0].Local, remote)
                : AuthenticationReasons.WrongKey(remote));
        }
        List<Candidate> fitting = authentic.FindAll(candidate => Accepts(candidate.Connection, suite));
        if (fitting.Count == 0)
            return new ConnectionChoiceResult.Refused(ProposalReasons.SuiteNotForConnection(suite, authentic[0].Connection));
        Candidate chosen = fitting.Find(candidate => proposed is not null && candidate.Connection.Children.Any(child => ChildAnswer.Narrow(proposed, child) is not null))
            ?? fitting[0];
        return new ConnectionChoiceResult.Chosen(chosen.Connection, chosen.Local, chosen.Key!);
    }

    static List<Candidate> Authentic(List<Candidate> candidates, Func<Secret, bool> verify)
    {
        var verdicts = new List<(Secret Key, bool IsRight)>();
        var authentic = new List<Candidate>();
        foreach (Candidate candidate in candidates)
        {
            if (candidate.Key is not Secret key)
                continue;
            int known = verdicts.FindIndex(verdict => verdict.Key == key);
            if (known < 0)
            {
                known = verdicts.Count;
                verdicts.Add((key, verify(key)));
            }
            if (verdicts[known].IsRight)
                authentic.Add(candidate);
        }
        if (verdicts.Count == 0)
            verify(PresharedKeySelection.NoKey);
        return authentic;
    }

    static bool Accepts(ConnectionConfiguration connection, IkeSuite suite) => connection.ResponderProposals.Any(proposal =>
        proposal.Encryption.Contains(suite.Encryption) && proposal.PseudorandomFunctions.Contains(suite.Prf) && proposal.KeyExchange.Contains(suite.KeyExchange)
        && (suite.Integrity == IntegrityAlgorithm.None ? proposal.Integrity.IsEmpty : proposal.Integrity.Contains(suite.Integrity)));

    sealed record Candidate(ConnectionConfiguration Connection, Identity Local, Secret? Key);
}

/// <summary>What came of <see cref="ConnectionChoice"/>.</summary>
abstract record ConnectionChoiceResult
{
    public sealed record Chosen(ConnectionConfiguration Connection, Identity LocalIdentity, Secret Key) : ConnectionChoiceResult;

    public sealed record Refused(Reason Reason) : ConnectionChoiceResult;
}
