using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Ike.Selection;

/// <summary>The first step of D10: which connections an IKE_SA_INIT from this address to this address could be for.</summary>
static class CandidateSelection
{
    /// <summary>Most specific remote address first, %any last; the order of the configuration where they are equal.</summary>
    /// <param name="isGone">True for an address of the configuration that the endpoint does not have at present: it binds no connection.</param>
    public static ImmutableArray<ConnectionConfiguration> Find(ImmutableArray<ConnectionConfiguration> connections, IpAddress local, IpAddress remote,
        Predicate<IpAddress> isGone) =>
        [.. connections
            .Select(connection => (Connection: connection, Specificity: Specificity(connection, local, remote, isGone)))
            .Where(candidate => candidate.Specificity >= 0)
            .OrderByDescending(candidate => candidate.Specificity)
            .Select(candidate => candidate.Connection)];

    /// <summary>
    /// Length of the prefix by which the remote address is accepted, doubled, plus one where the local address is named too; -1: not accepted.
    /// The address that is dialled is accepted like a host prefix when nothing else is said, and a NAT on the way shows another address
    /// than the peer's own, which only prefixes or %any can accept.
    /// </summary>
    internal static int Specificity(ConnectionConfiguration connection, IpAddress local, IpAddress remote, Predicate<IpAddress> isGone)
    {
        // With MOBIKE the address that is named is where the connection begins, and not where it must stay.
        if (connection.LocalAddress is IpAddress named && named != local && connection.Mobike is null && !isGone(named))
            return -1;
        int length = -1;
        foreach (IpPrefix prefix in connection.AcceptedRemoteAddresses)
        {
            if (prefix.Contains(remote))
                length = Math.Max(length, prefix.Length);
        }
        if (connection.RemoteAddress == remote)
            length = remote.BitLength;
        else if (connection.AcceptedRemoteAddresses.IsEmpty && connection.RemoteAddress is null)
            length = 0;
        return length < 0 ? -1 : length * 2 + (connection.LocalAddress is null ? 0 : 1);
    }
}
