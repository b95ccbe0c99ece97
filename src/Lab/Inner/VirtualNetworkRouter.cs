using Ipsec.Azure.Routing;
using Ipsec.Lab.Network;
using Ipsec.Net;

namespace Ipsec.Lab.Inner;

/// <summary>A virtual network: its hosts, and what its effective routes do with everything that is for none of them.</summary>
sealed class VirtualNetworkRouter(string virtualNetwork, Scheduler scheduler, INetworkObserver observer, AzureFabric fabric)
    : InnerPlace($"virtual network {virtualNetwork}", scheduler, observer)
{
    /// <summary>
    /// A packet out of a tunnel of one of its VPN gateway's instances, or out of a circuit: here, or in a peered network that uses this one's gateways.
    /// </summary>
    public void ReceiveFromGateway(byte[] packet, string gateway)
    {
        if (!TryPass(packet, out IpAddress destination))
            return;
        if (fabric.NetworkBehind(gateway, destination) is VirtualNetworkRouter network)
            network.DeliverHere(packet, destination);
        else
            Drop(packet, DropReason.NoRoute);
    }

    protected override void Leave(byte[] packet, IpAddress destination)
    {
        switch (fabric.RoutesOf(virtualNetwork).Lookup(destination))
        {
            case { NextHopType: RouteNextHopType.VnetLocal }:
                Drop(packet, DropReason.NoHost);
                break;
            case { NextHopType: RouteNextHopType.VNetPeering, NextHop: string peer }:
                fabric.Network(peer).DeliverHere(packet, destination);
                break;
            case { NextHopType: RouteNextHopType.VirtualNetworkGateway, NextHop: string gateway } when fabric.TrySendToGateway(gateway, packet, destination):
                break;
            default:
                Drop(packet, DropReason.NoRoute);
                break;
        }
    }
}
