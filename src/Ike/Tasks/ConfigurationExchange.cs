using System.Collections.Immutable;
using Ipsec.Ike.Addresses;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>Configuration payloads in INFORMATIONAL (RFC 7296 §1.4, §3.15): questions of a client, and what a gateway pushes to us.</summary>
static class ConfigurationExchange
{
    /// <summary>What answers the request's Configuration payload; nothing where it has none, or one that we do not answer.</summary>
    public static ImmutableArray<Payload> Answer(EstablishedIkeSa ike, IkeMessage request)
    {
        switch (request.Find<ConfigurationPayload>())
        {
            case { ConfigurationType: ConfigurationType.Request }:
                ConfigurationPayload? reply = InternalAddresses.Answer(ike, request, mayShare: _ => false, out ChildAnswer.Refuse? refusal);
                return refusal is not null ? [refusal.Error] : reply is not null ? [reply] : [];
            case { ConfigurationType: ConfigurationType.Set } set:
                return [new ConfigurationPayload(ConfigurationType.Acknowledge, Accept(ike, set))];
            default:
                return [];
        }
    }

    /// <summary>
    /// A client takes everything but addresses, which are given on request only: each attribute that it took, without a value (§3.15.1). Who has not
    /// asked for an address takes nothing.
    /// </summary>
    static ImmutableArray<ConfigurationAttribute> Accept(EstablishedIkeSa ike, ConfigurationPayload set)
    {
        if (ike.Internal.Assigned.Addresses.IsEmpty)
            return [];
        AssignedConfiguration pushed = AssignedConfiguration.ReadInformation(set);
        AssignedConfiguration current = ike.Internal.Assigned;
        ike.Internal.Assign(ike.Sa.Context, ike.Connection.Name, current with
        {
            Dns = pushed.Dns.IsEmpty ? current.Dns : pushed.Dns,
            Nbns = pushed.Nbns.IsEmpty ? current.Nbns : pushed.Nbns,
            Dhcp = pushed.Dhcp.IsEmpty ? current.Dhcp : pushed.Dhcp,
            Subnets = pushed.Subnets.IsEmpty ? current.Subnets : pushed.Subnets,
            DnsDomains = pushed.DnsDomains.IsEmpty ? current.DnsDomains : pushed.DnsDomains,
        });
        return [.. set.Attributes.Where(IsTaken).Select(attribute => new ConfigurationAttribute(attribute.Type))];
    }

    static bool IsTaken(ConfigurationAttribute attribute) =>
        attribute.Type is ConfigurationAttributeType.InternalIp4Dns or ConfigurationAttributeType.InternalIp6Dns
        or ConfigurationAttributeType.InternalIp4Nbns or ConfigurationAttributeType.InternalIp4Dhcp or ConfigurationAttributeType.InternalIp6Dhcp
        or ConfigurationAttributeType.InternalIp4Subnet or ConfigurationAttributeType.InternalIp6Subnet or ConfigurationAttributeType.InternalDnsDomain;
}
