using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Connections;

/// <summary>More than one IKE SA between the same two identities (D10, RFC 7296 §2.4 on INITIAL_CONTACT).</summary>
static class DuplicateResolution
{
    /// <summary>
    /// Called when <paramref name="newer"/> is established. Two IKE SAs whose set-ups overlapped in time have crossed: both sides see it, and both
    /// keep the one with the lower initiator SPI; its initiator deletes the other. Otherwise the older one goes if the policy, or an
    /// INITIAL_CONTACT of the peer, says so.
    /// </summary>
    public static void Resolve(EstablishedIkeSa newer, bool initialContact, Instant now)
    {
        foreach (EstablishedIkeSa older in Others(newer).ToArray())
        {
            bool crossed = older.Origin.IsInitiator != newer.Origin.IsInitiator && older.Origin.OverlapsWith(newer.Origin.Id);
            if (crossed)
            {
                EstablishedIkeSa redundant = older.Origin.InitiatorSpi < newer.Origin.InitiatorSpi ? newer : older;
                if (redundant.Origin.IsInitiator)
                    redundant.Close(Reasons.Crossed, Farewell.Delete, now);
            }
            else if (initialContact)
            {
                older.Close(Reasons.InitialContact, Farewell.None, now);
            }
            else if (!newer.Sa.IsInitiator && newer.Connection.Configuration.DuplicatePolicy == DuplicatePolicy.Replace)
            {
                older.Close(Reasons.Replaced, Farewell.Delete, now);
            }
        }
    }

    /// <summary>With <see cref="DuplicatePolicy.Keep"/> a second one is refused, unless the two have crossed or the peer has forgotten the first.</summary>
    public static bool IsRefused(ConnectionRuntime connection, Wire.Identity local, Wire.Identity remote, IkeSaId newer, bool initialContact) =>
        connection.Configuration.DuplicatePolicy == DuplicatePolicy.Keep && !initialContact
        && connection.With(remote).Any(ike => ike.LocalIdentity.Equals(local) && !ike.Origin.OverlapsWith(newer));

    // Several connections between the same two identities are several tunnels, not duplicates.
    static IEnumerable<EstablishedIkeSa> Others(EstablishedIkeSa newer) =>
        newer.Connection.With(newer.RemoteIdentity).Where(ike => ike != newer && ike.LocalIdentity.Equals(newer.LocalIdentity));
}
