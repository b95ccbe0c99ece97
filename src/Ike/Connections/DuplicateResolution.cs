using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Connections;

/// <summary>More than one IKE SA between the same two identities (D10, RFC 7296 §2.4 on INITIAL_CONTACT).</summary>
static class DuplicateResolution
{
    // The peer's own takes two, from when it has the answer (Reauthentication, RetreatingIkeSa).
    const int GracePeriods = 3;

    /// <summary>
    /// Called when <paramref name="newer"/> is established. Two IKE SAs of one connection whose set-ups overlapped in time have crossed: both sides see it, and
    /// both keep the one with the lower initiator SPI; the initiator of the other one deletes that. Otherwise the older one goes if the policy, or an
    /// INITIAL_CONTACT of the peer, says so. The policy is about one connection, because several between the same two identities are several tunnels;
    /// INITIAL_CONTACT is about everything that there is between the two (RFC 7296 §2.4), except for what the peer may not have known of when it said so.
    /// </summary>
    public static void Resolve(EstablishedIkeSa newer, bool initialContact, Instant now)
    {
        foreach (EstablishedIkeSa older in Others(newer).ToArray())
        {
            bool overlaps = older.Origin.OverlapsWith(newer.Origin.Id);
            if (older.Connection != newer.Connection)
            {
                if (initialContact && !overlaps)
                    older.Close(Reasons.InitialContact, Farewell.None, now);
            }
            else if (overlaps && older.Origin.IsInitiator != newer.Origin.IsInitiator)
            {
                (EstablishedIkeSa redundant, EstablishedIkeSa other) = older.Origin.InitiatorSpi < newer.Origin.InitiatorSpi ? (newer, older) : (older, newer);
                if (redundant.Origin.IsInitiator)
                    redundant.Close(Reasons.Crossed, Farewell.Retreat, now);
                else
                    // Not every peer does that.
                    Replace(redundant, other, Reasons.Crossed, now);
            }
            else if (initialContact)
            {
                older.Close(Reasons.InitialContact, Farewell.None, now);
            }
            else if (!newer.Sa.IsInitiator && newer.Connection.Configuration.DuplicatePolicy == DuplicatePolicy.Replace)
            {
                Replace(older, newer, Reasons.Replaced, now);
            }
        }
    }

    /// <summary>
    /// With <see cref="DuplicatePolicy.Keep"/> a second one is refused, unless the two have crossed or the peer has forgotten the first. From the address of
    /// the first it may be a reauthentication (RFC 7296 §2.8.3), which must be granted before the first one can go.
    /// </summary>
    public static bool IsRefused(ConnectionRuntime connection, Wire.Identity local, Wire.Identity remote, IkeSa newer, bool initialContact) =>
        connection.Configuration.DuplicatePolicy == DuplicatePolicy.Keep && !initialContact
        && connection.With(remote).Any(ike => ike.LocalIdentity.Equals(local) && !ike.Origin.OverlapsWith(newer.Id)
            && ike.Sa.Path.Remote.Address != newer.Path.Remote.Address);

    /// <summary>
    /// A peer that authenticates again has packets of the older one under way, perhaps no child SA of the newer one yet, and deletes the older one itself.
    /// Whoever does not is not waited for any longer than that takes.
    /// </summary>
    static void Replace(EstablishedIkeSa older, EstablishedIkeSa newer, ImmutableArray<Reason> reasons, Instant now) =>
        Handover.Begin(older, newer, GracePeriods * older.Sa.Context.Options.ReplacedInboundGrace, reasons, now);

    static IEnumerable<EstablishedIkeSa> Others(EstablishedIkeSa newer) =>
        newer.Connection.Manager.Peers.With(newer.RemoteIdentity).Where(ike => ike != newer && ike.LocalIdentity.Equals(newer.LocalIdentity));
}
