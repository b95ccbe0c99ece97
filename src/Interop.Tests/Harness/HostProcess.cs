using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>Our own host as users run it: <c>ipsec-endpoint run FILE --node NAME</c> in a namespace, told and asked over its control socket.</summary>
sealed class HostProcess : IAsyncDisposable
{
    // Many short lives instead of one long: compiling everything well at once, as the host does for its users, is two thirds of what a scenario costs.
    static readonly Dictionary<string, string> QuickStart = new() { ["DOTNET_TC_QuickJit"] = "1", ["DOTNET_TieredPGO"] = "0" };

    readonly NetworkNamespace _namespace;
    readonly string _file;
    readonly string _node;
    readonly string[] _arguments;
    readonly string _folder;
    readonly string? _newerRoot;
    readonly string _socket;
    readonly string _keyFolder;
    readonly HttpClient _client;
    BackgroundProcess? _process;

    HostProcess(NetworkNamespace inside, string folder, string file, string node, string[] arguments, string? newerRoot)
    {
        _folder = folder;
        _newerRoot = newerRoot;
        _namespace = inside;
        _file = file;
        _node = node;
        _arguments = arguments;
        _socket = Path.Combine(folder, node + ".sock");
        _keyFolder = Path.Combine(folder, node + ".keys");
        SocketsHttpHandler handler = new() { ConnectCallback = async (_, cancellation) => await ConnectAsync(cancellation) };
        _client = new HttpClient(handler) { BaseAddress = new Uri("http://localhost/v1/"), Timeout = 2 * Wait.Patience };
    }

    static string Executable => Path.Combine(AppContext.BaseDirectory, "ipsec-endpoint");

    /// <summary>What <c>device-config</c> writes for the only site of a file.</summary>
    internal static Task<string> WriteSwanctlAsync(string file) => Tool.RunCheckedAsync(Executable, "device-config", file, "--format", "swanctl");

    /// <summary>Where its key log is: a configuration folder for Wireshark.</summary>
    internal string KeyFolder => _keyFolder;

    internal TimeSpan ProcessorTime => _process!.ProcessorTime;

    internal string Output => _process?.Output ?? "";

    /// <summary>Starts the node and waits until it says that it is ready.</summary>
    /// <param name="arguments">More options of <c>run</c>.</param>
    internal static async Task<HostProcess> StartAsync(NetworkNamespace inside, string folder, string file, string node, params string[] arguments)
    {
        HostProcess host = new(inside, folder, file, node, arguments, newerRoot: null);
        await host.StartAgainAsync();
        return host;
    }

    /// <summary>The same, as the self-contained build in the folder of <see cref="NewerPeer"/>.</summary>
    internal static async Task<HostProcess> StartInAsync(string newerRoot, NetworkNamespace inside, string folder, string file, string node)
    {
        if (!file.StartsWith(folder, StringComparison.Ordinal))
        {
            string copy = Path.Combine(folder, Path.GetFileName(file));
            File.Copy(file, copy);
            file = copy;
        }
        HostProcess host = new(inside, folder, file, node, [], newerRoot);
        await host.StartAgainAsync();
        return host;
    }

    /// <summary>Starts it once more, after <see cref="KillAsync"/> or <see cref="StopAsync"/>.</summary>
    internal async Task StartAgainAsync()
    {
        (string program, IEnumerable<string> arguments) = (Executable,
            ["run", _file, "--node", _node, "--control", _socket, "--key-log", _keyFolder, .. _arguments]);
        if (_newerRoot is not null)
            (program, arguments) = NewerPeer.Command(_newerRoot, _folder, NewerPeer.Host, arguments);
        _process = _namespace.Start(program, arguments, QuickStart);
        bool ready = await Wait.ForAsync(async () => _process.HasExited || await TryGetStatusAsync() is { Ready: true });
        if (!ready || _process.HasExited)
            throw new InvalidOperationException($"the host did not become ready\n{_process.Output}");
    }

    /// <summary>Ends it without a word to its peers.</summary>
    internal Task KillAsync() => _process!.KillAsync();

    /// <summary>Asks it to end; true where it did with exit code 0.</summary>
    internal async Task<bool> StopAsync() => await _process!.StopAsync() && _process.ExitCode == 0;

    internal async Task<HostStatus> GetStatusAsync() =>
        await _client.GetFromJsonAsync<HostStatus>("status", TestContext.Current.CancellationToken) ?? throw new InvalidOperationException("an empty status");

    /// <summary>The only tunnel of the node.</summary>
    internal async Task<HostTunnel> GetTunnelAsync() => Assert.Single((await GetStatusAsync()).Tunnels);

    internal Task<HostAnswer> InitiateAsync(string connection = "peer") => CommandAsync("initiate", what: null, connection);

    /// <param name="what">"ike" or "child".</param>
    internal Task<HostAnswer> RekeyAsync(string what) => CommandAsync("rekey", what);

    internal Task<HostAnswer> TerminateAsync() => CommandAsync("terminate", what: null);

    /// <summary>Changes the topology file, which must be this run's own copy, and has the host take it over.</summary>
    internal async Task ReloadAsync(Func<string, string> change)
    {
        await File.WriteAllTextAsync(_file, change(await File.ReadAllTextAsync(_file)));
        ToolResult result = await RunVerbAsync("reload");
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    /// <summary>Runs a verb of the command line against this host.</summary>
    internal Task<ToolResult> RunVerbAsync(params string[] arguments) => Tool.RunAsync(Executable, [.. arguments, "--control", _socket]);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
    }

    async Task<HostAnswer> CommandAsync(string command, string? what, string connection = "peer")
    {
        object request = new { connection, what, waitSeconds = Wait.Patience.TotalSeconds };
        using HttpResponseMessage response = await _client.PostAsJsonAsync(command, request, TestContext.Current.CancellationToken);
        return await response.Content.ReadFromJsonAsync<HostAnswer>(TestContext.Current.CancellationToken)
            ?? throw new InvalidOperationException("an empty answer");
    }

    async Task<HostStatus?> TryGetStatusAsync()
    {
        try
        {
            return await GetStatusAsync();
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException)
        {
            return null;
        }
    }

    async Task<Stream> ConnectAsync(CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
