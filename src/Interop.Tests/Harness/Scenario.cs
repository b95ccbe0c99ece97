namespace Ipsec.Interop.Tests.Harness;

/// <summary>
/// One folder of <c>Scenarios</c> brought to life: our host with <c>ours.yaml</c> on one side of the router, strongSwan with
/// <c>theirs.conf</c> on the other, and a capture of what passes between them. A folder without <c>theirs.conf</c> has the device in
/// <c>ours.yaml</c> too, and strongSwan gets what <c>device-config</c> writes for it.
/// </summary>
sealed class Scenario : IAsyncDisposable
{
    Scenario(string name, LabNetwork network, bool exchanged)
    {
        Name = name;
        Network = network;
        OurNamespace = exchanged ? network.Theirs : network.Ours;
        TheirNamespace = exchanged ? network.Ours : network.Theirs;
        OurInner = exchanged ? LabNetwork.TheirInner : LabNetwork.OurInner;
        TheirInner = exchanged ? LabNetwork.OurInner : LabNetwork.TheirInner;
    }

    internal string Name { get; }

    internal LabNetwork Network { get; }

    internal NetworkNamespace OurNamespace { get; }

    internal NetworkNamespace TheirNamespace { get; }

    internal string OurInner { get; }

    internal string TheirInner { get; }

    internal WireCapture Wire { get; private set; } = null!;

    /// <summary>Every packet whole, where this run is recorded.</summary>
    internal WireCapture? Whole { get; private set; }

    internal StrongSwanPeer Theirs { get; private set; } = null!;

    internal HostProcess Ours { get; private set; } = null!;

    /// <summary>
    /// Runs a scenario. Where it fails, what both sides logged stands with the test's output, and the capture is kept in the folder that
    /// the environment variable IPSEC_INTEROP_KEEP names.
    /// </summary>
    /// <param name="name">Its folder.</param>
    /// <param name="test">What is to happen once both sides are ready.</param>
    /// <param name="behindNat">Whether the router masquerades the left side.</param>
    /// <param name="exchanged">Whether strongSwan takes the left side.</param>
    /// <param name="node">Our node in the topology file.</param>
    /// <param name="lossPercent">What the router drops, from the start.</param>
    /// <param name="newerRoot">The folder of <see cref="NewerPeer"/> in which both sides run; null for the machine's own strongSwan.</param>
    /// <param name="arguments">More options of <c>run</c>.</param>
    /// <param name="prepare">Done with the network before either side starts.</param>
    /// <param name="controlPlane">Only the negotiation: strongSwan with <see cref="AcceptingKernel"/>, our host without a TUN.</param>
    internal static async Task RunAsync(string name, Func<Scenario, Task> test, bool behindNat = false, bool exchanged = false, string node = "ours",
        int lossPercent = 0, string? newerRoot = null, bool controlPlane = false, string[]? arguments = null, Func<Scenario, Task>? prepare = null)
    {
        Requirements.SkipUnlessMet();
        await using Scenario scenario = new(name, await LabNetwork.CreateAsync(behindNat), exchanged);
        try
        {
            if (lossPercent > 0)
                await scenario.Network.DropAsync(lossPercent);
            await (prepare?.Invoke(scenario) ?? Task.CompletedTask);
            await scenario.StartAsync(node, newerRoot, controlPlane, arguments ?? []);
            await test(scenario);
            await Recording.SaveAsync(scenario);
        }
        catch
        {
            scenario.LeaveEvidence();
            throw;
        }
    }

    internal async Task InitiateFromOursAsync()
    {
        HostAnswer answer = await Ours.InitiateAsync();
        Assert.True(answer.Ok, answer.Message);
    }

