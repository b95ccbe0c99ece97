using System.CommandLine;
using System.Globalization;
using Ipsec.Endpoint.Faults;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.Lab.Graph;
using Ipsec.Lab.Topology;
using Ipsec.Lab.Topology.Reading;

namespace Ipsec.EndpointHost.Lab;

/// <summary><c>lab run FILE</c>: a whole topology on a fabric.</summary>
static class LabCommand
{
    public static Command Create()
    {
        var lab = new VerbCommand("lab", "Run a whole topology in one process.", "ipsec-endpoint lab run samples/site-to-site.yaml");
        lab.Subcommands.Add(CreateRun());
        lab.Subcommands.Add(LabExecCommand.Create());
        lab.Subcommands.Add(LabDownCommand.Create());
        lab.Subcommands.Add(CreateGraph());
        return lab;
    }

    static VerbCommand CreateRun()
    {
        var file = new Argument<string>("FILE") { Description = "The topology file." };
        var json = new Option<bool>("--json") { Description = "Print the report as one JSON document and nothing else." };
        Option<TimeSpan?> duration = TimeOption("--for", "End after this much lab time (500ms, 10m, 1h30m, 24h), with the pings and fetches of the expectations repeated until then. "
            + "Without it the run ends when every expectation is decided.");
        Option<TimeSpan?> interval = TimeOption("--ping-interval", "With --for: repeat the pings this often, every minute by default; fetches are repeated every minute at most.");
        var capture = new Option<string?>("--capture") { Description = "Write one pcap for each wire and Wireshark's key tables into this folder.", HelpName = "DIR" };
        var journal = new Option<string?>("--journal")
        {
            Description = "Write what each node's engine saw and did into this folder, for a replay. Whoever reads it reads the traffic.",
            HelpName = "DIR",
        };
        var azureLogs = new Option<string?>("--azure-logs")
        {
            Description = "Append the gateways' log lines, as Azure's diagnostic settings have them, to one file for each category in this folder.",
            HelpName = "DIR",
        };
        var misbehave = new Option<string[]>("--misbehave")
        {
            Description = "Let a node do something wrong with every message, or with its Nth: "
                + $"{string.Join(", ", MisbehaviourCatalogue.All.Select(entry => entry.Name))}.",
            HelpName = "NODE=NAME[:N]",
        };
        misbehave.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                string[] parts = text.Split('=');
                if (parts.Length != 2)
                    result.AddError($"--misbehave takes NODE=NAME or NODE=NAME:N, not '{text}'.");
                else if (!MisbehaviourCatalogue.TryCreate(parts[1], out _, out string? error))
                    result.AddError($"--misbehave: {error}");
            }
        });
        var seed = new Option<ulong>("--seed")
        {
            Description = "All randomness of the run; the same seed gives the same octets on every wire. 0 by default.",
            HelpName = "N",
            CustomParser = result =>
            {
                if (ulong.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
                    return number;
                result.AddError($"--seed takes a number from 0 to {ulong.MaxValue}, not '{result.Tokens[0].Value}'.");
                return 0;
            },
        };
        var timeScale = new Option<double?>("--time-scale")
        {
            Description = "Seconds of lab time in a second of real time. Without it lab time is virtual and passes as fast as it can.",
            HelpName = "X",
            CustomParser = result =>
            {
                if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double scale) && scale is > 0 and <= 1_000_000)
                    return scale;
                result.AddError($"--time-scale takes a number above 0 and up to 1000000, not '{result.Tokens[0].Value}'.");
                return null;
            },
        };
        var fabric = new Option<string>("--fabric")
        {
            Description = "Where the topology runs: memory (the default) is one process without privileges; netns is this machine's kernel, with a network namespace for each node and host, and needs root.",
            HelpName = "memory|netns",
            DefaultValueFactory = _ => "memory",
        };
        var stay = new Option<bool>("--stay") { Description = "Leave the lab running after the verdict, for status and other verbs and on netns for lab exec, until Ctrl-C or lab down. In memory with --time-scale." };
        var quiet = new Option<bool>("--quiet")
        {
            Description = "Leave out the messages and packets: the tunnels, what failed and why, and the expectations only.",
        };
        var perfect = new Option<bool>("--perfect-wires") { Description = "On netns: leave out delays, jitter, duplicates and reordering of the file's wires, which need the kernel's netem." };
        var strongSwan = new Option<string[]>("--strongswan")
        {
            Description = "On netns: strongSwan plays this node in place of this stack, a gateway with all its instances; as kind: strongswan does for a device. May be given several times.",
            HelpName = "NODE",
        };
        fabric.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("memory" or "netns") and string other }])
                result.AddError($"--fabric takes memory or netns, not '{other}'.");
        });
        interval.Validators.Add(result =>
        {
            if (result.GetResult(duration) is null)
                result.AddError("--ping-interval goes with --for: without it each expectation is decided once.");
        });
        var run = new VerbCommand("run", "Run a topology file and check its expectations. Exit code 0 only if all of them hold.",
            "ipsec-endpoint lab run samples/site-to-site.yaml",
            "ipsec-endpoint lab run samples/site-to-site.yaml --json --for 9h --capture /tmp/lab")
        { file, json, duration, interval, capture, journal, azureLogs, misbehave, seed, timeScale, fabric, stay, perfect, strongSwan, quiet };
        run.Validators.Add(result =>
        {
            bool isOnNamespaces = result.GetValue(fabric) == "netns";
            foreach (Option option in isOnNamespaces ? (Option[])[journal, misbehave, seed, timeScale] : [perfect, strongSwan])
            {
                if (result.GetResult(option) is { Implicit: false })
                    result.AddError(isOnNamespaces ? $"{option.Name} goes with --fabric memory: on netns the time and the kernel are real." : $"{option.Name} goes with --fabric netns.");
            }
        });
        run.Validators.Add(result =>
        {
            if (result.GetResult(stay) is { Implicit: false } && result.GetValue(fabric) != "netns" && result.GetResult(timeScale) is not { Implicit: false })
                result.AddError("--stay goes with --time-scale, or with --fabric netns: virtual time passes as fast as it can.");
        });
        run.SetAction((parsed, cancellation) => LabSession.RunAsync(NodePrograms.WithStrongSwan(Load(parsed.GetRequiredValue(file)), parsed.GetValue(strongSwan) ?? []), new LabRunOptions
        {
            Json = parsed.GetValue(json),
            Duration = parsed.GetValue(duration),
            PingInterval = parsed.GetValue(interval),
            CaptureDirectory = parsed.GetValue(capture),
            JournalDirectory = parsed.GetValue(journal),
            AzureLogDirectory = parsed.GetValue(azureLogs),
            Misbehaviours = parsed.GetValue(misbehave) ?? [],
            Seed = parsed.GetValue(seed),
            TimeScale = parsed.GetValue(fabric) == "netns" ? 1 : parsed.GetValue(timeScale),
            File = parsed.GetRequiredValue(file),
            IsOnNamespaces = parsed.GetValue(fabric) == "netns",
            Stays = parsed.GetValue(stay),
            PerfectWires = parsed.GetValue(perfect),
            IsQuiet = parsed.GetValue(quiet),
        }, cancellation));
        return run;
    }

    static Option<TimeSpan?> TimeOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            if (ScalarText.TryDuration(result.Tokens[0].Value, out TimeSpan time) && time > TimeSpan.Zero)
                return time;
            result.AddError($"{name} takes a time above zero like 500ms, 10m, 1h30m or 24h, not '{result.Tokens[0].Value}'.");
            return null;
        },
    };

    static VerbCommand CreateGraph()
    {
        var file = new Argument<string>("FILE") { Description = "The topology file." };
        var output = new Option<string?>("--output") { Description = "Write into this file instead of to the terminal.", HelpName = "FILE" };
        var format = new Option<string>("--format") { Description = "svg or mermaid. svg by default.", HelpName = "svg|mermaid", DefaultValueFactory = _ => "svg" };
        format.AcceptOnlyFromAmong("svg", "mermaid");
        var graph = new VerbCommand("graph", "Draw a topology: networks, gateways, devices, hosts, and the links between them.",
            "ipsec-endpoint lab graph samples/site-to-site.yaml --output site-to-site.svg",
            "ipsec-endpoint lab graph samples/site-to-site.yaml --format mermaid")
        { file, output, format };
        graph.Validators.Add(result =>
        {
            if (result.GetValue(output) is string path && Path.GetExtension(path).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg" or ".gif" or ".pdf")
            {
                result.AddError($"lab graph writes SVG, or with --format mermaid text, and no {Path.GetExtension(path)[1..].ToUpperInvariant()}; "
                    + "name --output something like lab.svg.");
            }
        });
        graph.SetAction(parsed =>
        {
            TopologyModel model = Load(parsed.GetRequiredValue(file));
            string drawing = parsed.GetValue(format) == "svg" ? TopologyDrawing.ToSvg(model) : TopologyDrawing.ToMermaid(model);
            if (parsed.GetValue(output) is string path)
                FileText.Write(path, drawing);
            else
                Console.Out.Write(drawing);
        });
        return graph;
    }

    static TopologyModel Load(string file)
    {
        TopologyModel model = NodeFile.LoadTopology(file);
        foreach (TopologyError warning in model.Warnings)
            Console.Error.WriteLine($"warning: {warning}");
        return model;
    }
}
