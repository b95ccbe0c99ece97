using System.Globalization;
using System.Text.RegularExpressions;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>
/// Traffic selectors as strongSwan users write them: a network, an address or a range, and in brackets a protocol and a port or port range:
/// "10.2.0.0/24", "10.2.0.5-10.2.0.9", "10.2.0.0/24[tcp/443]", "10.2.0.0/24[udp/1000-2000]", "10.2.0.0/24[icmp]", "10.2.0.0/24[tcp/opaque]".
/// "dynamic" in place of the addresses stands for whatever address that side has when the SA is made.
/// </summary>
static partial class SelectorText
{
    public static bool TryParse(string text, out TrafficSelector selector)
    {
        selector = default;
        Match match = Parts().Match(text);
        if (!match.Success || !TryRange(match.Groups["addresses"].Value, out IpAddressRange range) || !TryPorts(match, out DynamicSelector ports))
            return false;
        selector = ports.At(range);
        return true;
    }

    public static bool TryParseDynamic(string text, out DynamicSelector selector)
    {
        selector = default;
        Match match = Parts().Match(text);
        return match.Success && match.Groups["addresses"].Value == "dynamic" && TryPorts(match, out selector);
    }

    /// <summary>What <see cref="TryParseDynamic"/> reads.</summary>
    public static string Print(DynamicSelector selector) => $"dynamic{selector.At(IpPrefix.AnyV4.Range).ToString()[IpPrefix.AnyV4.ToString().Length..]}";

    static bool TryPorts(Match match, out DynamicSelector ports)
    {
        ports = DynamicSelector.Any;
        byte protocol = 0;
        if (match.Groups["protocol"].Success && !TryProtocol(match.Groups["protocol"].Value, out protocol))
            return false;
        ushort first = 0;
        ushort last = ushort.MaxValue;
        if (match.Groups["opaque"].Success)
        {
            // RFC 7296 §3.13.1: packets whose ports cannot be seen.
            (first, last) = (ushort.MaxValue, 0);
        }
        else if (match.Groups["first"].Success)
        {
            Group lastText = match.Groups["last"].Success ? match.Groups["last"] : match.Groups["first"];
            if (!TryPort(match.Groups["first"], out first) || !TryPort(lastText, out last) || first > last)
                return false;
        }
        ports = new DynamicSelector(protocol, first, last);
        return true;
    }

    static bool TryRange(string text, out IpAddressRange range)
    {
        range = default;
        int dash = text.IndexOf('-');
        if (dash < 0)
        {
            bool isPrefix = IpPrefix.TryParse(text, out IpPrefix prefix);
            range = isPrefix ? prefix.Range : default;
            return isPrefix;
        }
        if (!IpAddress.TryParse(text[..dash], out IpAddress first) || !IpAddress.TryParse(text[(dash + 1)..], out IpAddress last)
            || first.IsV6 != last.IsV6 || last < first)
            return false;
        range = new IpAddressRange(first, last);
        return true;
    }

    static bool TryProtocol(string text, out byte protocol)
    {
        protocol = text switch
        {
            "icmp" => 1,
            "tcp" => 6,
            "udp" => 17,
            "gre" => 47,
            "icmpv6" => 58,
            "sctp" => 132,
            _ => 0,
        };
        return protocol != 0 || (byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out protocol) && protocol != 0);
    }

    static bool TryPort(Group group, out ushort port) => ushort.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out port);

    [GeneratedRegex(@"^(?<addresses>dynamic|[0-9a-fA-F:./-]+)(\[(?<protocol>[a-z0-9]+)(/((?<first>[0-9]+)(-(?<last>[0-9]+))?|(?<opaque>opaque)))?\])?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Parts();
}