    internal async Task InitiateFromTheirsAsync()
    {
        ToolResult result = await Theirs.InitiateAsync("net");
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    /// <summary>Ping both ways, then a transfer both ways compared by hash.</summary>
    internal Task AssertTrafficAsync(int octets = 20_000_000) =>
        Traffic.AssertBothWaysAsync(OurNamespace, OurInner, TheirNamespace, TheirInner, Recording.Limit(octets));

    /// <summary>
    /// Waits until both sides list the same SAs, one IKE SA with one child SA and nothing else, and returns both views. Right after a
    /// rekey there are more for a moment.
    /// </summary>
    internal Task<SettledSas> AssertSasAgreeAsync() => AssertSettledAsync(_ => true);

    /// <summary>The same, and the child SA must be another one than before.</summary>
    internal Task<SettledSas> AssertRenewedAsync(SettledSas before) => AssertSettledAsync(after => after.OurChild.SpiIn != before.OurChild.SpiIn);

    async Task<SettledSas> AssertSettledAsync(Func<SettledSas, bool> isExpected)
    {
        SettledSas? settled = null;
        string seen = "";
        await Wait.ForAsync(async () =>
        {
            HostTunnel ours = await Ours.GetTunnelAsync();
            if (!ours.IsEstablished || ours.ChildSas.Count != 1)
            {
                seen = $"ours: {ours} {string.Join(", ", ours.ChildSas)}";
                return false;
            }
            IReadOnlyList<StrongSwanIkeSa> theirs = await Theirs.ListSasAsync();
            seen = $"ours: {ours} {string.Join(", ", ours.ChildSas)}\ntheirs: {string.Join("; ", theirs)} " +
                $"{string.Join(", ", theirs.SelectMany(sa => sa.Children))}";
            settled = SettledSas.TryMatch(ours, theirs) is { } both && isExpected(both) ? both : null;
            return settled is not null;
        });
        Assert.True(settled is not null, $"the SAs do not agree\n{seen}");
        return settled;
    }

    /// <summary>Waits until neither side has an SA.</summary>
    internal async Task AssertNoSasAsync() => Assert.True(
        await Wait.ForAsync(async () =>
            await Ours.GetTunnelAsync() is { IkeSa: null, ChildSas.Count: 0 } && (await Theirs.ListSasAsync()).Count == 0),
        "an SA is left");

    public async ValueTask DisposeAsync()
    {
        if (Ours is not null)
            await Ours.DisposeAsync();
        if (Theirs is not null)
            await Theirs.DisposeAsync();
        if (Wire is not null)
            await Wire.DisposeAsync();
        if (Whole is not null)
            await Whole.DisposeAsync();
        await Network.DisposeAsync();
    }

    void LeaveEvidence()
    {
        string logs = $"--- ipsec-endpoint\n{Ours?.Output}--- charon\n{Theirs?.ReadLog()}";
        TestContext.Current.TestOutputHelper?.WriteLine(logs);
        if (Environment.GetEnvironmentVariable("IPSEC_INTEROP_KEEP") is not { Length: > 0 } folder || Wire is null)
            return;
        Directory.CreateDirectory(folder);
        File.Copy(Wire.PcapFile, Path.Combine(folder, Name + ".pcap"), overwrite: true);
        File.WriteAllText(Path.Combine(folder, Name + ".log"), logs);
    }

    async Task<string> TheirConfigurationAsync(string folder)
    {
        string written = Path.Combine(folder, "theirs.conf");
        if (File.Exists(written))
            return written;
        string generated = Path.Combine(Network.Folder, "theirs.conf");
        await File.WriteAllTextAsync(generated, await HostProcess.WriteSwanctlAsync(Path.Combine(folder, "ours.yaml")));
        string settings = Path.Combine(folder, "charon.conf");
        if (File.Exists(settings))
            File.Copy(settings, Path.Combine(Network.Folder, "charon.conf"));
        return generated;
    }

    async Task StartAsync(string node, string? newerRoot, bool controlPlane, string[] arguments)
    {
        string folder = await TestCertificates.PrepareAsync(Path.Combine(AppContext.BaseDirectory, "Scenarios", Name), Network.Folder);
        Wire = await WireCapture.StartAsync(Network);
        if (Recording.IsOn)
            Whole = await WireCapture.StartWholeAsync(Network);
        Theirs = await StrongSwanPeer.StartAsync(TheirNamespace, Network.Folder, await TheirConfigurationAsync(folder), newerRoot,
            controlPlane ? await AcceptingKernel.BuildAsync(Network.Folder) : null);
        string file = Path.Combine(folder, "ours.yaml");
        if (File.Exists(Path.Combine(folder, "suites.txt")))
        {
            // The file will be changed: this run has a copy of its own.
            File.Copy(file, Path.Combine(Network.Folder, "ours.yaml"));
            file = Path.Combine(Network.Folder, "ours.yaml");
        }
        Ours = newerRoot is null ? await HostProcess.StartAsync(OurNamespace, Network.Folder, file, node, controlPlane ? ["--inner", "virtual"] : arguments)
            : await HostProcess.StartInAsync(newerRoot, OurNamespace, Network.Folder, file, node);
    }
}
