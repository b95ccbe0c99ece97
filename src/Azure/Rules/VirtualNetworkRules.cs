using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Rules;

static class VirtualNetworkRules
{
    /// <summary>Prefixes that a gateway's virtual network may have.</summary>
    const int MaximumPrefixes = 600;

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
            if (subnet.AddressPrefixes.Length is < 1 or > 2 || (subnet.AddressPrefixes is [IpPrefix first, IpPrefix second] && first.Address.IsV6 == second.Address.IsV6))
                errors.Add(path, "must have one addressPrefix, or two addressPrefixes of different families");
            foreach (IpPrefix prefix in subnet.AddressPrefixes)
                CheckPlace(prefix, network, index, path, errors);
        }
    }

    static void CheckPlace(IpPrefix prefix, VirtualNetwork network, int index, string path, ErrorCollector errors)
    {
        if (!network.AddressPrefixes.Any(space => space.Contains(prefix)))
            errors.Add(path, $"must be within the address space {string.Join(", ", network.AddressPrefixes)}, not {prefix}");
        foreach (Subnet other in network.Subnets.Take(index))
        {
            if (other.AddressPrefixes.Any(prefix.Overlaps))
                errors.Add(path, $"must not overlap the subnet {other.Name}, as {prefix} does");
        }
    }
}
