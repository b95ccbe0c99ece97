using System.Net.Sockets;
using Ipsec.EndpointHost.Processes;

namespace Ipsec.EndpointHost.Charon;

/// <summary>
/// strongSwan's charon in a network namespace, with its own configuration, log and vici socket in one folder. It gets a /run of its own, since it insists on
/// /run/charon.pid. Not thread-safe.
/// </summary>
sealed class CharonDaemon : IAsyncDisposable
{
    internal const string Program = "/usr/lib/ipsec/charon";

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // Its own /run, with the folder of its files below it where that is the machine's: mount finds "." by the working directory, which is still the machine's.
    const string Enter = """
        cd "$1" && mount -t tmpfs tmpfs /run && mkdir -p "$1" && mount -c --bind . "$1" && exec "$0" --use-syslog
        """;

    readonly string _namespace;
    readonly Dictionary<string, string> _environment;
    BackgroundProcess? _process;

    /// <param name="inside">The network namespace.</param>
    /// <param name="folder">
    /// Its settings, <c>swanctl.conf</c> and the folders that swanctl knows; with a short path: a Unix socket's name has 107 characters at most.
    /// </param>
    /// <param name="logFile">Where its log goes, in the folder or beside it; null: into the folder.</param>
    internal CharonDaemon(string inside, string folder, string? logFile = null)
    {
        (_namespace, Folder, LogFile) = (inside, folder, logFile ?? Path.Combine(folder, "charon.log"));
        _environment = new() { ["STRONGSWAN_CONF"] = Path.Combine(folder, "strongswan.conf"), ["SWANCTL_DIR"] = folder };
    }

    /// <summary>The program and its arguments, where it is not the machine's own charon.</summary>
    internal (string Program, IEnumerable<string> Arguments)? Command { get; init; }

    /// <summary>What else its environment has.</summary>
    internal IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How long it may take until it answers.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    internal string Folder { get; }

    internal string ConfigurationFile => Path.Combine(Folder, "swanctl.conf");

    internal string LogFile { get; }

    /// <summary>What charon has used of the processors so far.</summary>
    internal TimeSpan ProcessorTime => _process!.ProcessorTime;

    internal bool IsRunning => _process is { HasExited: false };

    internal int ProcessId => _process!.Id;

    string SocketFile => Path.Combine(Folder, "vici");

    string Uri => "unix://" + SocketFile;

    /// <summary>Writes the daemon's settings beside the <c>swanctl.conf</c> that is there.</summary>
    internal Task ConfigureAsync(CharonSettings settings) => File.WriteAllTextAsync(Path.Combine(Folder, "strongswan.conf"), settings.Write(LogFile, Uri));

    /// <summary>Starts it, also once more after its end, and loads the configuration.</summary>
    /// <exception cref="InvalidOperationException">It did not start, or refuses the configuration; the message has what it said.</exception>
    internal async Task StartAsync()
    {
        File.Delete(SocketFile);
        (string program, IEnumerable<string> arguments) = Command
            ?? ("unshare", ["-m", "--propagation", "private", "sh", "-c", Enter, Program, Path.GetDirectoryName(Folder)!]);
        _process = BackgroundProcess.Start("ip", ["netns", "exec", _namespace, program, .. arguments],
            _environment.Concat(Environment).ToDictionary(pair => pair.Key, pair => pair.Value));
        for (TimeSpan waited = TimeSpan.Zero; !Answers(); waited += Pause)
        {
            if (_process.HasExited || waited > Patience)
                throw new InvalidOperationException($"charon did not start\n{_process.Output}{ReadLog()}");
            await Task.Delay(Pause);
        }
        await LoadAsync();
    }

    /// <summary>Loads the configuration, also a changed one.</summary>
    /// <exception cref="InvalidOperationException">It is refused.</exception>
    internal Task LoadAsync() => CheckedAsync("--load-all");

    /// <summary>Asks it to end; it says goodbye to its peers.</summary>
    internal Task StopAsync() => _process?.StopAsync() ?? Task.CompletedTask;

    /// <summary>Ends it without a word to its peers.</summary>
    internal Task KillAsync() => _process?.KillAsync() ?? Task.CompletedTask;

    internal async Task<IReadOnlyList<StrongSwanIkeSa>> ListSasAsync() => StrongSwanIkeSa.Read((await CheckedAsync("--list-sas", "--raw")).Output);

    /// <summary>Runs a verb of swanctl, whatever its exit code is.</summary>
    internal Task<ToolResult> RunAsync(string verb, params string[] arguments) =>
        Tool.RunAsync("swanctl", [verb, .. arguments, "--uri", Uri], environment: _environment);

    /// <exception cref="InvalidOperationException">It failed; the message has what it said.</exception>
    internal async Task<ToolResult> CheckedAsync(string verb, params string[] arguments)
    {
        ToolResult result = await RunAsync(verb, arguments);
        return result.ExitCode == 0 ? result : throw new InvalidOperationException(result.ToString());
    }

    internal string ReadLog()
    {
        if (!File.Exists(LogFile))
            return "";
        using StreamReader reader = new(new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }

    /// <summary>Its socket is there a moment before it listens.</summary>
    bool Answers()
    {
        if (!File.Exists(SocketFile))
            return false;
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(SocketFile));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
