using Ipsec.Endpoint;
using Ipsec.EndpointHost.Netns;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Net;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Inner;

/// <summary>Says at start what people otherwise find out by ping: that the kernel does not forward for the hosts behind this node.</summary>
static class ForwardingCheck
{
    public static void Report(EndpointConfiguration endpoint, NamespaceScope scope, ILogger logger)
    {
        if (endpoint.LocalNetworks.Any(network => !network.Address.IsV6))
            Report("IPv4", "net.ipv4.ip_forward", "/proc/sys/net/ipv4/ip_forward", scope, logger);
        if (endpoint.LocalNetworks.Any(network => network.Address.IsV6))
            Report("IPv6", "net.ipv6.conf.all.forwarding", "/proc/sys/net/ipv6/conf/all/forwarding", scope, logger);
    }

    static void Report(string family, string setting, string path, NamespaceScope scope, ILogger logger)
    {
        // The kernel shows each thread the settings of its own namespace.
        if (scope.Run(() => File.Exists(path) && File.ReadAllText(path).Trim() == "0"))
            logger.ForwardingOff(family, setting);
    }
}
