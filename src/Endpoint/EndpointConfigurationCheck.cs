using Ipsec.Esp;
using Ipsec.Ike.Configuration;

namespace Ipsec.Endpoint;

/// <summary>What makes a configuration unusable for an endpoint, in one sentence.</summary>
static class EndpointConfigurationCheck
{
    /// <summary>An IPv4 packet of 68 octets, which every link carries (RFC 791 §3.2), less two headers of 20.</summary>
    const int SmallestMssClamp = 28;

    /// <summary>The largest IPv4 packet less two headers of 20 octets.</summary>
    const int LargestMssClamp = 65_495;

    /// <summary>The first contradiction within one configuration; null if there is none.</summary>
    public static string? FindFault(EndpointConfiguration configuration)
    {
        if (configuration.LocalAddresses.IsDefaultOrEmpty)
            return $"The endpoint '{configuration.Name}' has no local address.";
        if (configuration.IkePort == configuration.NatTraversalPort)
            return $"The endpoint '{configuration.Name}' names port {configuration.IkePort} for both IKE and NAT traversal; they must differ.";
        if (configuration.Shaper is { IsValid: false } shaper)
        {
            return $"The endpoint '{configuration.Name}' carries {shaper.BitsPerSecond} bit/s with a depth of {shaper.Depth}; accepted are "
                + $"{ShaperSettings.SlowestRate} to {ShaperSettings.FastestRate} bit/s and a depth above zero to {ShaperSettings.LongestDepth}.";
        }
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (TunnelConfiguration tunnel in configuration.Tunnels)
        {
            if (!names.Add(tunnel.Connection.Name))
                return $"Two tunnels of the endpoint '{configuration.Name}' are called '{tunnel.Connection.Name}'; names must differ.";
            if (tunnel.MssClamp is < SmallestMssClamp or > LargestMssClamp)
            {
                return $"The tunnel '{tunnel.Connection.Name}' clamps the TCP segment size to {tunnel.MssClamp}; "
                    + $"accepted are {SmallestMssClamp} to {LargestMssClamp} octets.";
            }
            foreach (NatRule rule in tunnel.Nat)
            {
                if (rule.Internal.Address.IsV6 != rule.External.Address.IsV6)
                    return $"The tunnel '{tunnel.Connection.Name}' translates {rule.Internal} to {rule.External}; both must be of one address family.";
                if (rule.Kind == NatKind.Static && rule.Internal.Length != rule.External.Length)
                    return $"The tunnel '{tunnel.Connection.Name}' maps {rule.Internal} one to one to {rule.External}; both must have the same length.";
                if (rule.Kind == NatKind.Static && rule.InternalPorts?.Count != rule.ExternalPorts?.Count)
                {
                    return $"The tunnel '{tunnel.Connection.Name}' maps ports {rule.InternalPorts} of {rule.Internal} one to one to {rule.ExternalPorts} of "
                        + $"{rule.External}; both must be given, and as many.";
                }
            }
        }
        return null;
    }

    /// <summary>The first difference that a running endpoint cannot take over; null if there is none.</summary>
    public static string? FindUnchangeable(EndpointConfiguration current, EndpointConfiguration next)
    {
        if (current.Name != next.Name)
            return $"This endpoint is '{current.Name}' and cannot become '{next.Name}' while it runs.";
        if (!ValueEquality.Same(current.LocalAddresses, next.LocalAddresses))
            return $"The local addresses of '{current.Name}' cannot change while it runs; restart it.";
        if (current.IkePort != next.IkePort || current.NatTraversalPort != next.NatTraversalPort)
            return $"The ports of '{current.Name}' cannot change while it runs; restart it.";
        if (current.Inner != next.Inner)
            return $"The inner options (MTU, fragmentation, DSCP) of '{current.Name}' cannot change while it runs; restart it.";
        return null;
    }
}
