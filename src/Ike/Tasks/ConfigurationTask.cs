using Ipsec.Ike.Addresses;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tasks;

/// <summary>
/// CP(CFG_REQUEST) and CP(CFG_REPLY) of IKE_AUTH (RFC 7296 §2.19): the client asks for its virtual IPs, the gateway leases them from its pools.
/// </summary>
sealed class ConfigurationTask : AuthTask
{
    public override IEnumerable<Payload> Ask(AuthRequestSituation situation)
    {
        ConnectionConfiguration connection = situation.Connection.Configuration;
        if (connection.VirtualIps.IsEmpty)
            return [];
        EstablishedIkeSa? renewed = situation.Connection.IkeSas.FirstOrDefault(ike => Reauthentication.IsDue(ike, situation.Now));
        return [ConfigurationRequest.For(connection.VirtualIps, renewed is null ? [] : renewed.Internal.Assigned.Addresses)];
    }

    public override void ReadAnswer(AuthAnswerSituation situation)
    {
        EstablishedIkeSa ike = situation.Ike;
        if (ike.Connection.Configuration.VirtualIps.IsEmpty
            || situation.Message.Find<ConfigurationPayload>() is not { ConfigurationType: ConfigurationType.Reply } reply)
            return;
        ike.Internal.Assign(ike.Sa.Context, ike.Connection.Name, AssignedConfiguration.Read(reply, ike.Connection.Configuration.VirtualIps));
        if (!ike.Internal.Assigned.Addresses.IsEmpty)
            situation.Notes.Add($"given {string.Join(' ', ike.Internal.Assigned.Addresses.Select(address => address.Address))}");
    }

    public override IEnumerable<Payload> Answer(AuthAnswerSituation situation)
    {
        EstablishedIkeSa ike = situation.Ike;
        if (situation.IsRedirected)
            return [];
        // An IKE SA that is about to take the place of an older one of the same peer takes over its addresses. Where that is not sure, a peer that
        // authenticates again asks for what it has.
        bool takesPlace = ike.Connection.Configuration.DuplicatePolicy == DuplicatePolicy.Replace || InitialContactTask.IsIn(situation.Message);
        ConfigurationPayload? reply = InternalAddresses.Answer(ike, situation.Message, wanted => takesPlace || IsOfSibling(ike, wanted),
            out ChildAnswer.Refuse? refusal);
        situation.ChildRefusal = refusal;
        if (ike.Internal.Leases.Count > 0)
            situation.Notes.Add($"gives {string.Join(' ', ike.Internal.Leases.Select(lease => lease.Address))}");
        return reply is null ? [] : [reply];
    }

    static bool IsOfSibling(EstablishedIkeSa ike, IpAddress? wanted) =>
        ike.Siblings.Any(other => other.Internal.Leases.Exists(lease => lease.Address == wanted));

    /// <summary>RFC 7296 §3.15.4: an IKE SA without the address that we need is of no use; it is set up anew after a while.</summary>
    public override void Finish(AuthAnswerSituation situation)
    {
        EstablishedIkeSa ike = situation.Ike;
        if (ike.Sa.IsInitiator && !situation.IsRedirected && !ike.Connection.Configuration.VirtualIps.IsEmpty && ike.Internal.Assigned.Addresses.IsEmpty)
            ike.Close([Reasons.Known("internal-address-failure", "The peer gave us no address.")], Farewell.Delete, situation.Now);
    }
}
