using Ipsec.Ike.Addresses;
using Ipsec.Ike.Outputs;

namespace Ipsec.EndpointHost.Telemetry;

/// <summary>"10.3.0.1 by hub, DNS 10.1.0.53 for corp.example".</summary>
static class VirtualAddressText
{
    public static string Describe(VirtualAddresses given)
    {
        AssignedConfiguration configuration = given.Configuration;
        string dns = configuration.Dns.IsEmpty ? "" : $", DNS {string.Join(' ', configuration.Dns)}";
        string domains = configuration.DnsDomains.IsEmpty ? "" : $" for {string.Join(' ', configuration.DnsDomains)}";
        return $"{string.Join(' ', configuration.Addresses.Select(address => address.Address))} by {given.Connection}{dns}{domains}";
    }
}
