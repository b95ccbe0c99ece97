namespace Ipsec.Azure.Resources;

/// <summary>Microsoft.Network/expressRouteCircuits: to an emulator a plain routed link between sites and ExpressRoute gateways.</summary>
/// <param name="BandwidthInMbps"><c>properties.serviceProviderProperties.bandwidthInMbps</c>; null where it is not said: without a limit.</param>
public sealed record ExpressRouteCircuit(string Name, int? BandwidthInMbps = null);
