using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using Ipsec.Lab.Hosts.Http;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Reading;

/// <summary>Reads one line of <c>expect</c>.</summary>
static partial class ExpectationReader
{
    /// <summary>ICMP data octets of a ping without a size, as the ping command sends it.</summary>
    public const int DefaultSize = 56;
    public const int DefaultCount = 3;

    /// <summary>ICMP data octets that an IPv4 packet has room for.</summary>
    public const int MaximumSize = 65_507;
    public const int MaximumCount = 1_000;

    /// <summary>Octets of a fetch without a size.</summary>
    public const int DefaultFetchSize = 100_000;

    public const string Accepted =
        "\"[no] ping A -> B [at ADDRESS] [size N] [count N]\", \"[no] fetch A -> B [at ADDRESS] [size N]\", \"tunnel C is up\" or \"tunnel C fails [REASON]\"";

    public static bool TryRead(string text, int line, [NotNullWhen(true)] out Expectation? expectation)
    {
        expectation = null;
        Match ping = PingText().Match(text);
        if (ping.Success)
        {
            if (!TryAddress(ping.Groups["at"], out IpAddress? at) || !TryNumber(ping.Groups["size"], DefaultSize, 0, MaximumSize, out int size)
                || !TryNumber(ping.Groups["count"], DefaultCount, 1, MaximumCount, out int count))
                return false;
            expectation = new PingExpectation(text, line, ping.Groups["from"].Value, ping.Groups["to"].Value, size, count, !ping.Groups["no"].Success)
            { At = at };
            return true;
        }
        Match fetch = FetchText().Match(text);
        if (fetch.Success)
        {
            if (!TryAddress(fetch.Groups["at"], out IpAddress? at)
                || !TryNumber(fetch.Groups["size"], DefaultFetchSize, 0, OctetRequest.MostOctets, out int octets))
                return false;
            expectation = new FetchExpectation(text, line, fetch.Groups["from"].Value, fetch.Groups["to"].Value, octets, !fetch.Groups["no"].Success)
            { At = at };
            return true;
        }
        Match tunnel = TunnelText().Match(text);
        if (!tunnel.Success)
            return false;
        string? reason = tunnel.Groups["reason"].Success ? tunnel.Groups["reason"].Value : null;
        expectation = new TunnelExpectation(text, line, tunnel.Groups["name"].Value, tunnel.Groups["up"].Success, reason);
        return true;
    }

    static bool TryAddress(Group group, out IpAddress? address)
    {
        bool isGood = IpAddress.TryParse(group.Value, out IpAddress parsed);
        address = isGood ? parsed : null;
        return isGood || !group.Success;
    }

    static bool TryNumber(Group group, int fallback, int minimum, int maximum, out int value)
    {
        value = fallback;
        return !group.Success
               || (int.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= minimum && value <= maximum);
    }

    [GeneratedRegex(@"^(?<no>no )?ping (?<from>\S+) -> (?<to>\S+)( at (?<at>\S+))?( size (?<size>[0-9]+))?( count (?<count>[0-9]+))?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex PingText();

    [GeneratedRegex(@"^(?<no>no )?fetch (?<from>\S+) -> (?<to>\S+)( at (?<at>\S+))?( size (?<size>[0-9]+))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex FetchText();

    [GeneratedRegex(@"^tunnel (?<name>\S+) ((?<up>is up)|fails( (?<reason>[a-z0-9]+(-[a-z0-9]+)*))?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex TunnelText();
}
