using System.Collections.Immutable;
using Ipsec.Ike.Addresses;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tasks;

/// <summary>A gateway's part in giving addresses, in IKE_AUTH and CREATE_CHILD_SA alike (RFC 7296 §2.19, §3.15.4).</summary>
static class InternalAddresses
{
    /// <summary>The CFG_REPLY, or null where none may be sent: RFC 7296 §2.19, never without a CFG_REQUEST.</summary>
    /// <param name="mayShare">See <see cref="ConfigurationAnswer.To"/>.</param>
    /// <param name="refusal">Why no child SA can be made; null where the peer has an address, or none is needed.</param>
    public static ConfigurationPayload? Answer(EstablishedIkeSa ike, IkeMessage request, Func<IpAddress?, bool> mayShare, out ChildAnswer.Refuse? refusal)
    {
        refusal = null;
        ConnectionConfiguration connection = ike.Connection.Configuration;
        // RFC 7296 §3.15.4: who has nothing to give ignores what is asked for.
        if (connection.Pools.IsEmpty)
            return null;
        ConfigurationPayload? asked = request.Find<ConfigurationPayload>() is { ConfigurationType: ConfigurationType.Request } found ? found : null;
        ike.Internal.PeerAsksForDomains |= asked?.Attributes.Any(attribute => attribute.Type == ConfigurationAttributeType.InternalDnsDomain) == true;
        ImmutableArray<LeasedPool> pools = ike.Sa.Context.Pools.Find(connection.Pools);
        ConfigurationPayload? reply = asked is null ? null : ConfigurationAnswer.To(asked, pools, ike.RemoteIdentity, ike.Internal.Leases, mayShare);
        // Pools without addresses only tell.
        if (ike.Internal.Leases.Count > 0 || pools.All(pool => pool.Pool.Addresses is null))
            return reply;
        refusal = asked is not null && ConfigurationAnswer.AsksForAddress(asked)
            ? new ChildAnswer.Refuse(new NotifyPayload(NotifyType.InternalAddressFailure),
                [Reasons.Known("internal-address-failure",
                    $"No address of the pools {string.Join(", ", connection.Pools)} is free, or none of the family that the peer asks for.")])
            : new ChildAnswer.Refuse(new NotifyPayload(NotifyType.FailedCpRequired),
                [Reasons.Known("failed-cp-required",
                    $"Connection {connection.Name} gives its peers addresses, and the peer did not ask for one (CFG_REQUEST).")]);
        return null;
    }
}
