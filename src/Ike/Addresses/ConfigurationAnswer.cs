using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;
using static Ipsec.Ike.Wire.ConfigurationAttributeType;

namespace Ipsec.Ike.Addresses;

/// <summary>Answers a CFG_REQUEST from a connection's pools (RFC 7296 §2.19, §3.15).</summary>
static class ConfigurationAnswer
{
    /// <summary>Addresses of one family that one IKE SA may have. A bound of ours.</summary>
    internal const int MaximumAddresses = 8;

    /// <summary>What we understand, as SUPPORTED_ATTRIBUTES tells it.</summary>
    static readonly ImmutableArray<ConfigurationAttributeType> Supported =
    [
        InternalIp4Address, InternalIp4Netmask, InternalIp4Dns, InternalIp4Nbns, InternalIp4Dhcp, ApplicationVersion, InternalIp6Address,
        InternalIp6Dns, InternalIp6Dhcp, InternalIp4Subnet, SupportedAttributes, InternalIp6Subnet, InternalDnsDomain,
    ];

    /// <summary>True where the request asks for an address at all.</summary>
    public static bool AsksForAddress(ConfigurationPayload request) => request.Attributes.Any(IsAddress);

    /// <summary>
    /// The CFG_REPLY. What is asked for and cannot be given is left out (§3.15.4): whether anything was given shows in <paramref name="held"/>.
    /// </summary>
    /// <param name="held">The leases of the IKE SA; new ones are added.</param>
    /// <param name="mayShare">By the address that is asked for, null for any: see <see cref="LeasedPool.Acquire"/>.</param>
    public static ConfigurationPayload To(ConfigurationPayload request, ImmutableArray<LeasedPool> pools, Identity identity, List<AddressLease> held,
        Func<IpAddress?, bool> mayShare)
    {
        ImmutableArray<ConfigurationAttribute>.Builder reply = ImmutableArray.CreateBuilder<ConfigurationAttribute>();
        AddAddresses(reply, request, pools, identity, held, mayShare);
        // RFC 8598 §3.1: domains only to a peer that asks for them.
        reply.AddRange(Information(pools, request.Attributes.Any(attribute => attribute.Type == InternalDnsDomain)));
        foreach (ConfigurationAttribute asked in request.Attributes)
        {
            // RFC 7296 §2.20: an implementation may decline to give its version, and says so with an empty one.
            if (asked.Type == ApplicationVersion)
                reply.Add(new ConfigurationAttribute(ApplicationVersion));
            else if (asked.Type == SupportedAttributes)
                reply.Add(new ConfigurationAttribute(SupportedAttributes,
                    (byte[])[.. Supported.SelectMany(type => new[] { (byte)((int)type >> 8), (byte)type })]));
        }
        // NETMASK, APPLICATION_VERSION and SUPPORTED_ATTRIBUTES have one value (RFC 7296 §3.15.1), however often they were asked for.
        return new ConfigurationPayload(ConfigurationType.Reply, [.. reply.Distinct().Take(WireLimits.ConfigurationAttributes)]);
    }

    /// <summary>What pools tell beside addresses, as much as a payload holds.</summary>
    public static ImmutableArray<ConfigurationAttribute> Information(ImmutableArray<LeasedPool> pools, bool withDomains)
    {
        ImmutableArray<ConfigurationAttribute>.Builder told = ImmutableArray.CreateBuilder<ConfigurationAttribute>();
        foreach (LeasedPool leased in pools)
        {
            AddressPool pool = leased.Pool;
            told.AddRange(pool.Dns.Select(address => ConfigurationAttribute.Of(address.IsV6 ? InternalIp6Dns : InternalIp4Dns, address)));
            told.AddRange(pool.Nbns.Select(address => ConfigurationAttribute.Of(InternalIp4Nbns, address)));
            told.AddRange(pool.Dhcp.Select(address => ConfigurationAttribute.Of(address.IsV6 ? InternalIp6Dhcp : InternalIp4Dhcp, address)));
            told.AddRange(pool.Subnets.Select(ConfigurationAttribute.Subnet));
            if (withDomains)
                told.AddRange(pool.DnsDomains.Select(domain => ConfigurationAttribute.Text(InternalDnsDomain, domain)));
        }
        return [.. told.Distinct().Take(WireLimits.ConfigurationAttributes)];
    }

    static void AddAddresses(ImmutableArray<ConfigurationAttribute>.Builder reply, ConfigurationPayload request, ImmutableArray<LeasedPool> pools,
        Identity identity, List<AddressLease> held, Func<IpAddress?, bool> mayShare)
    {
        foreach (bool isV6 in new[] { false, true })
        {
            ConfigurationAttributeType type = isV6 ? InternalIp6Address : InternalIp4Address;
            // An IKE SA that asks again has its addresses already: it is told them, up to the number that it asks for.
            var known = new Queue<AddressLease>(held.Where(lease => lease.Address.IsV6 == isV6));
            foreach (ConfigurationAttribute asked in request.Attributes.Where(attribute => attribute.Type == type).Take(MaximumAddresses))
            {
                IpAddress? wanted = asked.TryGetAddress(out IpAddress address) && !address.IsUnspecified ? address : null;
                AddressLease? lease = known.Count > 0 ? known.Dequeue() : Acquire(pools, identity, isV6, wanted, mayShare(wanted), held);
                if (lease is null)
                    break;
                reply.Add(ConfigurationAttribute.Of(type, lease.Address, (byte)(lease.Pool.Pool.PrefixLength ?? lease.Address.BitLength)));
                if (!isV6 && lease.Pool.Pool.PrefixLength is int length && request.Attributes.Any(attribute => attribute.Type == InternalIp4Netmask)
                    && !reply.Any(attribute => attribute.Type == InternalIp4Netmask))
                    reply.Add(ConfigurationAttribute.Netmask(length));
            }
        }
    }

    static AddressLease? Acquire(ImmutableArray<LeasedPool> pools, Identity identity, bool isV6, IpAddress? wanted, bool mayShare, List<AddressLease> held)
    {
        // A pool with the address that is wanted comes before one that comes first.
        IEnumerable<LeasedPool> ofFamily = pools.Where(pool => pool.Pool.Addresses is IpAddressRange range && range.IsV6 == isV6)
            .OrderBy(pool => wanted is IpAddress address && pool.Pool.Addresses!.Value.Contains(address) ? 0 : 1);
        foreach (LeasedPool pool in ofFamily)
        {
            if (pool.Acquire(identity, wanted, mayShare, held) is AddressLease lease)
            {
                held.Add(lease);
                return lease;
            }
        }
        return null;
    }

    static bool IsAddress(ConfigurationAttribute attribute) => attribute.Type is InternalIp4Address or InternalIp6Address;
}
