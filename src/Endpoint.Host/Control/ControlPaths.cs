using System.Net.Sockets;
using System.Text;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.Lab.Topology;

namespace Ipsec.EndpointHost.Control;

/// <summary>Where control sockets are: <c>ipsec-endpoint/TOPOLOGY.NODE.sock</c> below the user's runtime folder or /run (D11).</summary>
static class ControlPaths
{
    const string FolderName = "ipsec-endpoint";
    const string Extension = ".sock";
    const string LabExtension = ".lab.sock";

    /// <summary>sun_path has 108 octets, the last one zero (unix(7)).</summary>
    const int MaximumPathOctets = 107;

    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static string DefaultFolder =>
        Path.Combine(Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime ? runtime : "/run", FolderName);

    /// <param name="instance">Appears in the name only above 0.</param>
    public static string Default(string topology, string node, int instance) =>
        Path.Combine(DefaultFolder, $"{Clean(topology)}.{Clean(node)}{(instance > 0 ? $".{instance}" : "")}{Extension}");

    /// <summary>The socket of a lab that runs in one process.</summary>
    public static string OfLab(string topology) => Path.Combine(DefaultFolder, $"{Clean(topology)}{LabExtension}");

    /// <summary>Makes room for a socket: its folder exists and is ours alone, a stale socket is gone.</summary>
    /// <exception cref="UserErrorException">Somebody answers on that socket, or the folder cannot be made.</exception>
    public static void Prepare(string path)
    {
        if (Encoding.UTF8.GetByteCount(path) > MaximumPathOctets)
            throw new UserErrorException($"The control socket's path {path} is longer than {MaximumPathOctets} octets; name a shorter one with --control.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            if (!Directory.Exists(folder))
                Directory.CreateDirectory(folder, OwnerOnly);
            else if (folder == DefaultFolder)
                File.SetUnixFileMode(folder, OwnerOnly);
            if (!File.Exists(path))
                return;
            if (IsAnswered(path))
                throw new UserErrorException($"Another ipsec-endpoint answers on {path}; stop it or name another path with --control.");
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The control socket {path} cannot be made: {FileText.Reason(exception)}; name another path with --control.");
        }
    }

    /// <summary>The socket that the options mean: the named one, the default one of a file's node, or the only one there is.</summary>
    /// <exception cref="UserErrorException">None fits, or more than one does.</exception>
    public static string Find(string? control, string? file, string? node, int? instance)
    {
        if (control is not null)
            return control;
        if (file is not null)
        {
            TopologyModel topology = NodeFile.LoadTopology(file);
            NodeDefinition definition = NodeFile.Choose(topology, file, node, instance);
            string[] possible = [Default(topology.Name, definition.Name, definition.Instance), Default(topology.Name, definition.Name, 0), OfLab(topology.Name)];
            return FirstAnswered(possible);
        }
        string[] sockets = Directory.Exists(DefaultFolder) ? Directory.GetFiles(DefaultFolder, $"*{Extension}") : [];
        // One process may run both instances of a gateway, or a whole lab.
        string[] endings = node is null ? [Extension]
            : instance > 0 ? [$".{Clean(node)}.{instance}{Extension}", $".{Clean(node)}{Extension}", LabExtension]
            : [$".{Clean(node)}{Extension}", LabExtension];
        sockets = endings.Select(ending => sockets.Where(path => path.EndsWith(ending, StringComparison.Ordinal)).ToArray())
            .FirstOrDefault(found => found.Length > 0) ?? [];
        if (sockets.Length > 1)
            sockets = [.. sockets.Where(IsAnswered)];
        string named = node is null ? "" : $" of node {node}";
        return sockets.Length switch
        {
            1 => sockets[0],
            0 => throw new UserErrorException($"No running host{named} has a control socket in {DefaultFolder}; name one with --control or start it with run."),
            _ => throw new UserErrorException($"Several hosts{named} are running; name one with --node, or its socket with --control: {string.Join(", ", sockets.Order())}."),
        };
    }

    /// <summary>The first one where nobody answers: that is the one to name in the sentence about it.</summary>
    static string FirstAnswered(string[] paths) => paths.Distinct().FirstOrDefault(path => File.Exists(path) && IsAnswered(path)) ?? paths[0];

    static bool IsAnswered(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A name from a file must not lead out of the folder.</summary>
    static string Clean(string name) => name.Replace('/', '_').Replace('\0', '_');
}
