using Ipsec.Ike.Connections;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Redirection;

/// <summary>A redirection that is about to be followed.</summary>
/// <param name="From">The gateway that sent us away: the new one is told (RFC 5685 §9.3).</param>
/// <param name="Addresses">Of the new gateway's name; null where it was named by its address.</param>
sealed record PendingRedirect(RedirectTarget Target, IpAddress From, PeerAddresses? Addresses);
