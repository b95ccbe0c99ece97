namespace Ipsec.Interop.Tests.Harness;

/// <summary>strongSwan's charon as the peer of a scenario, with user-space ESP (kernel-libipsec) or the kernel of <see cref="AcceptingKernel"/>.</summary>
sealed class StrongSwanPeer : IAsyncDisposable
{
    readonly CharonDaemon _daemon;

    StrongSwanPeer(CharonDaemon daemon) => _daemon = daemon;

    /// <summary>What charon has used of the processors so far.</summary>
    internal TimeSpan ProcessorTime => _daemon.ProcessorTime;

    /// <summary>Starts the daemon and loads the configuration.</summary>
    /// <param name="inside">Where it runs.</param>
    /// <param name="folder">Scratch folder of the network.</param>
    /// <param name="configurationFile">swanctl.conf; a charon.conf beside it is put into the daemon's own settings.</param>
    /// <param name="newerRoot">The folder of <see cref="NewerPeer"/> to take the daemon from; null for the machine's own.</param>
    /// <param name="kernel">What <see cref="AcceptingKernel"/> made, instead of user-space ESP.</param>
    internal static async Task<StrongSwanPeer> StartAsync(NetworkNamespace inside, string folder, string configurationFile, string? newerRoot = null,
        string? kernel = null)
    {
        CharonDaemon daemon = CreateDaemon(inside.Name, Path.Combine(folder, inside.Name), newerRoot, kernel);
        Directory.CreateDirectory(daemon.Folder);
        File.Copy(configurationFile, daemon.ConfigurationFile);
        string source = Path.GetDirectoryName(configurationFile)!;
        TestCertificates.CopyForSwanctl(source, daemon.Folder);
        CharonSettings settings = new();
        string more = Path.Combine(source, "charon.conf");
        await daemon.ConfigureAsync(settings with
        {
            KernelPlugins = kernel is null ? settings.KernelPlugins : "kernel-netlink",
            More = File.Exists(more) ? await File.ReadAllTextAsync(more) : "",
        });
        await daemon.StartAsync();
        return new StrongSwanPeer(daemon);
    }

    /// <summary>Ends the daemon without a word to its peers.</summary>
    internal Task KillAsync() => _daemon.KillAsync();

    /// <summary>Starts it once more with the same configuration.</summary>
    internal Task StartDaemonAsync() => _daemon.StartAsync();

    /// <summary>Changes swanctl.conf and loads it.</summary>
    internal async Task ReloadAsync(Func<string, string> change)
    {
        await File.WriteAllTextAsync(_daemon.ConfigurationFile, change(await File.ReadAllTextAsync(_daemon.ConfigurationFile)));
        await _daemon.LoadAsync();
    }

    /// <summary>Brings up a child SA; whether it came up is in the exit code.</summary>
    internal Task<ToolResult> InitiateAsync(string child) => _daemon.RunAsync("--initiate", "--child", child,
        "--timeout", ((int)Wait.Patience.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture));

    internal Task RekeyIkeAsync(string connection) => _daemon.CheckedAsync("--rekey", "--ike", connection);

    internal Task RekeyChildAsync(string child) => _daemon.CheckedAsync("--rekey", "--child", child);

    internal Task TerminateChildAsync(string child) => _daemon.CheckedAsync("--terminate", "--child", child, "--timeout", "10");

    internal Task TerminateAsync(string connection) => _daemon.CheckedAsync("--terminate", "--ike", connection, "--timeout", "10");

    /// <summary>Tells the client of an IKE SA to go to another gateway (RFC 5685).</summary>
    internal Task RedirectAsync(string connection, string gateway) => _daemon.CheckedAsync("--redirect", "--ike", connection, "--gateway", gateway);

    internal Task<IReadOnlyList<StrongSwanIkeSa>> ListSasAsync() => _daemon.ListSasAsync();

    internal string ReadLog() => _daemon.ReadLog();

    public ValueTask DisposeAsync() => _daemon.DisposeAsync();

    static CharonDaemon CreateDaemon(string inside, string folder, string? newerRoot, string? kernel)
    {
        Dictionary<string, string> environment = kernel is null ? [] : new() { ["LD_PRELOAD"] = kernel };
        return new CharonDaemon(inside, folder)
        {
            Environment = environment,
            Patience = Wait.Patience,
            Command = newerRoot is null ? null : NewerPeer.Command(newerRoot, folder, NewerPeer.Charon, []),
        };
    }
}
