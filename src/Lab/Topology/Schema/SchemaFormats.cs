using System.Collections.Immutable;
using Ipsec.Ike.Wire;
using Ipsec.Lab.Topology.Reading;
using Ipsec.Lab.Topology.Sites;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Schema;

/// <summary>One value of the keyword <c>format</c>: its check, and the words for what it accepts.</summary>
sealed record SchemaFormat(string Name, string Accepted, Predicate<string> IsValid)
{
    public static ImmutableArray<SchemaFormat> All { get; } =
    [
        new("name", "a name of letters, digits, '-', '_' and '.', at most 63 characters", ScalarText.IsName),
        new("cidr", "a network in CIDR form such as 10.1.0.0/16, with no bit set behind the prefix length", IsCidr),
        new("port-range", "a range of ports such as 300-400, 1 to 65535, the lower one first", text => PortRange.TryParse(text, out _)),
        new("ip", "an IPv4 or IPv6 address other than 0.0.0.0 and ::", text => IpAddress.TryParse(text, out IpAddress address) && !address.IsUnspecified),
        new("ipv4", "an IPv4 address other than 0.0.0.0", text => IpAddress.TryParse(text, out IpAddress address) && address.IsV4 && !address.IsUnspecified),
        new("duration", "a duration such as 20ms, 1.5s, 30s, 5m, 1h30m or 1d", text => ScalarText.TryDuration(text, out _)),
        new("percent", "a percentage such as 20% or 0.5%, at most 100%", text => ScalarText.TryPercent(text, out _)),
        new("identity", "an address, a name, user@host, @name or a distinguished name such as C=CH, O=Example, CN=gateway", text =>
            text.Length is > 0 and <= 255 && !text.Any(char.IsControl)),
        new("selector", "an address, network, range or dynamic, with a protocol and port in brackets where wanted: 10.2.0.0/24[tcp/443]",
            text => SelectorText.TryParse(text, out _) || SelectorText.TryParseDynamic(text, out _)),
        new("pool-addresses", "a network in CIDR form or a range such as 10.3.0.10-10.3.0.99", text => PoolReader.TryRange(text, out _, out _)),
        new("virtual-ip", "an address to ask for, or 0.0.0.0 or :: for any of its family", text => IpAddress.TryParse(text, out _)),
        new("gateway", "an IP address or a DNS name", text => RedirectTarget.Parse(text) is not null),
        new("dns-name", "a DNS name such as branch.example.org", ScalarText.IsDnsName),
        new("peer-address", "an address, a network in CIDR form, or any", text => text == "any" || IpPrefix.TryParse(text, out _)),
        new("expectation", ExpectationReader.Accepted, text => ExpectationReader.TryRead(text, 0, out _)),
    ];

    public static SchemaFormat Find(string name) => All.First(format => format.Name == name);

    static bool IsCidr(string text) => text.Contains('/') && IpPrefix.TryParse(text, out _);
}
