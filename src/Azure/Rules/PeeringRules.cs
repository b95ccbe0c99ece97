using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Rules;

static class PeeringRules
{
    const string RemotePath = "properties.remoteVirtualNetwork.id";
    const string UseRemoteGatewaysPath = "properties.useRemoteGateways";

    public static void Check(VirtualNetworkPeering peering, AzureEnvironment environment, ErrorCollector errors)
    {
        VirtualNetwork? own = environment.FindVirtualNetwork(peering.VirtualNetwork);
        VirtualNetwork? remote = environment.FindVirtualNetwork(peering.RemoteVirtualNetwork);
        if (own is null)
            errors.AddUnknown("name", "virtual network", peering.VirtualNetwork, environment.VirtualNetworks.Select(known => known.Name));
        if (remote is null)
            errors.AddUnknown(RemotePath, "virtual network", peering.RemoteVirtualNetwork, environment.VirtualNetworks.Select(known => known.Name));
        if (own is null || remote is null)
            return;
        if (own.Name == remote.Name)
        {
            errors.Add(RemotePath, $"must be another virtual network than {own.Name}, which the peering is of");
            return;
        }
        VirtualNetworkPeering[] others = [.. environment.VirtualNetworkPeerings.Where(other => other.VirtualNetwork == own.Name && other != peering)];
        VirtualNetworkPeering[] earlier = [.. environment.VirtualNetworkPeerings.TakeWhile(other => other != peering).Where(others.Contains)];
        if (earlier.FirstOrDefault(other => other.RemoteVirtualNetwork == remote.Name) is VirtualNetworkPeering twin)
        {
            errors.Add(RemotePath, $"must be a virtual network that no other peering of {own.Name} leads to, as {twin.Name} leads to {remote.Name}",
                ArmErrorCodes.PeeredAlready);
        }
        CheckOverlap(own, remote, earlier, environment, errors);
        if (peering.UseRemoteGateways)
            CheckRemoteGateways(peering, earlier, environment, errors);
    }

    /// <summary>Neither the two networks of a peering nor two peers of one network may overlap.</summary>
    static void CheckOverlap(VirtualNetwork own, VirtualNetwork remote, VirtualNetworkPeering[] earlier, AzureEnvironment environment, ErrorCollector errors)
    {
        if (FindOverlap(own, remote) is (IpPrefix first, IpPrefix second))
        {
            errors.Add(RemotePath, $"must be a virtual network that does not overlap {own.Name}, as {second} of {remote.Name} does with {first}",
                ArmErrorCodes.AddressSpacesOverlap);
        }
        foreach (VirtualNetworkPeering other in earlier)
        {
            if (other.RemoteVirtualNetwork != remote.Name && environment.FindVirtualNetwork(other.RemoteVirtualNetwork) is VirtualNetwork peer
                && FindOverlap(peer, remote) is (IpPrefix theirs, IpPrefix overlapping))
            {
                errors.Add(RemotePath, $"must be a virtual network that does not overlap {peer.Name}, which {own.Name} is peered with already, "
                    + $"as {overlapping} of {remote.Name} does with {theirs}",
                    ArmErrorCodes.OverlapsWithPeered);
            }
        }
    }

    static void CheckRemoteGateways(VirtualNetworkPeering peering, VirtualNetworkPeering[] earlier, AzureEnvironment environment, ErrorCollector errors)
    {
        string own = peering.VirtualNetwork;
        string remote = peering.RemoteVirtualNetwork;
        if (GatewaysOf(own, environment).FirstOrDefault() is VirtualNetworkGateway gateway)
            errors.Add(UseRemoteGatewaysPath, $"must be false where the virtual network has a gateway of its own: {own} has {gateway.Name}");
        if (!GatewaysOf(remote, environment).Any())
        {
            errors.Add(UseRemoteGatewaysPath, $"must be false where the remote virtual network has no gateway, as {remote} has none",
                ArmErrorCodes.RemoteHasNoGateways);
        }
        if (environment.FindOpposite(peering) is not VirtualNetworkPeering opposite)
            errors.Add(UseRemoteGatewaysPath, $"must be false until {remote} has a peering to {own} with allowGatewayTransit: true");
        else if (!opposite.AllowGatewayTransit)
            errors.Add(UseRemoteGatewaysPath, $"must be false while the peering {opposite.Name} of {remote} has allowGatewayTransit: false");
        if (earlier.FirstOrDefault(other => other.UseRemoteGateways) is VirtualNetworkPeering other)
            errors.Add(UseRemoteGatewaysPath, $"must be true in one peering of a virtual network only, and {other.Name} of {own} has it");
        if (peering.AllowGatewayTransit)
            errors.Add("properties.allowGatewayTransit", "must be false with useRemoteGateways: true: gateways are not handed on");
    }

    static IEnumerable<VirtualNetworkGateway> GatewaysOf(string network, AzureEnvironment environment) =>
        environment.VirtualNetworkGateways.Where(gateway => !gateway.IpConfigurations.IsEmpty && gateway.VirtualNetwork == network);

    public static (IpPrefix First, IpPrefix Second)? FindOverlap(VirtualNetwork first, VirtualNetwork second)
    {
        foreach (IpPrefix prefix in second.AddressPrefixes)
        {
            if (ErrorCollector.FirstOverlap(first.AddressPrefixes, prefix) is IpPrefix overlapping)
                return (overlapping, prefix);
        }
        return null;
    }
}
