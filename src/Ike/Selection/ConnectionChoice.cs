using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.PeerAuthentication;
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
    /// <summary>Those that the identities allow, in the order in which they are preferred.</summary>
    /// <param name="candidates">Most specific address first.</param>
    /// <param name="asked">RFC 7296 §1.2: IDr asks for one of our identities.</param>
    public static ImmutableArray<ConnectionCandidate> ByIdentity(ImmutableArray<ConnectionConfiguration> candidates, ImmutableArray<PresharedKey> keys,
        NetworkPath path, Identity remote, Identity? asked)
    {
        List<ConnectionCandidate> named = [];
        foreach (ConnectionConfiguration connection in candidates)
        {
            Identity local = AttemptStarter.LocalIdentity(connection, path.Local.Address);
            if ((connection.RemoteIdentity is null || IdentityMatching.Fits(connection.RemoteIdentity, remote))
                && (asked is null || IdentityMatching.Fits(local, asked)))
                named.Add(new ConnectionCandidate(connection, local, PresharedKeySelection.Find(keys, local, remote, path.Remote.Address)));
        }
        // A connection that names this peer comes before one that takes several, and that before one that takes anybody; then the order of the addresses holds.
        return [.. named.OrderBy(candidate => candidate.Connection.RemoteIdentity is not Identity expected ? 2 : IdentityMatching.IsPattern(expected) ? 1 : 0)];
    }

    /// <summary>Among those whose peer has proved itself, the one that also accepts the suite and, if there is one, the selectors.</summary>
    public static ConnectionChoiceResult Choose(ImmutableArray<ConnectionCandidate> named, Func<ConnectionCandidate, Reason?> judge, IkeSuite suite,
        Identity remote, Identity? asked, ChildSelectors? proposed)
    {
        List<ConnectionCandidate> authentic = [];
        Reason? refusal = null;
        foreach (ConnectionCandidate candidate in named)
        {
            Reason? reason = judge(candidate);
            if (reason is null)
                authentic.Add(candidate);
            else
                refusal ??= reason;
        }
        if (authentic.Count == 0)
            return new ConnectionChoiceResult.Refused(refusal ?? AuthenticationReasons.UnknownIdentity(remote, asked));
        List<ConnectionCandidate> fitting = authentic.FindAll(candidate => Accepts(candidate.Connection, suite));
        if (fitting.Count == 0)
            return new ConnectionChoiceResult.Refused(ProposalReasons.SuiteNotForConnection(suite, authentic[0].Connection));
        return new ConnectionChoiceResult.Chosen(fitting.Find(candidate => proposed is not null
            && candidate.Connection.Children.Any(child => ChildAnswer.Narrow(proposed, child) is not null)) ?? fitting[0]);
    }

    static bool Accepts(ConnectionConfiguration connection, IkeSuite suite) => connection.ResponderProposals.Any(proposal =>
        proposal.Encryption.Contains(suite.Encryption) && proposal.PseudorandomFunctions.Contains(suite.Prf) && proposal.KeyExchange.Contains(suite.KeyExchange)
        && (suite.Integrity == IntegrityAlgorithm.None ? proposal.Integrity.IsEmpty : proposal.Integrity.Contains(suite.Integrity))
        && Enumerable.Range(0, AdditionalKeyExchanges.Maximum).All(index => Accepts(proposal, index, suite.AdditionalKeyExchanges)));

    /// <summary>
    /// What took place as Additional Key Exchange <paramref name="index"/> + 1, nothing among it, is what the proposal wants (RFC 9370 §2.2.1).
    /// </summary>
    static bool Accepts(AlgorithmProposal proposal, int index, AdditionalKeyExchanges agreed)
    {
        KeyExchangeMethod method = index < agreed.ByNumber.Length ? agreed.ByNumber[index] : KeyExchangeMethod.None;
        return index < proposal.AdditionalKeyExchanges.Length && !proposal.AdditionalKeyExchanges[index].IsEmpty
            ? proposal.AdditionalKeyExchanges[index].Contains(method) : method == KeyExchangeMethod.None;
    }
}

/// <summary>What came of <see cref="ConnectionChoice"/>.</summary>
abstract record ConnectionChoiceResult
{
    public sealed record Chosen(ConnectionCandidate Candidate) : ConnectionChoiceResult;

    public sealed record Refused(Reason Reason) : ConnectionChoiceResult;
}
