using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Rules;

static class VirtualNetworkRules
{
    /// <summary>Prefixes that a gateway's virtual network may have.</summary>
    const int MaximumPrefixes = 600;

    /// <summary>Azure keeps five addresses of every subnet; a /29 is the smallest that has others.</summary>
    const int LongestV4 = 29;
    const int OnlyV6 = 64;

    public static void Check(VirtualNetwork network, ErrorCollector errors)
    {
        errors.CheckPrefixes("properties.addressSpace.addressPrefixes", network.AddressPrefixes, MaximumPrefixes);
        HashSet<string> names = [];
        for (int index = 0; index < network.Subnets.Length; index++)
        {
            Subnet subnet = network.Subnets[index];
            string path = $"properties.subnets[{index}]";
            if (!names.Add(subnet.Name))
                errors.Add(path, $"must have a name of its own, not {subnet.Name} again");
            if (subnet.Name != Subnet.GatewaySubnetName && subnet.Name.Equals(Subnet.GatewaySubnetName, StringComparison.OrdinalIgnoreCase))
                errors.Add(path, $"must be called {Subnet.GatewaySubnetName}, not {subnet.Name}: no gateway finds it otherwise");
            if (subnet.AddressPrefixes.Length is < 1 or > 2 || (subnet.AddressPrefixes is [IpPrefix first, IpPrefix second] && first.Address.IsV6 == second.Address.IsV6))
                errors.Add(path, "must have one addressPrefix, or two addressPrefixes of different families");
            foreach (IpPrefix prefix in subnet.AddressPrefixes)
                CheckPlace(prefix, network, index, path, errors);
        }
    }

    static void CheckPlace(IpPrefix prefix, VirtualNetwork network, int index, string path, ErrorCollector errors)
    {
        if (prefix.Address.IsV6 ? prefix.Length != OnlyV6 : prefix.Length > LongestV4)
        {
            errors.Add(path, $"must be {(prefix.Address.IsV6 ? $"a /{OnlyV6}" : $"a /{LongestV4} or larger")}, not {prefix}",
                ArmErrorCodes.SubnetOutsideAddressSpace);
        }
        if (!network.AddressPrefixes.Any(space => space.Contains(prefix)))
        {
            errors.Add(path, $"must be within the address space {string.Join(", ", network.AddressPrefixes)}, not {prefix}",
                ArmErrorCodes.SubnetOutsideAddressSpace);
        }
        foreach (Subnet other in network.Subnets.Take(index))
        {
            if (other.AddressPrefixes.Any(prefix.Overlaps))
                errors.Add(path, $"must not overlap the subnet {other.Name}, as {prefix} does", ArmErrorCodes.SubnetRangesOverlap);
        }
    }
}
