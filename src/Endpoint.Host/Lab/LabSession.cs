using System.Collections.Immutable;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Demo;
using Ipsec.EndpointHost.Netns;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Lab.Report;
using Ipsec.Lab.Run;
using Ipsec.Lab.Topology;
using Spectre.Console;

namespace Ipsec.EndpointHost.Lab;

/// <summary>Runs one lab and shows it: live, as lines, or as its JSON document.</summary>
static class LabSession
{
    static readonly TimeSpan DemoPingInterval = TimeSpan.FromSeconds(1);

    /// <returns>The exit code: 0 only if every expectation holds.</returns>
    public static Task<int> RunAsync(TopologyModel model, LabRunOptions options, CancellationToken cancellation) =>
        options.IsOnNamespaces ? NetnsSession.RunAsync(model, options, cancellation) : RunInMemoryAsync(model, options, cancellation);

    static async Task<int> RunInMemoryAsync(TopologyModel model, LabRunOptions options, CancellationToken cancellation)
    {
        NodePrograms.RequireOwn(model.Nodes);
        using CaptureFolder? capture = options.CaptureDirectory is string directory ? CaptureFolder.Open(directory) : null;
        using JournalFolder? journals = options.JournalDirectory is string folder ? JournalFolder.Open(folder) : null;
        using var run = new LabRun(model, new LabOptions
        {
            Seed = options.Seed,
            Duration = options.Duration,
            RepeatInterval = options.PingInterval ?? LabOptions.DefaultRepeatInterval,
            Recorder = capture,
            Journal = journals is null ? null : journals.Create,
            Misbehaviours = Misbehaviours(model, options),
        });
        return await RunAsync(model, run, options, cancellation);
    }

    /// <summary>Runs what has been built, on any fabric.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(TopologyModel model, LabRun run, LabRunOptions options, CancellationToken cancellation)
    {
        using AzureLogFolder? logs = options.AzureLogDirectory is string directory ? AzureLogFolder.Open(directory) : null;
        if (logs is not null)
            run.FollowLogs(logs.Write);
        var inbox = new LabInbox();
        await using ControlServer? control = options.TimeScale is null || options.File is null ? null : await OpenControlAsync(run, inbox, options.File);
        LabReport report = options.Json ? await RunQuietAsync(run, options, inbox, cancellation) : await RunShownAsync(model, run, options, inbox, cancellation);
        inbox.End();
        return report.Passed ? 0 : 1;
    }

    /// <summary>Null, and a line about it, where there cannot be one: the lab runs without.</summary>
    static async Task<ControlServer?> OpenControlAsync(LabRun run, LabInbox inbox, string file)
    {
        var control = new LabControl(run, inbox, file, TimeProvider.System);
        run.Occurred += control.Tell;
        try
        {
            return await ControlServer.StartAsync(ControlPaths.OfLab(run.Model.Name), control);
        }
        catch (UserErrorException refusal)
        {
            await Console.Error.WriteLineAsync($"warning: {refusal.Message} The lab runs without one.");
            return null;
        }
    }

    static ImmutableDictionary<string, string> Misbehaviours(TopologyModel model, LabRunOptions options)
    {
        ImmutableDictionary<string, string>.Builder byNode = ImmutableDictionary.CreateBuilder<string, string>();
        string[] labels = [.. model.Nodes.Select(model.LabelOf)];
        foreach (string[] parts in options.Misbehaviours.Select(text => text.Split('=')))
        {
            if (!labels.Contains(parts[0]))
                throw new UserErrorException($"--misbehave names the node {parts[0]}; the nodes are {string.Join(", ", labels)}.");
            if (!byNode.TryAdd(parts[0], parts[1]))
                throw new UserErrorException($"--misbehave names the node {parts[0]} twice; one misbehaviour for each node is taken.");
        }
        return byNode.ToImmutable();
    }

