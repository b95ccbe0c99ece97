using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Selection;

/// <summary>Which pre-shared key (D10): by both identities, then by one, then by the peer's address, then a key that is for anyone.</summary>
static class PresharedKeySelection
{
    /// <summary>
    /// Stands in where there is no key, so that a wrong identity takes the same path and the same time as a wrong key. No AUTH made with
    /// it is ever accepted.
    /// </summary>
    public static Secret NoKey { get; } = new(new byte[32]);

    /// <summary>Null where no key is for this pair. Among equally specific keys the first in the configuration wins.</summary>
    public static Secret? Find(ImmutableArray<PresharedKey> keys, Identity local, Identity remote, IpAddress remoteAddress)
    {
        PresharedKey? best = null;
        int bestRank = -1;
        foreach (PresharedKey key in keys)
        {
            int rank = Rank(key, local, remote, remoteAddress);
            if (rank > bestRank)
                (best, bestRank) = (key, rank);
        }
        return best?.Key;
    }

    /// <summary>-1 where the key is for somebody else; every criterion that a key names must hold.</summary>
    static int Rank(PresharedKey key, Identity local, Identity remote, IpAddress remoteAddress)
    {
        if (key.LocalIdentity is not null && !key.LocalIdentity.Equals(local)
            || key.RemoteIdentity is not null && !IdentityMatching.Fits(key.RemoteIdentity, remote)
            || key.RemoteAddress is IpAddress address && address != remoteAddress)
        {
            return -1;
        }
        return (key.RemoteIdentity is not null ? 4 : 0) + (key.RemoteAddress is not null ? 2 : 0) + (key.LocalIdentity is not null ? 1 : 0);
    }
}
