using System.Collections.Immutable;
using Ipsec.Ike.Wire;
using Ipsec.Net;
using static Ipsec.Ike.Wire.ConfigurationAttributeType;

namespace Ipsec.Ike.Addresses;

/// <summary>The CFG_REQUEST of a client (RFC 7296 §2.19, RFC 8598 §3.1).</summary>
static class ConfigurationRequest
{
    /// <param name="addresses">One attribute for each; an unspecified one asks for any address of its family.</param>
    /// <param name="assigned">What an IKE SA that is to be renewed has: the same is asked for, as traffic is not to stop.</param>
    public static ConfigurationPayload For(ImmutableArray<IpAddress> addresses, ImmutableArray<AssignedAddress> assigned)
    {
        var renewed = assigned.Select(one => one.Address).ToList();
        IEnumerable<ConfigurationAttribute> asked = addresses.Select(configured => Renew(configured, renewed))
            .Select(address => (address.IsV6, address.IsUnspecified) switch
        {
            (false, true) => new ConfigurationAttribute(InternalIp4Address),
            (true, true) => new ConfigurationAttribute(InternalIp6Address),
            _ => ConfigurationAttribute.Of(address.IsV6 ? InternalIp6Address : InternalIp4Address, address),
        });
        IEnumerable<ConfigurationAttributeType> told = addresses.Select(address => address.IsV6 ? InternalIp6Dns : InternalIp4Dns).Distinct()
            .Append(InternalDnsDomain);
        return new ConfigurationPayload(ConfigurationType.Request, [.. asked, .. told.Select(type => new ConfigurationAttribute(type))]);
    }

    static IpAddress Renew(IpAddress configured, List<IpAddress> renewed)
    {
        int index = renewed.FindIndex(address => address.IsV6 == configured.IsV6);
        if (index < 0)
            return configured;
        IpAddress address = renewed[index];
        renewed.RemoveAt(index);
        return address;
    }
}
