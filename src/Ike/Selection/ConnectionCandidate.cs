using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Selection;

/// <summary>A connection that address and identities allow (D10).</summary>
/// <param name="Local">Our identity in it.</param>
/// <param name="Key">The pre-shared key for the two identities; null where there is none.</param>
sealed record ConnectionCandidate(ConnectionConfiguration Connection, Identity Local, Secret? Key);
