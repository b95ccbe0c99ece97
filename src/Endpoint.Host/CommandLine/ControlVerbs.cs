using System.CommandLine;
using System.Text.Json;
using Ipsec.EndpointHost.Control;

namespace Ipsec.EndpointHost.CommandLine;

/// <summary>The verbs that ask and tell a running host.</summary>
static class ControlVerbs
{
    const double DefaultWaitSeconds = 30;

    public static IEnumerable<Command> Create() => [Status(), Initiate(), Rekey(), Terminate(), Redirect(), .. GatewayVerbs.Create(), Reload(), Watch()];

    static Command Status()
    {
        var json = JsonOption();
        var azure = new Option<bool>("--azure") { Description = "Print what Azure would say about the gateway and its connections, as JSON: connectionStatus, tunnelConnectionStatus, IKE SAs, logs." };
        var verb = new VerbCommand("status", "Show the tunnels, SAs and counters of a running host.",
            "ipsec-endpoint status", "ipsec-endpoint status --node branch --json", "ipsec-endpoint status --node hub-gw --azure") { json, azure };
        return Run(verb, async (client, parsed, cancellation) =>
        {
            if (parsed.GetValue(azure))
            {
                AzureDocument gateways = await client.GetAzureAsync(cancellation);
                await parsed.InvocationConfiguration.Output.WriteLineAsync(JsonSerializer.Serialize(gateways, AzureJson.Indented.AzureDocument));
                return 0;
            }
            StatusDocument status = await client.GetStatusAsync(cancellation);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
                await output.WriteLineAsync(JsonSerializer.Serialize(status, ControlJson.Indented.StatusDocument));
            else
                StatusTable.Write(status, output);
            return 0;
        });
    }

    static Command Initiate()
    {
        (Argument<string> connection, Option<string?> child, Option<double> wait, Option<bool> json) = (ConnectionArgument(), ChildOption(), WaitOption(), JsonOption());
        var verb = new VerbCommand("initiate", "Bring up a connection and wait until it is up.",
            "ipsec-endpoint initiate hub-to-branch", "ipsec-endpoint initiate hub-to-branch --wait 0") { connection, child, wait, json };
        return Tell(verb, "initiate", json, parsed => new CommandRequest(parsed.GetValue(connection), parsed.GetValue(child), WaitSeconds: parsed.GetValue(wait)));
    }

    static Command Rekey()
    {
        var what = new Argument<string>("WHAT") { Description = "ike: the IKE SA; child: its child SAs." };
        what.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("ike" or "child") } token])
                result.AddError($"rekey takes 'ike' or 'child', not '{token.Value}'.");
        });
        (Argument<string> connection, Option<string?> child, Option<double> wait, Option<bool> json) = (ConnectionArgument(), ChildOption(), WaitOption(), JsonOption());
        var verb = new VerbCommand("rekey", "Rekey the IKE SA or the child SAs of a connection and wait until that is done.",
            "ipsec-endpoint rekey child hub-to-branch", "ipsec-endpoint rekey ike hub-to-branch") { what, connection, child, wait, json };
        return Tell(verb, "rekey", json, parsed => new CommandRequest(parsed.GetValue(connection), parsed.GetValue(child), parsed.GetValue(what), WaitSeconds: parsed.GetValue(wait)));
    }

    static Command Terminate()
    {
        (Argument<string> connection, Option<double> wait, Option<bool> json) = (ConnectionArgument(), WaitOption(), JsonOption());
        var verb = new VerbCommand("terminate", "Delete the SAs of a connection. It stays down until it is initiated again: by a command, by the peer or by traffic.",
            "ipsec-endpoint terminate hub-to-branch") { connection, wait, json };
        return Tell(verb, "terminate", json, parsed => new CommandRequest(parsed.GetValue(connection), WaitSeconds: parsed.GetValue(wait)));
    }

    static Command Redirect()
    {
        var target = new Argument<string>("TARGET") { Description = "The other gateway: its address or its DNS name." };
        (Argument<string> connection, Option<double> wait, Option<bool> json) = (ConnectionArgument(), WaitOption(), JsonOption());
        var verb = new VerbCommand("redirect", "Send the peers of a connection to another gateway (RFC 5685) and wait until one has gone. Only a peer that began the IKE SA and follows redirections is sent.",
            "ipsec-endpoint redirect road-warriors 203.0.113.6", "ipsec-endpoint redirect road-warriors gw2.example.com --wait 0") { connection, target, wait, json };
        return Tell(verb, "redirect", json, parsed => new CommandRequest(parsed.GetValue(connection), Target: parsed.GetValue(target), WaitSeconds: parsed.GetValue(wait)));
    }

    static Command Reload()
    {
        Option<bool> json = JsonOption();
        var verb = new VerbCommand("reload", "Let a running host read its topology file again. Tunnels that did not change keep running; a bad file changes nothing.",
            "ipsec-endpoint reload --node branch") { json };
        return Tell(verb, "reload", json, _ => new CommandRequest(null));
    }

    static Command Watch()
    {
        Option<bool> json = JsonOption();
        var verb = new VerbCommand("watch", "Show the events of a running host as they happen, until it stops or Ctrl-C.",
            "ipsec-endpoint watch", "ipsec-endpoint watch --json") { json };
        return Run(verb, async (client, parsed, cancellation) =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            try
            {
                await foreach (string line in client.WatchAsync(cancellation))
                {
                    await output.WriteLineAsync(parsed.GetValue(json) ? line : Plain(line));
                    await output.FlushAsync(cancellation);
                }
            }
            catch (OperationCanceledException)
            {
                // Ctrl-C is how a watch ends.
            }
            return 0;
        });
    }

    static string Plain(string line)
    {
        EventDocument document = JsonSerializer.Deserialize(line, EventJson.Default.EventDocument)!;
        string connection = document.Connection is null ? "" : $"{document.Connection}: ";
        return $"{document.Time:HH:mm:ss.fff} {connection}{document.Text}";
    }

    public static Command Tell(Command verb, string name, Option<bool> json, Func<ParseResult, CommandRequest> request) => Run(verb, async (client, parsed, cancellation) =>
    {
        CommandResponse response = await client.CommandAsync(name, request(parsed), cancellation);
        if (parsed.GetValue(json))
            await parsed.InvocationConfiguration.Output.WriteLineAsync(JsonSerializer.Serialize(response, ControlJson.Indented.CommandResponse));
        else if (response.Ok)
            await parsed.InvocationConfiguration.Output.WriteLineAsync(response.Message);
        else
            await parsed.InvocationConfiguration.Error.WriteLineAsync(response.Message);
        return response.Ok ? 0 : 1;
    });

    public static Command Run(Command verb, Func<ControlClient, ParseResult, CancellationToken, Task<int>> action)
    {
        var control = new ControlOptions();
        control.AddTo(verb);
        verb.SetAction(async (parsed, cancellation) =>
        {
            using ControlClient client = control.Connect(parsed);
            return await action(client, parsed, cancellation);
        });
        return verb;
    }

    public static Argument<string> ConnectionArgument() => new("CONNECTION") { Description = "The connection's name in the topology file." };

    static Option<string?> ChildOption() => new("--child") { Description = "One child SA only, by its name in the status.", HelpName = "NAME" };

    public static Option<double> WaitOption() => new("--wait")
    {
        Description = "How long to wait for the outcome, 0 to 600; 0 does not wait.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => DefaultWaitSeconds,
    };

    public static Option<bool> JsonOption() => new("--json") { Description = "Print JSON for programs (docs/control-api.md)." };
}
