using System.Globalization;

namespace Ipsec.Net;

/// <summary>Ports of TCP or UDP from the first to the last, both of them included.</summary>
public readonly record struct PortRange(ushort First, ushort Last)
{
    public int Count => Last - First + 1;

    public bool Contains(ushort port) => port >= First && port <= Last;

    /// <summary>Parses "300-400", the first not above the last, both 1 to 65535.</summary>
    public static bool TryParse(string? text, out PortRange range)
    {
        range = default;
        string[] ends = text?.Split('-') ?? [];
        if (ends.Length != 2 || !TryPort(ends[0], out ushort first) || !TryPort(ends[1], out ushort last) || first > last)
            return false;
        range = new PortRange(first, last);
        return true;
    }

    /// <exception cref="FormatException">The text is no port range.</exception>
    public static PortRange Parse(string text) => TryParse(text, out PortRange range) ? range : throw new FormatException($"'{text}' is no port range.");

    public override string ToString() => $"{First}-{Last}";

    static bool TryPort(string text, out ushort port) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port > 0;
}
