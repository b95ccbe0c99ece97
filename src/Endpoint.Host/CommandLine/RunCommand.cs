using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Hosting;
using Ipsec.Net;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.CommandLine;

/// <summary><c>run FILE --node NAME</c>: one node on real sockets until it is stopped.</summary>
static class RunCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The topology file." };
        var node = new Option<string?>("--node") { Description = "The node to run: a gateway's or a site's name. May be left out where the file has one node only.", HelpName = "NAME" };
        var instance = new Option<string?>("--instance") { Description = "The gateway instance, 0 (the default) or 1, or all of them in this process.", HelpName = "0|1|all" };
        instance.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("0" or "1" or "all") and string other }])
                result.AddError($"--instance takes '0', '1' or 'all', not '{other}'.");
        });
        var control = new Option<string?>("--control") { Description = "Where the control socket is made; by default ipsec-endpoint/TOPOLOGY.NODE.sock below $XDG_RUNTIME_DIR or /run.", HelpName = "PATH" };
        var inner = new Option<InnerKind>("--inner")
        {
            Description = "The protected side: a TUN device (the default), or the file's virtual hosts in this process (no privileges).",
            HelpName = "tun|virtual",
            CustomParser = result =>
            {
                if (TryParseName(result.Tokens[0].Value, out InnerKind kind))
                    return kind;
                result.AddError($"--inner takes 'tun' or 'virtual', not '{result.Tokens[0].Value}'.");
                return default;
            },
        };
        var tun = new Option<string>("--tun") { Description = "The TUN device's name; %d becomes the first free number.", HelpName = "NAME", DefaultValueFactory = _ => "ipsec%d" };
        var keyLog = new Option<string?>("--key-log") { Description = "Append every key to Wireshark's tables in this folder. Whoever reads them reads the traffic.", HelpName = "DIR" };
        var azureLogs = new Option<string?>("--azure-logs")
        {
            Description = "Append a gateway's log lines, as Azure's diagnostic settings have them, to one file for each category in this folder.",
            HelpName = "DIR",
        };
        var local = new Option<IpAddress[]>("--local")
        {
            Description = "The address to bind to, where this machine has another one than the file says (behind a NAT). With --instance all once for each instance, in their order.",
            HelpName = "ADDRESS",
            CustomParser = result =>
            {
                var addresses = new List<IpAddress>();
                foreach (string text in result.Tokens.Select(token => token.Value))
                {
                    if (IpAddress.TryParse(text, out IpAddress address))
                        addresses.Add(address);
                    else
                        result.AddError($"--local takes an IPv4 or IPv6 address, not '{text}'.");
                }
                return [.. addresses];
            },
        };
        var firstNumber = new Option<ulong>("--initial-sequence-number")
        {
            Description = "New SAs send as if this many packets had gone before: what happens where 32 bits end can be seen in a minute.",
            HelpName = "N",
            CustomParser = result =>
            {
                if (ulong.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
                    return number;
                result.AddError($"--initial-sequence-number takes a number from 0 to {ulong.MaxValue}, not '{result.Tokens[0].Value}'.");
                return 0;
            },
        };
        var queues = new Option<int>("--queues")
        {
            Description = "Threads that move packets, each with a queue of the TUN device and of the NAT traversal port: 'auto' (the default) is one for each processor, up to 8.",
            HelpName = "auto|N",
            DefaultValueFactory = _ => RunOptions.AutomaticWorkers,
            CustomParser = result => result.Tokens[0].Value == "auto" ? RunOptions.AutomaticWorkers
                : Number(result, 1, RunOptions.MostWorkers, "'auto' or a number"),
        };
        var busyPoll = new Option<int>("--busy-poll")
        {
            Description = "Microseconds for which such a thread asks for more packets before it sleeps: less latency, for up to a whole processor each. 0 (the default) sleeps at once.",
            HelpName = "MICROSECONDS",
            CustomParser = result => Number(result, 0, RunOptions.LongestBusyPollMicroseconds, "a number"),
        };
        var logLevel = new Option<LogLevel>("--log-level")
        {
            Description = "What is logged: debug (every message), information (the default), warning or error.",
            HelpName = "LEVEL",
            DefaultValueFactory = _ => LogLevel.Information,
            CustomParser = result =>
            {
                if (TryParseName(result.Tokens[0].Value, out LogLevel level) && level is >= LogLevel.Debug and <= LogLevel.Error)
                    return level;
                result.AddError($"--log-level takes 'debug', 'information', 'warning' or 'error', not '{result.Tokens[0].Value}'.");
                return default;
            },
        };
        var logJson = new Option<bool>("--log-json") { Description = "Log one JSON document per line." };
        var run = new VerbCommand("run", "Run one node of a topology file on real UDP ports until it is stopped. SIGTERM and Ctrl-C delete the SAs first; SIGHUP reads the file again.",
            "ipsec-endpoint run samples/site-to-site.yaml --node branch",
            "ipsec-endpoint run samples/site-to-site.yaml --node hub-gw --inner virtual --local 127.0.0.1",
            "ipsec-endpoint run samples/topologies/05-active-active.yaml --node hub-gw --instance all")
        { file, node, instance, control, inner, tun, keyLog, azureLogs, local, firstNumber, queues, busyPoll, logLevel, logJson };
        run.SetAction(async (parsed, cancellation) =>
        {
            var options = new RunOptions(parsed.GetRequiredValue(file), parsed.GetValue(node), InstanceNumber(parsed.GetValue(instance)), parsed.GetValue(control),
                parsed.GetValue(tun)!, parsed.GetValue(inner), parsed.GetValue(keyLog), [.. parsed.GetValue(local) ?? []],
                parsed.GetValue(firstNumber))
            {
                AllInstances = parsed.GetValue(instance) == "all",
                AzureLogDirectory = parsed.GetValue(azureLogs),
                Workers = parsed.GetValue(queues),
                BusyPoll = TimeSpan.FromMicroseconds(parsed.GetValue(busyPoll)),
                LogLevel = parsed.GetValue(logLevel),
                LogJson = parsed.GetValue(logJson),
            };
            await NodeApplication.RunAsync(options, cancellation);
            return 0;
        });
        return run;
    }

    static int Number(ArgumentResult result, int least, int most, string accepted)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
            return number;
        result.AddError($"{((OptionResult)result.Parent!).Option.Name} takes {accepted} from {least} to {most}, not '{result.Tokens[0].Value}'.");
        return least;
    }

    static int? InstanceNumber(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    /// <summary>By name only: Enum.TryParse takes the numbers behind the names as well.</summary>
    static bool TryParseName<T>(string text, out T value) where T : struct, Enum =>
        Enum.TryParse(text, ignoreCase: true, out value) && Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase);
}
