namespace Ipsec.Azure.Routing;

/// <summary>Where a gateway's route leads.</summary>
public abstract record GatewayNextHop
{
    GatewayNextHop()
    {
    }

    /// <summary>The network that the gateway is in.</summary>
    public sealed record ThisNetwork(string VirtualNetwork) : GatewayNextHop;

    /// <summary>A peered network that uses this network's gateways.</summary>
    public sealed record PeeredNetwork(string VirtualNetwork) : GatewayNextHop;

    /// <summary>The tunnels of a connection, IPsec or Vnet2Vnet.</summary>
    public sealed record Connection(string Name) : GatewayNextHop;

    /// <summary>A circuit, through the network's ExpressRoute gateway.</summary>
    /// <param name="Gateway">That gateway.</param>
    /// <param name="Name">The circuit.</param>
    public sealed record Circuit(string Gateway, string Name) : GatewayNextHop;

    /// <summary>The gateway's other instance, which has learned the route.</summary>
    public sealed record OtherInstance(int Instance) : GatewayNextHop;
}