    static async Task<LabReport> RunQuietAsync(LabRun run, LabRunOptions options, LabInbox inbox, CancellationToken cancellation)
    {
        LabReport? report = null;
        await RunPhasesAsync(run, options, inbox, () => { }, () => { }, result =>
        {
            report = result;
            Console.Out.WriteLine(LabReportJson.Write(result));
        }, cancellation);
        return report!;
    }

    static async Task<LabReport> RunShownAsync(TopologyModel model, LabRun run, LabRunOptions options, LabInbox inbox, CancellationToken cancellation)
    {
        ILabScreen screen = Console.IsOutputRedirected ? new PlainScreen(Console.Out) : new TerminalScreen(AnsiConsole.Console);
        var narrator = new LabNarrator(model, screen);
        if (!options.IsQuiet)
            run.Occurred += narrator.Tell;
        narrator.Begin(options.IsOnNamespaces ? "on network namespaces" : $"in memory, seed {options.Seed}");
        LabReport? report = null;
        // The goodbye comes before the summary on the screen, and after it in the life of the tunnels.
        var summary = new LineBuffer();
        void Conclude(LabReport result)
        {
            report = result;
            LabSummary.WriteTunnels(summary, run, result);
        }
        void ShowVerdict()
        {
            screen.Write(Line.Empty);
            LabSummary.WriteExpectations(screen, run.CreateReport());
            string next = !options.Stays ? "Pings go on. Ctrl-C deletes the SAs and ends."
                : options.IsOnNamespaces ? "The lab stays, for lab exec and status. Ctrl-C or lab down deletes the SAs and ends."
                : $"The lab stays, for status and other verbs (--lab {model.Name}). Ctrl-C deletes the SAs and ends.";
            screen.Write(Line.Of(next, Tone.Strong));
            screen.Write(Line.Empty);
        }
        if (screen is TerminalScreen terminal && options.TimeScale is not null)
        {
            await AnsiConsole.Live(TunnelTable.Create(run, AnsiConsole.Console.Profile.Width)).AutoClear(true).StartAsync(async live =>
            {
                terminal.Live = live;
                await RunPhasesAsync(run, options, inbox, () => screen.Refresh(run), ShowVerdict, Conclude, cancellation);
                terminal.Live = null;
            });
        }
        else
        {
            await RunPhasesAsync(run, options, inbox, () => { }, ShowVerdict, Conclude, cancellation);
        }
        foreach (Line line in summary.Lines)
            screen.Write(line);
        screen.Write(Line.Empty);
        LabSummary.WriteExpectations(screen, report!);
        return report!;
    }

    /// <summary>Up to the verdict, on until Ctrl-C in the demo, then the goodbye.</summary>
    /// <param name="decided">Called in the demo when every expectation is decided.</param>
    /// <param name="conclude">Gets the report before the goodbye.</param>
    static async Task RunPhasesAsync(LabRun run, LabRunOptions options, LabInbox inbox, Action refresh, Action decided, Action<LabReport> conclude, CancellationToken cancellation)
    {
        run.Start();
        if (options.TimeScale is not double scale)
        {
            run.RunToEnd(cancellation);
            conclude(run.CreateReport());
            run.ShutdownToEnd();
            return;
        }
        var pacer = new LabPacer(run, TimeProvider.System, scale, refresh, inbox.TakeIn);
        await pacer.RunWhileAsync(() => !run.IsFinished, run.Limit, cancellation);
        if (options.IsDemo && !cancellation.IsCancellationRequested)
        {
            decided();
            await PingOnAsync(run, pacer, cancellation);
        }
        conclude(run.CreateReport());
        if (options.Stays && !cancellation.IsCancellationRequested)
        {
            decided();
            await pacer.RunWhileAsync(() => true, TimeSpan.MaxValue, cancellation);
        }
        run.Shutdown();
        await pacer.RunWhileAsync(() => !run.IsClosed, TimeSpan.MaxValue, CancellationToken.None);
    }

    static async Task PingOnAsync(LabRun run, LabPacer pacer, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            TimeSpan next = run.Now + DemoPingInterval;
            run.PingOnce();
            await pacer.RunWhileAsync(() => true, next, cancellation);
        }
    }
}
