using Ipsec.Lab.DeviceConfig;

namespace Ipsec.EndpointHost.DeviceConfig;

/// <summary>A device's configuration for people: what to type, and below it the documents that say so.</summary>
static class DeviceConfigText
{
    const int LongestValue = 62;

    public static void Write(TextWriter output, DeviceConfigurationReport report)
    {
        output.WriteLine($"{report.Node}: {report.Title}, profile {report.Profile}");
        output.WriteLine(report.Device);
        foreach (DeviceConnectionReport connection in report.Connections)
        {
            output.WriteLine();
            output.WriteLine(connection.Connection);
            WriteTable(output, connection);
            foreach (string sentence in connection.Azure)
                output.WriteLine($"  On the Azure side: {sentence}");
            WriteOrigins(output, connection);
        }
    }

    static void WriteTable(TextWriter output, DeviceConnectionReport connection)
    {
        int first = Width("Setting", connection.Settings.Select(row => row.Setting));
        int second = Math.Min(LongestValue, Width("Value", connection.Settings.Select(row => row.Value)));
        bool hasDevice = connection.Settings.Any(row => row.InDevice.Length > 0);
        output.WriteLine($"  {"Setting".PadRight(first)}  {(hasDevice ? $"{"Value".PadRight(second)}  In the device" : "Value")}");
        foreach (DeviceSettingReport row in connection.Settings)
        {
            string start = $"  {row.Setting.PadRight(first)}  {row.Value}";
            if (row.InDevice.Length > 0 && row.Value.Length > second)
            {
                output.WriteLine(start);
                start = "";
            }
            output.WriteLine(row.InDevice.Length == 0 ? start : $"{start.PadRight(first + second + 4)}  {row.InDevice}");
        }
    }

    /// <summary>The documents with a number, and which setting is from which.</summary>
    static void WriteOrigins(TextWriter output, DeviceConnectionReport connection)
    {
        string[] documents = [.. connection.Settings.Select(row => row.Url).OfType<string>().Distinct()];
        output.WriteLine("  Where that is from");
        foreach (IGrouping<(string? Source, string? Url, string? Note), DeviceSettingReport> rows
            in connection.Settings.GroupBy(row => (row.Source, row.Url, row.Note)))
        {
            string? source = rows.Key.Url is string url ? $"[{Array.IndexOf(documents, url) + 1}]" : rows.Key.Source;
            string from = string.Join(", ", new[] { source, rows.Key.Note }.OfType<string>());
            output.WriteLine($"    {string.Join(", ", rows.Select(row => row.Setting))}: {from}");
        }
        foreach ((int index, string url) in documents.Index())
            output.WriteLine($"    [{index + 1}] {connection.Settings.First(row => row.Url == url).Source}, {url}");
    }

    static int Width(string heading, IEnumerable<string> cells) => cells.Append(heading).Max(cell => cell.Length);
}
