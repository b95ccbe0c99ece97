using System.Globalization;
using System.Text.RegularExpressions;

namespace Ipsec.Lab.Topology.Reading;

/// <summary>The small texts of the format that have a meaning of their own: durations, percentages, names.</summary>
public static partial class ScalarText
{
    /// <summary>"20ms", "1.5s", "30s", "5m", "8h", "1d", and several of them from the largest unit to the smallest: "1h30m".</summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        Match match = DurationText().Match(text);
        if (!match.Success)
            return false;
        double seconds = 0;
        double last = double.PositiveInfinity;
        IEnumerable<string> values = match.Groups["value"].Captures.Select(part => part.Value);
        IEnumerable<string> units = match.Groups["unit"].Captures.Select(part => part.Value);
        foreach ((string value, string unit) in values.Zip(units))
        {
            double scale = unit switch { "ms" => 0.001, "m" => 60, "h" => 3600, "d" => 86_400, _ => 1 };
            if (scale >= last || !double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count))
                return false;
            last = scale;
            seconds += count * scale;
        }
        if (seconds > MaximumDurationSeconds)
            return false;
        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>"20%", "0.5%": as a fraction of one.</summary>
    public static bool TryPercent(string text, out double fraction)
    {
        fraction = 0;
        Match match = PercentText().Match(text);
        if (!match.Success || !double.TryParse(match.Groups["value"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out double percent))
            return false;
        fraction = percent / 100;
        return fraction <= 1;
    }

    /// <summary>Names become parts of interface, socket and file names.</summary>
    public static bool IsName(string text) => NameText().IsMatch(text);

    /// <summary>RFC 1123 §2.1: labels of letters, digits and hyphens, at most 253 characters; an address is no name.</summary>
    public static bool IsDnsName(string text) => text.Length <= 253 && DnsNameText().IsMatch(text) && !char.IsAsciiDigit(text[^1]);

    /// <summary>Ten years: no lifetime, and no sum of a few, comes near the limits of a time span.</summary>
    const double MaximumDurationSeconds = 3650.0 * 86_400;

    [GeneratedRegex(@"^((?<value>[0-9]{1,9}(\.[0-9]{1,6})?)(?<unit>ms|s|m|h|d)){1,5}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DurationText();

    [GeneratedRegex(@"^(?<value>[0-9]{1,3}(\.[0-9]{1,6})?)%\z", RegexOptions.CultureInvariant)]
    private static partial Regex PercentText();

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex DnsNameText();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameText();
}
