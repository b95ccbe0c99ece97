using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ipsec.EndpointHost.CommandLine;

namespace Ipsec.EndpointHost.Netns;

/// <summary>What is known on disk of a lab on namespaces, so that another process can use it and take it away, also when its own was killed.</summary>
/// <param name="File">The topology file, with its whole path.</param>
/// <param name="ProcessStart">In clock ticks since the machine's start (proc(5), field 22 of stat): a process id comes again, the two together do not.</param>
/// <param name="Nodes">The namespace behind each name that <c>lab exec</c> takes.</param>
/// <param name="Namespaces">All of them.</param>
/// <param name="Sockets">Control sockets, which a killed process leaves behind.</param>
sealed record LabRecord(string Lab, string File, int ProcessId, ulong ProcessStart, SortedDictionary<string, string> Nodes, string[] Namespaces, string[] Sockets)
{
    const string Extension = ".json";
    const int StartField = 22;

    /// <summary>Not below a user's runtime folder: namespaces are the machine's, not a session's.</summary>
    public const string Folder = "/run/ipsec-endpoint/labs";

    [JsonIgnore]
    public string Path => PathOf(Lab);

    /// <summary>Scratch files and logs of the nodes.</summary>
    [JsonIgnore]
    public string OutputFolder => System.IO.Path.Combine(Folder, Clean(Lab));

    /// <summary>The process that runs the lab is alive.</summary>
    [JsonIgnore]
    public bool IsRunning => StartOf(ProcessId) == ProcessStart;

    public static ulong OwnStart => StartOf(Environment.ProcessId) ?? 0;

    public static LabRecord? Find(string lab) => Read(PathOf(lab));

    /// <summary>By name.</summary>
    public static LabRecord[] All() => Directory.Exists(Folder)
        ? [.. Directory.GetFiles(Folder, $"*{Extension}").Order(StringComparer.Ordinal).Select(Read).OfType<LabRecord>()]
        : [];

    /// <summary>Writes it for the first time; false if somebody else has a lab of this name.</summary>
    /// <exception cref="UserErrorException">The folder cannot be written.</exception>
    public bool TryClaim() => TryWrite(overwrite: false);

    /// <exception cref="UserErrorException">The folder cannot be written.</exception>
    public void Write() => TryWrite(overwrite: true);

    bool TryWrite(bool overwrite)
    {
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{Path}.{ProcessId}");
        try
        {
            Directory.CreateDirectory(Folder);
            System.IO.File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(this, LabRecordJson.Default.LabRecord));
            System.IO.File.Move(temporary, Path, overwrite);
            Directory.CreateDirectory(OutputFolder);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            bool isTaken = !overwrite && System.IO.File.Exists(Path);
            System.IO.File.Delete(temporary);
            return isTaken ? false : throw new UserErrorException($"The lab cannot be recorded in {Folder}: {Configuration.FileText.Reason(exception)}.");
        }
    }

    /// <summary>The lab is gone.</summary>
    public void Delete()
    {
        foreach (string socket in Sockets)
            System.IO.File.Delete(socket);
        System.IO.File.Delete(Path);
        if (Directory.Exists(OutputFolder))
            Directory.Delete(OutputFolder, recursive: true);
    }

    static LabRecord? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(path), LabRecordJson.Default.LabRecord);
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            return null;
        }
    }

    static string PathOf(string lab) => System.IO.Path.Combine(Folder, Clean(lab) + Extension);

    static string Clean(string name) => name.Replace('/', '_').Replace('\0', '_');

    static ulong? StartOf(int process)
    {
        try
        {
            string stat = System.IO.File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            // The second field is the program's name in parentheses, with anything in it; the third follows the last of them.
            string[] rest = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return rest[0] == "Z" ? null : ulong.Parse(rest[StartField - 3], CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(LabRecord))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
sealed partial class LabRecordJson : JsonSerializerContext;
