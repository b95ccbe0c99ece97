using System.Net.Sockets;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>
/// strongSwan's charon with user-space ESP (kernel-libipsec) in one namespace. It gets a /run of its own, since it insists on
/// /run/charon.pid, and its own configuration, log and vici socket.
/// </summary>
sealed class StrongSwanPeer : IAsyncDisposable
{
    internal const string Charon = "/usr/lib/ipsec/charon";

    readonly NetworkNamespace _namespace;
    readonly string _folder;
    readonly string? _newerRoot;
    readonly string? _kernel;
    BackgroundProcess? _process;

    StrongSwanPeer(NetworkNamespace inside, string folder, string? newerRoot, string? kernel)
    {
        _namespace = inside;
        _folder = folder;
        _newerRoot = newerRoot;
        _kernel = kernel;
    }

    /// <summary>What charon has used of the processors so far.</summary>
    internal TimeSpan ProcessorTime => _process!.ProcessorTime;

    string SocketFile => Path.Combine(_folder, "vici");

    string Uri => "unix://" + SocketFile;

    string LogFile => Path.Combine(_folder, "charon.log");

    Dictionary<string, string> Environment => new() { ["STRONGSWAN_CONF"] = Path.Combine(_folder, "strongswan.conf"), ["SWANCTL_DIR"] = _folder };

    // User-space ESP stands before netlink: the first plugin that can do ESP wins, and netlink then supplies addresses and routes.
    string KernelPlugins => _kernel is null ? "kernel-libipsec kernel-netlink" : "kernel-netlink";

    /// <summary>Starts the daemon and loads the configuration.</summary>
    /// <param name="inside">Where it runs.</param>
    /// <param name="folder">Scratch folder of the network.</param>
    /// <param name="configurationFile">swanctl.conf; a charon.conf beside it is put into the daemon's own settings.</param>
    /// <param name="newerRoot">The folder of <see cref="NewerPeer"/> to take the daemon from; null for the machine's own.</param>
    /// <param name="kernel">What <see cref="AcceptingKernel"/> made, instead of user-space ESP.</param>
    internal static async Task<StrongSwanPeer> StartAsync(NetworkNamespace inside, string folder, string configurationFile, string? newerRoot = null, string? kernel = null)
    {
        StrongSwanPeer peer = new(inside, Path.Combine(folder, inside.Name), newerRoot, kernel);
        Directory.CreateDirectory(peer._folder);
        File.Copy(configurationFile, Path.Combine(peer._folder, "swanctl.conf"));
        TestCertificates.CopyForSwanctl(Path.GetDirectoryName(configurationFile)!, peer._folder);
        string settings = Path.Combine(Path.GetDirectoryName(configurationFile)!, "charon.conf");
        await File.WriteAllTextAsync(Path.Combine(peer._folder, "strongswan.conf"),
            peer.DaemonConfiguration(File.Exists(settings) ? await File.ReadAllTextAsync(settings) : ""));
        await peer.StartDaemonAsync();
        return peer;
    }

    /// <summary>Ends the daemon without a word to its peers.</summary>
    internal async Task KillAsync()
    {
        await _process!.KillAsync();
        File.Delete(SocketFile);
    }

    /// <summary>Starts it once more with the same configuration.</summary>
    internal async Task StartDaemonAsync()
    {
        (string program, IEnumerable<string> arguments) = _newerRoot is null
            ? ("unshare", ["-m", "--propagation", "private", "sh", "-c", "mount -t tmpfs tmpfs /run && exec \"$0\" --use-syslog", Charon])
            : NewerPeer.Command(_newerRoot, _folder, NewerPeer.Charon, []);
        Dictionary<string, string> environment = Environment;
        if (_kernel is not null)
            environment["LD_PRELOAD"] = _kernel;
        _process = _namespace.Start(program, arguments, environment);
        if (!await Wait.ForAsync(() => Answers() || _process.HasExited) || _process.HasExited)
            throw new InvalidOperationException($"charon did not start\n{_process.Output}{ReadLog()}");
        await CheckedAsync("--load-all");
    }

    /// <summary>Changes swanctl.conf and loads it.</summary>
    internal async Task ReloadAsync(Func<string, string> change)
    {
        string file = Path.Combine(_folder, "swanctl.conf");
        await File.WriteAllTextAsync(file, change(await File.ReadAllTextAsync(file)));
        await CheckedAsync("--load-all");
    }

    /// <summary>Brings up a child SA; whether it came up is in the exit code.</summary>
    internal Task<ToolResult> InitiateAsync(string child) =>
        RunAsync("--initiate", "--child", child, "--timeout", ((int)Wait.Patience.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture));

    internal Task RekeyIkeAsync(string connection) => CheckedAsync("--rekey", "--ike", connection);

    internal Task RekeyChildAsync(string child) => CheckedAsync("--rekey", "--child", child);

    internal Task TerminateChildAsync(string child) => CheckedAsync("--terminate", "--child", child, "--timeout", "10");

    internal Task TerminateAsync(string connection) => CheckedAsync("--terminate", "--ike", connection, "--timeout", "10");

    /// <summary>Tells the client of an IKE SA to go to another gateway (RFC 5685).</summary>
    internal Task RedirectAsync(string connection, string gateway) => CheckedAsync("--redirect", "--ike", connection, "--gateway", gateway);

    internal async Task<IReadOnlyList<StrongSwanIkeSa>> ListSasAsync() => StrongSwanIkeSa.Read((await CheckedAsync("--list-sas", "--raw")).Output);

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

    async Task<ToolResult> CheckedAsync(string verb, params string[] arguments)
    {
        ToolResult result = await RunAsync(verb, arguments);
        return result.ExitCode == 0 ? result : throw new InvalidOperationException(result.ToString());
    }

    Task<ToolResult> RunAsync(string verb, params string[] arguments) =>
        Tool.RunAsync("swanctl", [verb, .. arguments, "--uri", Uri], environment: Environment);

    string DaemonConfiguration(string settings) =>
        $$"""
        charon {
          load = random nonce drbg openssl aes sha1 sha2 md5 hmac kdf mgf1 ctr gcm ccm chapoly cmac xcbc curve25519 pem pkcs1 pkcs8 x509 pubkey revocation constraints counters socket-default vici updown {{KernelPlugins}}
          filelog {
            log {
              path = {{LogFile}}
              default = 1
              time_format = %H:%M:%S
              flush_line = yes
            }
          }
          syslog {
            daemon {
              default = -1
            }
            auth {
              default = -1
            }
          }
          retransmit_timeout = 1
          retransmit_base = 1.4
          retransmit_tries = 6
          plugins {
            vici {
              socket = {{Uri}}
            }
            openssl {
              load_legacy = yes
            }
          }
        {{settings}}
        }
        swanctl {
          load = random nonce openssl aes sha1 sha2 hmac pem pkcs1 pkcs8 x509 pubkey
        }
        """;
}
