using System.Collections.Immutable;
using System.Diagnostics;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Processes;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.StrongSwan;
using Ipsec.Lab.Swanctl;

namespace Ipsec.EndpointHost.Charon;

/// <summary>
/// charon in one namespace with what a plan says. It dials as our nodes do: whenever a connection that is to be up is down. Starting and ending it may meet one
/// <see cref="PollAsync"/>, and nothing else.
/// </summary>
sealed class CharonInstance(string label, StrongSwanPlan plan, CharonDaemon daemon, CharonRouting routing) : IAsyncDisposable
{
    internal static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(300);

    readonly CharonLog _log = new(daemon.LogFile, plan.Tunnels);
    readonly Stopwatch _clock = Stopwatch.StartNew();
    readonly Dictionary<string, TimeSpan> _dialAt = [];
    ImmutableDictionary<string, ImmutableArray<Reason>> _reasons = ImmutableDictionary<string, ImmutableArray<Reason>>.Empty;
    bool _isPrepared;

    /// <summary>Writes the configuration, the first time, and starts charon.</summary>
    /// <param name="mtu">Of the inner packets, in octets.</param>
    /// <exception cref="UserErrorException">It does not start; in charon's own last words.</exception>
    internal async Task StartAsync(int mtu)
    {
        try
        {
            if (!_isPrepared)
            {
                await WriteFilesAsync();
                await routing.PrepareAsync();
                _isPrepared = true;
            }
            await daemon.StartAsync();
            await routing.RouteAsync(mtu);
            foreach (StrongSwanTunnel tunnel in plan.Tunnels)
                _dialAt[tunnel.Connection] = _clock.Elapsed + tunnel.Configuration.StartDelay;
        }
        catch (InvalidOperationException exception)
        {
            string[] words = (daemon.ReadLog() + exception.Message).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            throw new UserErrorException($"strongSwan, which is to play {label}, does not start: {words[^1]}");
        }
    }

    /// <summary>Ends it without a word to its peers.</summary>
    internal Task KillAsync() => daemon.KillAsync();

    /// <summary>Asks it to end; it says goodbye to its peers.</summary>
    internal Task StopAsync() => daemon.StopAsync();

    /// <summary>What it lists, null where it does not answer, and what its log has told since the last time. Dials what has been down for long enough.</summary>
    internal async Task<(EndpointStatus? Status, ImmutableArray<IkeEvent> Events)> PollAsync(string node)
    {
        ImmutableArray<IkeEvent> events = [.. _log.ReadNew()];
        foreach (NegotiationRefused refused in events.OfType<NegotiationRefused>())
            _reasons = _reasons.SetItem(refused.Connection!, refused.Reasons);
        ToolResult listing = await daemon.RunAsync("--list-sas", "--raw");
        if (listing.ExitCode != 0)
            return (null, events);
        EndpointStatus status = CharonStatus.Read(node, plan, listing.Output, _reasons);
        _reasons = _reasons.RemoveRange(status.Tunnels.Where(tunnel => tunnel.State == TunnelState.Established).Select(tunnel => tunnel.Connection));
        await DialAsync(status);
        return (status, events);
    }

    public ValueTask DisposeAsync() => daemon.DisposeAsync();

    async Task WriteFilesAsync()
    {
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(daemon.Folder, OwnerOnly);
        await File.WriteAllTextAsync(daemon.ConfigurationFile, plan.Configuration);
        foreach (SwanctlCredentialFile file in plan.Files)
        {
            string folder = Path.Combine(daemon.Folder, file.Folder);
            Directory.CreateDirectory(folder, OwnerOnly);
            using FileStream stream = File.Create(Path.Combine(folder, file.Name));
            stream.Write(file.Content.Span);
        }
        await daemon.ConfigureAsync(new CharonSettings
        {
            Retransmission = plan.Retransmission,
            IkePort = plan.IkePort,
            NatTraversalPort = plan.NatTraversalPort,
            More = CharonRouting.Settings,
        });
    }

    /// <summary>charon gives up once a peer has refused it; a node of a lab tries again after the pause of its connection.</summary>
    async Task DialAsync(EndpointStatus status)
    {
        foreach (StrongSwanTunnel tunnel in plan.Tunnels.Where(tunnel => tunnel.Dials))
        {
            bool isDown = status.Tunnels.First(one => one.Connection == tunnel.Connection).State is TunnelState.Down or TunnelState.Failed;
            if (isDown && _clock.Elapsed < _dialAt[tunnel.Connection])
                continue;
            // The first time after a start delay; then so long after the tunnel was last seen up or coming up.
            if (isDown || status.Tunnels.Any(one => one.Connection == tunnel.Connection && one.State == TunnelState.Established))
                _dialAt[tunnel.Connection] = _clock.Elapsed + tunnel.Configuration.RetryDelay;
            foreach (string child in isDown ? tunnel.Children : [])
                await daemon.RunAsync("--initiate", "--ike", tunnel.Section, "--child", child, "--timeout", "-1");
        }
    }
}
