using System.Globalization;
using System.Text.RegularExpressions;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>
/// Traffic selectors as strongSwan users write them: a network, an address or a range, and in brackets a protocol and a port or port range:
/// "10.2.0.0/24", "10.2.0.5-10.2.0.9", "10.2.0.0/24[tcp/443]", "10.2.0.0/24[udp/1000-2000]", "10.2.0.0/24[icmp]".
/// </summary>
static partial class SelectorText
{
    public static bool TryParse(string text, out TrafficSelector selector)
    {
        selector = default;
        Match match = Parts().Match(text);
        if (!match.Success || !TryRange(match.Groups["addresses"].Value, out IpAddressRange range))
            return false;
        byte protocol = 0;
        if (match.Groups["protocol"].Success && !TryProtocol(match.Groups["protocol"].Value, out protocol))
            return false;
        ushort first = 0;
        ushort last = ushort.MaxValue;
        if (match.Groups["first"].Success)
        {
            Group lastText = match.Groups["last"].Success ? match.Groups["last"] : match.Groups["first"];
            if (!TryPort(match.Groups["first"], out first) || !TryPort(lastText, out last))
                return false;
        }
        selector = new TrafficSelector(range, protocol, first, last);
        return first <= last;
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

    [GeneratedRegex(@"^(?<addresses>[0-9a-fA-F:./-]+)(\[(?<protocol>[a-z0-9]+)(/(?<first>[0-9]+)(-(?<last>[0-9]+))?)?\])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Parts();
}
