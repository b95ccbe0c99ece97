using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Reading;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>Reads the address pools of a device.</summary>
static class PoolReader
{
    public static ImmutableArray<AddressPool> Read(NodeReader device, ErrorList errors) =>
        [.. device.Named("pools").Select(pool => Read(pool.Name, pool.Value, errors))];

    /// <summary>
    /// A range as it is, of a network every address that a host may have: neither the first nor, in IPv4, the last one, unless there are no others.
    /// </summary>
    /// <param name="prefixLength">Of the network; null for a range.</param>
    public static bool TryRange(string text, out IpAddressRange range, out int? prefixLength)
    {
        range = default;
        prefixLength = null;
        if (!SelectorText.TryParse(text, out TrafficSelector selector) || selector.Protocol != 0 || !selector.IsAnyPort)
            return false;
        range = selector.Addresses;
        if (!text.Contains('/'))
            return true;
        range.TryGetPrefix(out IpPrefix network);
        prefixLength = network.Length;
        if (network.Length <= network.Address.BitLength - 2)
            range = new IpAddressRange(network.First.Plus(1), network.Address.IsV6 ? network.Last : IpAddress.V4((uint)network.Last.Bits - 1));
        return true;
    }

    static AddressPool Read(string name, NodeReader pool, ErrorList errors)
    {
        IpAddressRange range = default;
        int? length = null;
        bool hasAddresses = pool.Text("addresses") is string text && TryRange(text, out range, out length);
        foreach (SourcedNode server in pool.Items("nbns").Where(server => IpAddress.Parse(NodeReader.TextOf(server)).IsV6))
            errors.Add(server, "must be an IPv4 address; NetBIOS name servers have no other");
        return new AddressPool
        {
            Name = name,
            Addresses = hasAddresses ? range : null,
            PrefixLength = length,
            Dns = pool.Addresses("dns"),
            Nbns = pool.Addresses("nbns"),
            Dhcp = pool.Addresses("dhcp"),
            Subnets = pool.Prefixes("subnets") ?? [],
            DnsDomains = [.. pool.Items("dnsDomains").Select(NodeReader.TextOf)],
        };
    }
}
